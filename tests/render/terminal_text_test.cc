#include "render/terminal_text.h"

#include <gtest/gtest.h>

#include <sstream>

namespace plimsoll {
namespace {

std::string Wrapped(std::string_view text, int indent, int width) {
  std::ostringstream out;
  WriteWrapped(text, indent, width, Ink::kPlain, false, out);
  return out.str();
}

TEST(TerminalText, WrapsAtWordsAndKeepsLongOnesWhole) {
  EXPECT_EQ(Wrapped("one two three four five", 2, 22), "  one two three four\n  five\n");
  EXPECT_EQ(Wrapped("a https://wiki.corp.internal/very/long/link b", 2, 24),
            "  a\n  https://wiki.corp.internal/very/long/link\n  b\n");
  EXPECT_EQ(Wrapped("", 2, 40), "");
  EXPECT_EQ(Wrapped("  spaced   out ", 1, 40), " spaced out\n");
}

TEST(TerminalText, CountsCharactersNotBytes) {
  EXPECT_EQ(Columns("grün…"), 5u);
  EXPECT_EQ(Wrapped("ääääääääää ääääääääää", 0, 21), "ääääääääää ääääääääää\n");
}

TEST(TerminalText, BlocksAreIndentedAndNeverWrapped) {
  std::ostringstream out;
  WriteBlock("a:\n  b: " + std::string(200, 'x') + "\n", 4, Ink::kPlain, false, out);
  EXPECT_EQ(out.str(), "    a:\n      b: " + std::string(200, 'x') + "\n");
}

TEST(TerminalText, CommentsInBlocksAreDimmedButNotTheirLookAlikes) {
  std::ostringstream out;
  WriteBlock("a: x#y  # note\n", 0, Ink::kGreen, true, out);
  EXPECT_EQ(out.str(), "\x1b[32ma: x#y  \x1b[0m\x1b[2m# note\x1b[0m\n");
}

}  // namespace
}  // namespace plimsoll
