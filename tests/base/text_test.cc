#include "plimsoll/base/text.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

TEST(GlobMatchTest, MatchesTheWholeText) {
  struct Case {
    const char* pattern;
    const char* text;
    bool matches;
  };
  const Case cases[] = {
      {"", "", true},
      {"", "a", false},
      {"*", "", true},
      {"*", "anything", true},
      {"kube-*", "kube-", true},
      {"kube-*", "kube-system", true},
      {"kube-*", "akube-x", false},
      {"*-system", "kube-system", true},
      {"a?c", "abc", true},
      {"a?c", "ac", false},
      {"a*b*c", "aXXbYYc", true},
      {"a*b*c", "aXXcYYb", false},
      {"[a]", "a", false},
      {"[a]", "[a]", true},
      {"**a", "bba", true},
  };
  for (const Case& c : cases)
    EXPECT_EQ(GlobMatch(c.pattern, c.text), c.matches) << c.pattern << " " << c.text;
}

TEST(GlobMatchTest, ManyStarsDoNotBacktrackForever) {
  std::string pattern;
  for (int i = 0; i < 200; ++i) pattern += "*a";
  EXPECT_FALSE(GlobMatch(pattern + "b", std::string(20'000, 'a')));
}

TEST(NearestNameTest, FindsPlausibleSlipsOnly) {
  constexpr std::array<std::string_view, 4> kNames = {"health.readiness-probe", "runbook.url",
                                                      "parameters", "Deny"};
  EXPECT_EQ(NearestName("health.readines-probe", kNames), "health.readiness-probe");
  EXPECT_EQ(NearestName("runbok.url", kNames), "runbook.url");
  EXPECT_EQ(NearestName("paramaters", kNames), "parameters");
  EXPECT_EQ(NearestName("deny", kNames), "Deny");
  EXPECT_EQ(NearestName("Dney", kNames), "Deny");
  EXPECT_EQ(NearestName("completely-different", kNames), "");
  EXPECT_EQ(NearestName("DENY", kNames), "Deny");
  EXPECT_EQ(NearestName("", kNames), "");
  // One letter is no slip of another.
  EXPECT_EQ(NearestName("q", std::array<std::string_view, 2>{"a", "b"}), "");
  EXPECT_EQ(NearestName(std::string(1'000'000, 'x'), kNames), "");
}

TEST(IsValidUtf8Test, FollowsUnicodeTable3_7) {
  EXPECT_TRUE(IsValidUtf8("plain äöü € 𝄞"));
  EXPECT_TRUE(IsValidUtf8(""));
  for (const char* bad : {"\xC0\xAF", "\xE0\x80\xAF", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xFF",
                          "\x80", "\xE2\x82"}) {
    EXPECT_FALSE(IsValidUtf8(bad));
  }
}

TEST(SanitizeLineTest, LeavesOneCleanLineWithinTheLimit) {
  EXPECT_EQ(SanitizeLine("plain", 100), "plain");
  EXPECT_EQ(SanitizeLine("two\nlines\tand\x1B[31m", 100), "two lines and [31m");
  EXPECT_EQ(SanitizeLine("a\xC2\x85z", 100), "a z");
  // A text that shows other than it says, and line breaks that are none to a program.
  EXPECT_EQ(SanitizeLine("a\u202Eb\u2066c\u2069d\u2028e\u2029f\u200Fg", 100), "a b c d e f g");
  EXPECT_EQ(SanitizeLine("a\u2027b\u202Fc\u2065d\u206Ae", 100), "a\u2027b\u202Fc\u2065d\u206Ae");
  EXPECT_EQ(SanitizeLine("bad \xFF byte", 100), "bad \xEF\xBF\xBD byte");
  EXPECT_EQ(SanitizeLine("0123456789", 10), "0123456789");
  EXPECT_EQ(SanitizeLine("0123456789a", 10), "0123456…");
  for (size_t limit = 0; limit < 30; ++limit) {
    const std::string line = SanitizeLine("äöü\xFF€𝄞äöü\xFF€𝄞", limit);
    EXPECT_LE(line.size(), limit);
    EXPECT_TRUE(IsValidUtf8(line)) << limit;
  }
}

TEST(TextTest, TrimSplitJoin) {
  EXPECT_EQ(Trim(" \t a b \r\n"), "a b");
  EXPECT_EQ(Trim(" \t"), "");
  EXPECT_EQ(Split("a,,b", ','), (std::vector<std::string_view>{"a", "", "b"}));
  EXPECT_EQ(Split("", ','), (std::vector<std::string_view>{""}));
  const std::array<std::string, 3> parts = {"a", "b", "c"};
  EXPECT_EQ(Join(parts, ", "), "a, b, c");
  EXPECT_TRUE(EqualsIgnoreCase("ToDo", "tOdO"));
  EXPECT_FALSE(EqualsIgnoreCase("todo", "todos"));
}

}  // namespace
}  // namespace plimsoll
