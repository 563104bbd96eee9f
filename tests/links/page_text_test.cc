#include "links/page_text.h"

#include <gtest/gtest.h>

namespace plimsoll::links {
namespace {

TEST(PageTextTest, FindsTitlesAndHeadings) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"<title>Checkout</title>", "Checkout"},
      {"<HTML><HEAD><TITLE lang=en>\n Check\tout </TITLE>", "Check out"},
      {"<titlebar>x</titlebar><title>y</title>", "y"},
      {"<title></title><h1>Heading</h1>", ""},
      {"<title>never ends", ""},
      {"<title", ""},
      {"no page", ""},
      {"", ""},
  };
  for (const auto& [html, title] : cases) EXPECT_EQ(TitleOf(html), title) << html;
  EXPECT_EQ(HeadingOf("<title>x</title><h1 class='a'>Run <b>book</b></h1>"), "Run book");
  EXPECT_EQ(HeadingOf("<title>x</title>"), "");
}

TEST(PageTextTest, OnlyWordsCount) {
  EXPECT_EQ(VisibleCharacters("<p>Hello, <b>you</b></p>", 100), 9U);
  EXPECT_EQ(VisibleCharacters("<head><title>abc</title></head><body> x </body>", 100), 1U);
  EXPECT_EQ(VisibleCharacters("<script>var a = '<p>';</script><style>p{}</style>ok", 100), 2U);
  EXPECT_EQ(VisibleCharacters("<script>never ends", 100), 0U);
  EXPECT_EQ(VisibleCharacters("<p never ends", 100), 0U);
  EXPECT_EQ(VisibleCharacters(std::string(1000, 'x'), 20), 20U);
}

TEST(PageTextTest, KnowsAFieldForAPassword) {
  EXPECT_TRUE(AsksForPassword("<input name=p type=\"password\">"));
  EXPECT_TRUE(AsksForPassword("<INPUT TYPE='PASSWORD'>"));
  EXPECT_TRUE(AsksForPassword("<input type=password>"));
  EXPECT_FALSE(AsksForPassword("<p>Your password is in the vault.</p>"));
}

TEST(PageTextTest, TwoApologiesAreAlike) {
  const auto apology = [](const std::string& path, const std::string& id) {
    return "<title>Wiki</title><p>There is no page " + path + ".</p><a href=\"" + path +
           "?retry\">again</a><!-- request " + id + " at 2026-10-15T08:30:00Z -->";
  };
  EXPECT_EQ(
      FingerprintOf(apology("/rb/checkout", "7f3a9c1e77aa42b19cd0ffee"), "/rb/checkout"),
      FingerprintOf(apology("/rb/plimsoll-1f2e", "00aa11bb22cc33dd44ee55ff"), "/rb/plimsoll-1f2e"));
  EXPECT_NE(FingerprintOf("<p>What to do for checkout: drain it.</p>", "/rb/checkout"),
            FingerprintOf("<p>What to do for ledger: restart it.</p>", "/rb/ledger"));
}

}  // namespace
}  // namespace plimsoll::links
