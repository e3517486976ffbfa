#include "core/credentials/secret.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <cstring>

namespace sluice {
namespace {

constexpr std::size_t max_secret_bytes = 64 * 1024;

std::unexpected<Error> file_problem(const std::string& path, std::string_view what) {
    return fail(Failure::invalid, fmt::format("secret file {}: {}", path, what));
}

Result<Secret> read_file(const std::string& path) {
    const int file =
        ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO must not make us wait for a writer
    if (file < 0) return file_problem(path, std::strerror(errno));
    struct Closer {
        int file;
        ~Closer() { ::close(file); }
    } const closer{file};

    struct stat info {};
    if (::fstat(file, &info) != 0) return file_problem(path, std::strerror(errno));
    if (!S_ISREG(info.st_mode)) return file_problem(path, "not a regular file");
    if ((info.st_mode & 0077U) != 0) {
        return file_problem(path,
                            fmt::format("mode {:04o} lets others read it; chmod 600 {}", info.st_mode & 0777U, path));
    }
    std::string content;
    std::array<char, 4096> buffer{};
    while (true) {
        const ssize_t got = ::read(file, buffer.data(), buffer.size());
        if (got < 0) return file_problem(path, std::strerror(errno));
        if (got == 0) break;
        content.append(buffer.data(), static_cast<std::size_t>(got));
        if (content.size() > max_secret_bytes) return file_problem(path, "larger than 64 KiB");
    }
    OPENSSL_cleanse(buffer.data(), buffer.size());
    if (content.ends_with('\n')) content.pop_back();
    if (content.ends_with('\r')) content.pop_back();
    if (content.empty()) return file_problem(path, "empty");
    return Secret(std::move(content));
}

}  // namespace

Secret::~Secret() {
    OPENSSL_cleanse(value_.data(), value_.size());
}

Result<Secret> read_secret(const SecretSource& source) {
    if (source.kind == SecretSource::Kind::file) return read_file(source.name);
    const char* value = std::getenv(source.name.c_str());
    if (value == nullptr || *value == '\0') {
        return fail(Failure::invalid,
                    fmt::format("environment variable {} is {}", source.name, value ? "empty" : "not set"));
    }
    return Secret(value);
}

}  // namespace sluice
