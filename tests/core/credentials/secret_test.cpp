#include "core/credentials/secret.hpp"

#include <gmock/gmock.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

namespace sluice {
namespace {

std::string secret_file(const std::string& content, mode_t mode) {
    const std::string path = testing::TempDir() + "/secret_" + std::to_string(mode) + std::to_string(content.size());
    ::chmod(path.c_str(), 0600);
    std::ofstream(path) << content;
    ::chmod(path.c_str(), mode);
    return path;
}

Result<Secret> read(const std::string& path) {
    return read_secret({.kind = SecretSource::Kind::file, .name = path});
}

TEST(Secret, ComesFromAFileWithoutItsLastLineBreak) {
    const auto secret = read(secret_file(" hush\n", 0600));
    ASSERT_TRUE(secret) << secret.error().message;
    EXPECT_EQ(secret->reveal(), " hush");
}

TEST(Secret, RefusesAFileThatOthersMayRead) {
    const auto secret = read(secret_file("hush-hush\n", 0640));
    ASSERT_FALSE(secret);
    EXPECT_THAT(secret.error().message, testing::AllOf(testing::HasSubstr("0640"), testing::HasSubstr("chmod 600"),
                                                       testing::Not(testing::HasSubstr("hush-hush"))));
}

TEST(Secret, SaysWhatIsMissing) {
    EXPECT_THAT(read("/nowhere/key").error().message, testing::HasSubstr("/nowhere/key: No such file"));
    EXPECT_THAT(read(secret_file("\n", 0600)).error().message, testing::HasSubstr("empty"));
    EXPECT_THAT(read(testing::TempDir()).error().message, testing::HasSubstr("not a regular file"));
    const std::string fifo = testing::TempDir() + "/secret_fifo";
    ::unlink(fifo.c_str());
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    EXPECT_THAT(read(fifo).error().message, testing::HasSubstr("not a regular file"))
        << "and it does not wait for a writer";
    ::unsetenv("SLUICE_TEST_SECRET");
    const SecretSource variable{.kind = SecretSource::Kind::environment, .name = "SLUICE_TEST_SECRET"};
    EXPECT_THAT(read_secret(variable).error().message, testing::HasSubstr("SLUICE_TEST_SECRET is not set"));
    ::setenv("SLUICE_TEST_SECRET", "x", 1);
    EXPECT_EQ(read_secret(variable)->reveal(), "x");
}

}  // namespace
}  // namespace sluice
