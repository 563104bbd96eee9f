// Our reader against simdjson's DOM parser: the same texts are accepted, and to the same values. The exceptions are ours:
// duplicate keys (kept apart here by noting them), depth, and numbers beyond 64 bits, which we keep as text.
#include "tests/codec/json_differential.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {
namespace {

constexpr std::string_view kSeeds[] = {
    R"({"apiVersion":"apps/v1","spec":{"replicas":3,"template":{"x":[1,2.5,-3e4,true,false,null]}}})",
    R"([["a\"b","\u00e9\ud83d\ude00",""],{},[],{"":{"":[{}]}},0,-0.0,1E+2])",
    R"({"metadata":{"annotations":{"k:{\"name\":\"web\"}":"line\nline"},"labels":{"a":"b"}}})",
    R"( "text with \\ and é" )",
    R"([1,2,3,4,5,6,7,8,9,10,[11,[12,[13,[14,{"a":[15,"16",{"b":null}]}]]]]])",
};

// Bytes that mean something to a JSON parser, and a few that never do.
constexpr char kMutations[] =
    "{}[],:\"\\ntrufalse0123456789.-+eEu \t\r\n/bd8\x00\x1f\x7f\x80\xc3\xa9\xff";
constexpr std::string_view kBytes(kMutations, sizeof(kMutations) - 1);  // holds a zero byte

TEST(JsonDifferentialTest, AgreesOnMutatedTexts) {
  std::mt19937 random(20261123);
  const auto below = [&random](size_t n) { return static_cast<size_t>(random()) % n; };
  JsonDifferential differential;
  size_t accepted = 0;
  constexpr int kRounds = 60000;
  for (int round = 0; round < kRounds; ++round) {
    std::string text(kSeeds[below(std::size(kSeeds))]);
    for (size_t edits = below(4); edits > 0 && !text.empty(); --edits) {
      const size_t at = below(text.size());
      switch (below(4)) {
        case 0:
          text[at] = kBytes[below(kBytes.size())];
          break;
        case 1:
          text.insert(at, 1, kBytes[below(kBytes.size())]);
          break;
        case 2:
          text.erase(at, 1 + below(4));
          break;
        default:
          text.insert(at, text.substr(below(text.size()), below(12)));
      }
    }
    const std::string difference = differential.Compare(text);
    ASSERT_EQ(difference, "") << text;
    if (differential.accepted()) ++accepted;
  }
  // Both sides of the fence have been walked.
  EXPECT_GT(accepted, kRounds / 10U);
  EXPECT_LT(accepted, kRounds * 9U / 10U);
}

}  // namespace
}  // namespace plimsoll
