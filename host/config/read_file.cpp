#include "host/config/read_file.hpp"

#include <fmt/format.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

namespace sluice::host {

Result<std::string> read_file(const std::filesystem::path& file) {
    std::error_code error;
    const bool is_folder = std::filesystem::is_directory(file, error);
    errno = 0;
    std::ifstream in(file, std::ios::binary);
    const int opened = errno;
    if (in && !is_folder) {
        std::string text{std::istreambuf_iterator<char>(in), {}};
        if (!in.bad()) return text;
    }
    const std::string why =
        is_folder ? "it is a folder" : std::error_code(opened != 0 ? opened : EIO, std::generic_category()).message();
    return fail(Failure::invalid, fmt::format("{}: cannot be read ({})", file.string(), why));
}

}  // namespace sluice::host
