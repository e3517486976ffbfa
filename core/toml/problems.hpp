#pragma once
// Collects what is wrong in one TOML text, so that a person sees everything at once.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sluice::toml {

/// Where something stands in a text. Line and column count from 1; 0 where it stands nowhere.
struct Place {
    int line = 0, column = 0;
    int file = 0;  ///< of the texts that were read together: the number of its name in Problems
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
    explicit Problems(std::string_view file) : files_{std::string(file)} {}
    /// Of several texts: `files[place.file]` is the name. At least one.
    explicit Problems(std::vector<std::string> files) : files_(std::move(files)) {}

    void add(Place place, std::string message);
    bool empty() const { return problems_.empty(); }
    /// Everything collected, in the order of the texts.
    std::vector<Problem> take();

private:
    struct Found {
        Place place;
        std::string message;
    };
    std::vector<std::string> files_;
    std::vector<Found> problems_;
};

}  // namespace sluice::toml
