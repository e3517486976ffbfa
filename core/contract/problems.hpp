#pragma once
// Collects what is wrong in one TOML text, so that a person sees everything at once.

#include <string>
#include <string_view>
#include <vector>

#include "core/contract/contract.hpp"

namespace sluice::contract {

/// One owner, one thread.
class Problems {
public:
    /// `file` is the name used in messages.
    explicit Problems(std::string_view file) : file_(file) {}

    /// Line and column count from 1; 0 where unknown.
    void add(int line, int column, std::string message);
    bool empty() const { return problems_.empty(); }
    /// Everything collected, in the order of the text.
    std::vector<Problem> take();

private:
    std::string file_;
    std::vector<Problem> problems_;
};

/// "`a`, `b` or `c`".
std::string list_names(const std::vector<std::string>& names);

}  // namespace sluice::contract
