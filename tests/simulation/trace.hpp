#pragma once
// What happened in a run, as a hash that two runs of a seed share, and as lines where somebody reads them.

#include <fmt/core.h>

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace sluice::simulation {

class Trace {
public:
    explicit Trace(bool prints) : prints_(prints) {}

    /// Numbers and texts go into the hash as they are; the line is only made where it is printed.
    template <class... Values>
    void note(std::int64_t at_ms, const char* what, const Values&... values) {
        mix(static_cast<std::uint64_t>(at_ms));
        mix(std::string_view(what));
        (mix(values), ...);
        if (!prints_) return;
        std::string line = fmt::format("{:>12.3f}  {}", static_cast<double>(at_ms) / 1'000, what);
        ((line += fmt::format(" {}", values)), ...);
        line += '\n';
        std::fputs(line.c_str(), stdout);
    }
    std::uint64_t hash() const { return hash_; }
    bool prints() const { return prints_; }

private:
    void mix(std::string_view text) {
        for (const char c : text) step(static_cast<unsigned char>(c));
        step(0xff);
    }
    void mix(std::uint64_t number) {
        for (; number != 0; number >>= 8) step(number & 0xff);
        step(0xfe);
    }
    void mix(std::int64_t number) { mix(static_cast<std::uint64_t>(number)); }
    void mix(int number) { mix(static_cast<std::uint64_t>(static_cast<std::int64_t>(number))); }
    void step(std::uint64_t byte) { hash_ = (hash_ ^ byte) * 0x100000001b3ULL; }

    bool prints_;
    std::uint64_t hash_ = 0xcbf29ce484222325ULL;
};

}  // namespace sluice::simulation
