#include "plimsoll/render/unified_diff.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace plimsoll {
namespace {

TEST(UnifiedDiff, IsWhatDiffSays) {
  const struct {
    const char* before;
    const char* after;
    const char* hunks;
  } cases[] = {
      {"a\nb\n", "a\nc\n", "@@ -1,2 +1,2 @@\n a\n-b\n+c\n"},
      {"", "a\n", "@@ -0,0 +1 @@\n+a\n"},
      {"a\n", "", "@@ -1 +0,0 @@\n-a\n"},
      {"a", "a\n", "@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+a\n"},
      {"1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n5\n6\n7\n8\n9\n",
       "@@ -2,6 +2,7 @@\n 2\n 3\n 4\n+x\n 5\n 6\n 7\n"},
      // Six lines between two changes are one hunk, seven are two.
      {"a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
       "@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n"},
      {"a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
       "@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n"},
  };
  for (const auto& one : cases) {
    EXPECT_EQ(UnifiedDiff("x", one.before, one.after),
              std::string("--- a/x\n+++ b/x\n") + one.hunks);
  }
  EXPECT_EQ(UnifiedDiff("x", "a\n", "a\n"), "");
}

// What `patch` does: the hunks at their lines, everything else copied.
std::string Applied(const std::string& before, const std::string& diff) {
  const auto lines_of = [](const std::string& text) {
    std::vector<std::string> lines;
    for (size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      lines.push_back(text.substr(at, text.find('\n', at) + 1 - at));
    }
    return lines;
  };
  const std::vector<std::string> old_lines = lines_of(before);
  std::string out;
  size_t at = 0;
  for (const std::string& line : lines_of(diff)) {
    if (line.starts_with("---") || line.starts_with("+++")) continue;
    if (line.starts_with("@@ -")) {
      size_t first = std::stoul(line.substr(4));
      if (line.substr(4).find(",0 ") < line.substr(4).find(' ')) ++first;  // after that line
      for (; at + 1 < first; ++at) out += old_lines[at];
    } else if (line[0] == '+') {
      out += line.substr(1);
    } else {
      EXPECT_EQ(line.substr(1), old_lines[at]) << diff;
      if (line[0] == ' ') out += old_lines[at];
      ++at;
    }
  }
  for (; at < old_lines.size(); ++at) out += old_lines[at];
  return out;
}

TEST(UnifiedDiff, AppliedGivesTheNewText) {
  uint64_t seed = 1;
  const auto next = [&seed](uint64_t below) {
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (seed >> 33U) % below;
  };
  for (int round = 0; round < 300; ++round) {
    std::string before;
    std::string after;
    for (uint64_t i = next(60); i > 0; --i) {
      const std::string line = std::string(1, static_cast<char>('a' + next(4))) + "\n";
      if (next(6) != 0) before += line;
      if (next(6) != 0) after += line;
    }
    EXPECT_EQ(Applied(before, UnifiedDiff("x", before, after)), after);
  }
}

}  // namespace
}  // namespace plimsoll
