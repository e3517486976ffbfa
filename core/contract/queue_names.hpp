#pragma once
// What NATS takes as the name of a stream, of a durable consumer and as a subject.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sluice::contract {

/// Of streams and consumers, in bytes (nats-server's JSMaxNameLen is 256).
inline constexpr std::size_t max_queue_name_bytes = 255;

/// Why this is no name of a stream or a durable consumer; nothing where it is one.
std::optional<std::string> queue_name_problem(std::string_view name);

/// Why this is no subject to filter a stream by ("orders.*.created", "orders.>"); nothing where it is one.
std::optional<std::string> subject_problem(std::string_view subject);

/// Whether one message could match both; "" matches every one.
bool subjects_overlap(std::string_view left, std::string_view right);

}  // namespace sluice::contract
