#include "rules/quantity.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace plimsoll {
namespace {

Quantity Q(std::string_view text) {
  const std::optional<Quantity> quantity = Quantity::Parse(text);
  EXPECT_TRUE(quantity.has_value()) << text;
  return quantity.value_or(Quantity());
}

TEST(QuantityTest, AcceptsTheGrammar) {
  for (const std::string_view text : {"0",
                                      "1",
                                      "+1",
                                      "-1",
                                      "1.5",
                                      ".5",
                                      "1.",
                                      "00012",
                                      "500m",
                                      "100u",
                                      "5n",
                                      "1k",
                                      "1M",
                                      "1G",
                                      "1T",
                                      "1P",
                                      "1E",
                                      "1Ki",
                                      "1Mi",
                                      "1Gi",
                                      "1Ti",
                                      "1Pi",
                                      "1Ei",
                                      "1.5Gi",
                                      "1e3",
                                      "1E3",
                                      "1e-3",
                                      "1E+3",
                                      "-.5Ki",
                                      "0m",
                                      "1e0",
                                      "12e6",
                                      "1e999999999999999999999",
                                      "1e-999999999999999999999"}) {
    EXPECT_TRUE(Quantity::Parse(text).has_value()) << text;
  }
}

TEST(QuantityTest, RefusesWhatTheApiServerRefuses) {
  for (const std::string_view text :
       {"",       " ",       " 1",    "1 ",     "m",     ".",       "+",     "-",       "--1",
        "+-1",    "1.1.1",   "1.1.M", "1+1.0M", "0.1mi", "0.1am",   "aoeu",  ".5i",     "1i",
        "-3.01i", "-3.01e-", "1e",    "1em",    "1e3m",  "1K",      "1ki",   "1gi",     "1GB",
        "1 Gi",   "0x10",    "1,5",   "NaN",    "Inf",   "{{ x }}", "1Gi\n", "\xC2\xBD"}) {
    // "1e" alone is not exa: that is "1E".
    EXPECT_FALSE(Quantity::Parse(text).has_value()) << text;
  }
}

TEST(QuantityTest, ZeroAndSign) {
  for (const std::string_view text : {"0", "0m", "-0", "0.000Gi", "0e10", "+0"}) {
    EXPECT_TRUE(Q(text).zero()) << text;
    EXPECT_FALSE(Q(text).positive()) << text;
    EXPECT_FALSE(Q(text).negative()) << text;
  }
  for (const std::string_view text :
       {"1n", "0.1n", "1e-300", "0.0000000000000000000000000000001"}) {
    EXPECT_TRUE(Q(text).positive()) << text;  // rounded up, as Kubernetes does
  }
  EXPECT_TRUE(Q("-1m").negative());
}

struct EqualCase {
  std::string_view a;
  std::string_view b;
};

TEST(QuantityTest, SameAmountInDifferentSpellings) {
  const EqualCase cases[] = {
      {"1", "1000m"},
      {"1Ki", "1024"},
      {"1.5Gi", "1536Mi"},
      {"2e3", "2k"},
      {"1E", "1e18"},
      {"0.5", "500m"},
      {".5", "0.50"},
      {"0.1n", "1n"},
      {"-1", "-1000m"},
      {"1Mi", "1048576"},
      {"1e-3", "1m"},
      {"1.0000000001", "1000000001n"},
      {"100000000000000000000", "9223372036854775807"},
      {"9Ei", "9223372036854775807"},
      {"-9Ei", "-9223372036854775807"},
      {"1e999", "1e18000"},
      {"1000000000000000000000000000000e-12", "1e18"},
      {"0.00000000000000000001e20", "1"},
  };
  for (const EqualCase& c : cases) EXPECT_TRUE(Q(c.a) == Q(c.b)) << c.a << " and " << c.b;
}

TEST(QuantityTest, Order) {
  const std::string_view ascending[] = {"-9Ei",
                                        "-1Ki",
                                        "-1",
                                        "-1m",
                                        "0",
                                        "1n",
                                        "1u",
                                        "1m",
                                        "1",
                                        "1k",
                                        "1Ki",
                                        "1M",
                                        "1Mi",
                                        "1.5Mi",
                                        "1G",
                                        "1Gi",
                                        "9223372036854775806",
                                        "9Ei"};
  for (size_t i = 0; i + 1 < std::size(ascending); ++i) {
    EXPECT_TRUE(Q(ascending[i]) < Q(ascending[i + 1])) << ascending[i] << " " << ascending[i + 1];
  }
}

TEST(QuantityTest, ManyDigitsTakeLinearTimeAndStayBounded) {
  const std::string digits(1'000'000, '9');
  EXPECT_TRUE(Q(digits) == Q("9Ei"));
  EXPECT_TRUE(Q("0." + digits) == Q("1"));
  EXPECT_TRUE(Q(std::string(1'000'000, '0') + "7") == Q("7"));
  EXPECT_FALSE(Quantity::Parse("1e" + digits + "x").has_value());
}

}  // namespace
}  // namespace plimsoll
