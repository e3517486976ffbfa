#pragma once
// Collects what is wrong in one TOML text, so that a person sees everything at once.

#include <string>
#include <string_view>
#include <vector>

namespace sluice::toml {

/// Where something stands in a text. Both count from 1; 0 where it stands nowhere.
struct Place {
    int line = 0, column = 0;
};

/// Something wrong in a TOML text, for `sluice check`.
struct Problem {
    std::string file;
    int line = 0, column = 0;  ///< as in Place
    std::string message;

    /// "shopify.contract.toml:12:5: unknown key `topcis`; did you mean `topics`?"; only the file before the message
    /// where the problem is with no line of it.
    std::string to_string() const;
};

/// One owner, one thread.
class Problems {
public:
    /// `file` is the name used in messages.
    explicit Problems(std::string_view file) : file_(file) {}

    void add(Place place, std::string message);
    bool empty() const { return problems_.empty(); }
    /// Everything collected, in the order of the text.
    std::vector<Problem> take();

private:
    std::string file_;
    std::vector<Problem> problems_;
};

}  // namespace sluice::toml
