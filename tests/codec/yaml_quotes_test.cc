#include "codec/yaml_quotes.h"

#include <gtest/gtest.h>

#include <string>

namespace plimsoll {
namespace {

// The quoted value as it stands in the text, followed by "..." where it is not closed; "none" where there is none.
std::string Last(const std::string& text) {
  const std::optional<QuotedValue> value = LastQuotedValue(text, text.size());
  if (!value) return "none";
  if (value->end == std::string_view::npos) return text.substr(value->begin) + "...";
  return text.substr(value->begin, value->end - value->begin);
}

TEST(LastQuotedValue, SeesQuotesWhereAValueBegins) {
  const struct {
    const char* text;
    const char* last;
  } cases[] = {
      {"", "none"},
      {"a: b\n", "none"},
      {"a: \"b\"\n", "\"b\""},
      {"a: 'b'\nc: d\n", "'b'"},
      {"a: \"b\nc: d\n", "\"b\nc: d\n..."},
      {"a: 'it''s'\n", "'it''s'"},
      {"a: \"\\\"\"\n", "\"\\\"\""},
      {"- 'a'\n- 'b\n", "'b\n..."},
      {"? 'a'\n", "'a'"},
      {"\"a\": 1\n", "\"a\""},
      {"[a,'b']\n", "'b'"},
      {"{a: {b: [\"c, d]}\n", "\"c, d]}\n..."},
      {"a: &x !!str 'b\n", "'b\n..."},
      // Not where a value has begun, or none can.
      {"a: it's\n", "none"},
      {"a: 5\" pipe\n", "none"},
      {"a: it's \"b\n", "none"},
      {"[it's, b \"c]\n", "none"},
      {"# it's\na: b # \"c\n", "none"},
      {"a: b#'c\n", "none"},
      // Nor in a block of text.
      {"a: |\n  it's \"b\nc: 'd'\n", "'d'"},
      {"a: |\n  it's\n\n  \"b\n", "none"},
      {"- a: >-\n    \"x\n  b: 'c\n", "'c\n..."},
      {"- |\n  'x\n- 'y'\n", "'y'"},
      {"a: |\n", "none"},
  };
  for (const auto& test : cases) EXPECT_EQ(Last(test.text), test.last) << test.text;
}

TEST(LastQuotedValue, LooksNoFurtherThanItIsTold) {
  const std::string text = "a: 'b'\nc: 'd'\n";
  EXPECT_EQ(LastQuotedValue(text, 10)->begin, 3U);
  EXPECT_EQ(LastQuotedValue(text, text.size())->begin, 10U);
  EXPECT_EQ(LastQuotedValue(text, 3), std::nullopt);
}

}  // namespace
}  // namespace plimsoll
