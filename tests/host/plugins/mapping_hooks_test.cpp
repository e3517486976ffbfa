// Values that a plugin's code computes, through the ABI.

#include <gmock/gmock.h>

#include "tests/host/plugins/lane_fixture.hpp"

namespace sluice::host {
namespace {

using ::testing::HasSubstr;

class MappingHooks : public LaneFixture {
protected:
    void SetUp() override {
        const auto started = start("hooks");
        ASSERT_TRUE(started) << started.error().message;
    }
    Error refused(const std::string& comment) {
        return error(run("map", R"({"id":1,"name":"Ada","comment":")" + comment + R"("})"));
    }
};

TEST_F(MappingHooks, ComputeAFieldOfItsArguments) {
    EXPECT_THAT(outcome(run("map", R"({"id":1,"name":"A\"da","email":{"x":1.50},"comment":""})")),
                HasSubstr(R"("name":"of [\"A\\\"da\",{\"x\":1.50}]")"));
}

TEST_F(MappingHooks, AFailureIsABrokenRuleWithItsPointer) {
    for (const auto& [comment, why] :
         {std::pair("throw", "no comment is good enough"), std::pair("refuse", "it is refused"),
          std::pair("seven", "it threw something that is no std::exception"),
          std::pair("bytes", "its value is no UTF-8")}) {
        const auto error = refused(comment);
        EXPECT_EQ(error.failure, Failure::invalid) << comment;
        EXPECT_EQ(error.message, std::string("1 rule broken: /comment: hook `odd`: ") + why);
    }
}

TEST_F(MappingHooks, AnAbsentValueIsOneForTheRule) {
    const auto error = this->error(run("map", R"({"id":1,"comment":""})"));
    EXPECT_EQ(error.message, "1 rule broken: /name: required, and absent");
}

}  // namespace
}  // namespace sluice::host
