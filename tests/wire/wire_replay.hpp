#pragma once
// Replays a folder of recorded exchanges against the simulator and compares status, shape and error name.

#include <filesystem>
#include <string>
#include <vector>

namespace sluice::wire {

struct Outcome {
    enum class Kind { matched, differing, not_claimed };
    std::string name;
    Kind kind = Kind::matched;
    std::string detail;
};

struct Report {
    int version = 0;
    std::size_t context = 0;  // exchanges replayed for what they leave behind, not compared
    std::vector<Outcome> outcomes;

    std::size_t count(Outcome::Kind kind) const;
    // "17: N matched, M differing, K not claimed" and the names of the last two kinds.
    std::string text() const;
};

// `context` may hold other exchanges of the same recording (tests/data/odoo_wire/17): a folder that is a part of it
// refers to records which those made. They are replayed in between, in the order of the file names, and not counted.
Report replay_folder(const std::filesystem::path& folder, const std::filesystem::path& context = {});

std::size_t count_exchanges(const std::filesystem::path& folder);

// The version a folder's exchanges were recorded from, 0 when it holds none.
int version_of(const std::filesystem::path& folder);

}  // namespace sluice::wire
