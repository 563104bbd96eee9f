#include "rules/host_name.h"

#include <gtest/gtest.h>

#include <string>

namespace plimsoll {
namespace {

TEST(ToAsciiHost, GivesTheNamesThatDnsHas) {
  const struct {
    const char* host;
    const char* ascii;
  } cases[] = {
      {"", ""},
      {"wiki.corp.internal", "wiki.corp.internal"},
      {"WIKI.Corp.Internal", "wiki.corp.internal"},
      {"wiki.bücher.de", "wiki.xn--bcher-kva.de"},
      {"WIKI.BÜCHER.DE", "wiki.xn--bcher-kva.de"},
      {"münchen.de", "xn--mnchen-3ya.de"},
      {"straße.de", "xn--strae-oqa.de"},
      {"żółw.pl", "xn--w-uga1v8h.pl"},
      {"ŻÓŁW.pl", "xn--w-uga1v8h.pl"},
      {"ελλάδα.gr", "xn--hxakic4aa.gr"},
      {"ΕΛΛΆΔΑ.gr", "xn--hxakic4aa.gr"},
      {"пример.рф", "xn--e1afmkfd.xn--p1ai"},
      {"ПРИМЕР.РФ", "xn--e1afmkfd.xn--p1ai"},
      {"例え.jp", "xn--r8jz45g.jp"},
      {"中国", "xn--fiqs8s"},
      {"한국", "xn--3e0b707e"},
      {"مثال", "xn--mgbh0fb"},
      {"xn--bcher-kva.de", "xn--bcher-kva.de"},
      // Not judged here.
      {"a_b..c d", "a_b..c d"},
  };
  for (const auto& test : cases) EXPECT_EQ(ToAsciiHost(test.host), test.ascii) << test.host;
}

// Letters that fold to ASCII or to several, combining marks, full-width forms, other dots: a browser would go elsewhere than
// the name we had compared.
TEST(ToAsciiHost, RefusesWhatItCannotFold) {
  for (const char* host :
       {"ｅxample.com", "wiki。corp", "wiki．corp", "bu\u0308cher.de", "ſecret.de", "İstanbul.tr",
        "ﬁle.de", "x\xE2\x80\x8Dy.de", "ĳs.nl", "a·b.es", "💩.la", "ẞ.de"}) {
    EXPECT_EQ(ToAsciiHost(host), std::nullopt) << host;
  }
}

TEST(ToAsciiHost, LabelsHaveALimit) {
  std::string label;
  for (int i = 0; i < 50; ++i) label += "ü";
  EXPECT_TRUE(ToAsciiHost(label));
  for (int i = 0; i < 50; ++i) label += "中";
  EXPECT_EQ(ToAsciiHost(label), std::nullopt);
  std::string hostile;
  for (int i = 0; i < 100000; ++i) hostile += "ü";
  EXPECT_EQ(ToAsciiHost(hostile), std::nullopt);
}

}  // namespace
}  // namespace plimsoll
