#pragma once
// A broker's message as a value: which event is it?

#include "core/journal/types.hpp"
#include "host/plugins/plugin_handler.hpp"
#include "host/queue/source.hpp"

namespace sluice::host {

/// Reads the event by the contract's `queue`, as a webhook's body is read (host/ingress/event_reader.hpp). Templates
/// see the message's place as headers: Nats-Subject, Nats-Stream and Nats-Sequence. It happened when the broker took
/// it.
///
/// Without an `event_id` the id is "queue:FLOW:STREAM:SEQUENCE:STORED_AT_NS": the flow, since two may read one stream;
/// the time, since a stream that is made anew counts from 1 again. What cannot be an event, or is more than the journal
/// keeps, is one with `dead_letter_reason`, and "unreadable:" and that place as its id and key.
journal::NewEvent read_message(const Connector& connector, const contract::Flow& flow, QueueMessage message);

}  // namespace sluice::host
