#include "core/base/decimal.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cstdio>
#include <memory>
#include <random>
#include <string>
#include <vector>

namespace sluice {
namespace {

Decimal decimal(std::string_view text) {
    auto number = Decimal::parse(text);
    if (!number) throw std::runtime_error(number.error().message);
    return *number;
}

TEST(Decimal, KeepsTheDigitsItWasGiven) {
    EXPECT_EQ(decimal("10.50").to_string(), "10.50");
    EXPECT_EQ(decimal("-0.05").to_string(), "-0.05");
    EXPECT_EQ(decimal("0").to_string(), "0");
    EXPECT_EQ(decimal("007.10").to_string(), "7.10");
    EXPECT_EQ(decimal("1e-3").to_string(), "0.001");
    EXPECT_EQ(decimal("1.5E+2").to_string(), "150");
    EXPECT_EQ(decimal("123456789012345678901234567890.01").to_string(), "123456789012345678901234567890.01");
}

TEST(Decimal, RefusesWhatIsNoNumber) {
    for (const char* text : {"", "-", ".5", "5.", "1,5", " 1", "1 ", "NaN", "Infinity", "1e", "0x10", "--1", "+1",
                             "1e65", "1e99999999999999999999"}) {
        EXPECT_FALSE(Decimal::parse(text)) << text;
    }
    EXPECT_FALSE(Decimal::parse(std::string(65, '9')));
    EXPECT_TRUE(Decimal::parse(std::string(64, '9')));
}

TEST(Decimal, ComparesByValue) {
    EXPECT_EQ(decimal("1.50"), decimal("1.5"));
    EXPECT_LT(decimal("-2"), decimal("-1.99"));
    EXPECT_EQ(decimal("-0"), decimal("0.00"));
}

// Every operation, held against Python's decimal module in one process: the operands go to its standard input, one case
// a line.
TEST(Decimal, AgreesWithPythonsDecimal) {
    constexpr const char* program =
        "import sys, decimal as d\n"
        "d.getcontext().prec = 400\n"
        "R = {'half_even': d.ROUND_HALF_EVEN, 'half_up': d.ROUND_HALF_UP, 'down': d.ROUND_DOWN}\n"
        "for line in open(sys.argv[1]):\n"
        "    a, b, n, how = line.split()\n"
        "    a, b, q = d.Decimal(a), d.Decimal(b), d.Decimal(1).scaleb(-int(n))\n"
        "    quotient = (a / b).quantize(q, rounding=R[how]) if b else 'none'\n"
        "    print(*[format(x, 'f') if x != 'none' else x for x in (a + b, a - b, a * b, a.quantize(q, "
        "rounding=R[how]), quotient)])\n";
    std::mt19937_64 random(20261123);
    const std::array<std::pair<Rounding, const char*>, 3> roundings = {
        {{Rounding::half_even, "half_even"}, {Rounding::half_up, "half_up"}, {Rounding::down, "down"}}};
    struct Case {
        std::string a, b;
        int digits;
        Rounding rounding;
    };
    std::vector<Case> cases;
    std::string input;
    for (int i = 0; i < 3'000; ++i) {
        const auto number = [&] {
            std::string text = random() % 2 ? "-" : "";
            text += std::to_string(random() % (random() % 3 ? 2'000 : 10'000'000'000'000));
            if (const auto digits = random() % 5)
                text += "." + std::to_string(random() % 100'000 + 100'000).substr(1, digits);
            if (random() % 4 == 0) text += random() % 2 ? "5" : "";
            return text;
        };
        const auto& [rounding, name] = roundings[random() % 3];
        Case one{number(), number(), static_cast<int>(random() % 5), rounding};
        input += one.a + " " + one.b + " " + std::to_string(one.digits) + " " + name + "\n";
        cases.push_back(one);
    }
    const std::string file = testing::TempDir() + "/decimal_cases.txt";
    const std::unique_ptr<FILE, int (*)(FILE*)> out(std::fopen(file.c_str(), "w"), &std::fclose);
    ASSERT_TRUE(out);
    std::fputs(input.c_str(), out.get());
    std::fflush(out.get());
    const std::unique_ptr<FILE, int (*)(FILE*)> python(
        ::popen(("python3 -c \"" + std::string(program) + "\" " + file).c_str(), "r"), &::pclose);
    ASSERT_TRUE(python);
    std::array<char, 1024> line{};
    for (const Case& one : cases) {
        ASSERT_TRUE(std::fgets(line.data(), line.size(), python.get())) << "python3 stopped early";
        const Decimal a = decimal(one.a), b = decimal(one.b);
        const auto quotient = Decimal::divide(a, b, one.digits, one.rounding);
        const std::string ours = (a + b).to_string() + " " + (a - b).to_string() + " " + (a * b).to_string() + " " +
                                 a.round(one.digits, one.rounding).to_string() + " " +
                                 (quotient ? quotient->to_string() : "none") + "\n";
        std::string theirs = line.data();  // Python keeps the sign of a zero
        for (std::size_t at = 0; (at = theirs.find("-0", at)) != std::string::npos; ++at) {
            const std::size_t end = theirs.find_first_of(" \n", at);
            if (theirs.substr(at + 1, end - at - 1).find_first_not_of("0.") == std::string::npos) theirs.erase(at, 1);
        }
        ASSERT_EQ(ours, theirs) << one.a << " " << one.b << " " << one.digits;
    }
}

}  // namespace
}  // namespace sluice
