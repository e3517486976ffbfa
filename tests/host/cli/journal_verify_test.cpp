// The real command kills the real program; and programs that lie about what they made durable are found out.

#include "host/cli/journal_verify.hpp"

#include <gmock/gmock.h>

#include <fstream>
#include <sstream>

#include "host/cli/command_line.hpp"
#include "tests/core/journal/temporary_journal.hpp"

namespace sluice::host {
namespace {

using testing::HasSubstr;

class Verify : public testing::Test {
protected:
    int verify(const std::filesystem::path& program, int crashes) {
        return verify_by_crashing({.crashes = crashes, .folder = folder_.path(), .program = program, .seed = 1}, out_,
                                  errors_);
    }
    /// A program that says these lines and waits to be killed.
    std::filesystem::path liar(const std::string& script) {
        const auto file = programs_.path() / "liar";
        std::ofstream(file) << "#!/bin/sh\n# $4 is the journal's file\n" << script << "\nexec sleep 300\n";
        std::filesystem::permissions(file, std::filesystem::perms::owner_all);
        return file;
    }
    bool is_kept() const { return !std::filesystem::is_empty(folder_.path()); }

    journal::testing::TemporaryFolder folder_, programs_;
    std::ostringstream out_, errors_;
};

TEST_F(Verify, ThisProgramLosesNothingHere) {
    // More than one file's worth, so that a journal is killed while it is made more than once.
    EXPECT_EQ(verify(SLUICE_PROGRAM, 12), exit_done) << errors_.str();
    EXPECT_THAT(out_.str(), HasSubstr("12 by SIGKILL"));
    EXPECT_THAT(out_.str(), HasSubstr("0 lost, 0 doubled, 0 damaged"));
    EXPECT_THAT(out_.str(), testing::ContainsRegex("appended events +[1-9][0-9]* acknowledged"));
    EXPECT_THAT(out_.str(), testing::ContainsRegex("finished events +[1-9][0-9]* acknowledged"));
    EXPECT_THAT(out_.str(), HasSubstr("not a power loss"));
    EXPECT_EQ(errors_.str(), "");
    EXPECT_FALSE(is_kept());
}

TEST_F(Verify, AnAcknowledgementThatWasNotDurableIsFound) {
    EXPECT_EQ(verify(liar("echo opened; echo 'appended c1.w0.b0.1/1'"), 50), exit_failed);
    EXPECT_THAT(errors_.str(), HasSubstr("lost: event c1.w0.b0.1/1 was acknowledged and is not there"));
    EXPECT_THAT(errors_.str(), HasSubstr("NOT proved"));
    EXPECT_THAT(out_.str(), testing::Not(HasSubstr("proved\n")));
    EXPECT_TRUE(is_kept());
}

TEST_F(Verify, AJournalThatDoesNotOpenAnyMoreIsFound) {
    EXPECT_EQ(verify(liar("head -c 20000 /dev/zero | tr '\\0' x > \"$4\"; echo opened"), 50), exit_failed);
    EXPECT_THAT(errors_.str(), HasSubstr("the journal is not fit to be read: "));
    EXPECT_TRUE(is_kept());
}

TEST_F(Verify, AProgramThatCannotWriteSaysWhy) {
    EXPECT_EQ(verify(liar("echo opened; echo 'failed journal x: no space left'; exit 1"), 50), exit_failed);
    EXPECT_THAT(errors_.str(), HasSubstr("journal x: no space left"));
    EXPECT_EQ(verify(programs_.path() / "nowhere", 1), exit_failed);
    EXPECT_THAT(errors_.str(), HasSubstr("cannot start"));
}

TEST(VerifyCommand, RefusesWhatItCannotDo) {
    const auto run = [](std::vector<const char*> arguments) {
        testing::internal::CaptureStderr();
        const int status = run_command_line(static_cast<int>(arguments.size()), arguments.data());
        return std::to_string(status) + ": " + testing::internal::GetCapturedStderr();
    };
    EXPECT_THAT(run({"sluice", "journal", "verify", "--crash", "3", "--dir", "/no/such/folder"}),
                HasSubstr("2: --dir: Directory does not exist: /no/such/folder"));
    EXPECT_THAT(run({"sluice", "journal", "verify"}), HasSubstr("2: --crash is required"));
    EXPECT_THAT(run({"sluice", "journal", "verify", "--crash", "0"}), HasSubstr("2: --crash: Value 0 not in range"));
}

}  // namespace
}  // namespace sluice::host
