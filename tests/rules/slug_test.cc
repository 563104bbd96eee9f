#include "rules/slug.h"

#include <gtest/gtest.h>

#include <string>

namespace plimsoll {
namespace {

TEST(IsSlugTest, LabelValueSyntax) {
  for (const std::string& value : {std::string("payments"), std::string("a"), std::string("A1"),
                                   std::string("team.payments_eu-1"), std::string(63, 'a')}) {
    EXPECT_TRUE(IsSlug(value)) << value;
  }
  for (const std::string& value :
       {std::string(), std::string("-a"), std::string("a-"), std::string(".a"), std::string("a b"),
        std::string("a@corp.internal"), std::string("#sre"), std::string("a/b"),
        std::string("Zahlungsverkehr-f\xC3\xBCr-alle"), std::string(64, 'a'),
        std::string("a\0b", 3)}) {
    EXPECT_FALSE(IsSlug(value)) << value;
  }
}

TEST(MakeSlugTest, AlwaysASlugThatIsNoPlaceholder) {
  EXPECT_EQ(MakeSlug("checkout", "x1"), "checkout");
  EXPECT_EQ(MakeSlug("Check Out!", "x1"), "check-out");
  EXPECT_EQ(MakeSlug("--a--", "x1"), "a");
  EXPECT_EQ(MakeSlug("", "x1"), "x1");
  EXPECT_EQ(MakeSlug("***", "x1"), "x1");
  EXPECT_EQ(MakeSlug("test", "x1"), "x1");
  EXPECT_EQ(MakeSlug("<todo>", "x1"), "x1");
  for (const std::string& text : {std::string(500, '-'), std::string(500, 'a'),
                                  std::string(62, 'a') + "---b", std::string("{{ .Name }}")}) {
    EXPECT_TRUE(IsSlug(MakeSlug(text, "x1"))) << text;
  }
}

}  // namespace
}  // namespace plimsoll
