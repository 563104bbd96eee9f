#include "rules/url.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {
namespace {

const std::vector<std::string> kHttps = {"https"};
const std::vector<std::string> kAnyHost;

UrlVerdict Judge(std::string_view text, const std::vector<std::string>& hosts = kAnyHost) {
  return JudgeUrl(text, {kHttps, hosts});
}

TEST(UrlTest, GoodRunbooks) {
  for (const std::string_view url :
       {"https://wiki.corp.internal/runbooks/checkout",
        "HTTPS://WIKI.corp.internal/rb",
        "https://wiki.corp.internal./rb",
        "https://wiki.corp.internal:443/rb",
        "https://wiki.corp.internal:8443/rb",
        "https://wiki.corp.internal:/rb",
        "https://xn--bcher-kva.corp.de/rb",
        "https://BÜCHER.corp.de/rb",
        "https://wiki.corp.internal/Betriebshandbuch-f\xC3\xBCr-x",
        "https://wiki.corp.internal/?pageId=42",
        "https://wiki.corp.internal/#checkout",
        "https://wiki.corp.internal/a%20b",
        "https://github.com/corp/runbooks/blob/main/todo.md",
        "https://gitlab.corp.internal/sre/runbooks/-/blob/main/checkout.md",
        "https://examples.com/rb",
        "https://example.company.io/rb",
        "https://test.corp.internal/rb",
        "https://a_b.corp.internal/rb",
        "https://1password.com/rb",
        "https://0xdeadbeef.io/rb"}) {
    const UrlVerdict verdict = Judge(url);
    EXPECT_EQ(verdict.grade, UrlGrade::kGood) << url << ": " << verdict.problem;
  }
}

TEST(UrlTest, TheFrontPageIsWeak) {
  for (const std::string_view url :
       {"https://wiki.corp.internal", "https://wiki.corp.internal/", "https://wiki.corp.internal//",
        "https://wiki.corp.internal?", "https://wiki.corp.internal/#"}) {
    EXPECT_EQ(Judge(url).grade, UrlGrade::kWeak) << url;
  }
}

struct BadCase {
  std::string url;
  std::string_view problem;
};

void ExpectUseless(const std::vector<BadCase>& cases) {
  for (const BadCase& c : cases) {
    const UrlVerdict verdict = Judge(c.url);
    EXPECT_EQ(verdict.grade, UrlGrade::kUseless) << c.url;
    EXPECT_EQ(verdict.problem, c.problem) << c.url;
  }
}

TEST(UrlTest, Placeholders) {
  ExpectUseless({
      {"", "is only a placeholder"},
      {"TODO", "is only a placeholder"},
      {"TODO#checkoutdown", "is only a placeholder"},
      {"#checkoutdown", "has no scheme such as https://"},
      {"n/a", "is only a placeholder"},
      {"<url>", "is only a placeholder"},
      {"https://wiki.corp.internal/{{ .Name }}", "still holds a template expression"},
      {"https://${HOST}/rb", "still holds a template expression"},
      {"https://wiki.corp.internal/TODO", R"(has the placeholder "TODO" in its path)"},
      {"https://wiki.corp.internal/todo?x=1", R"(has the placeholder "todo" in its path)"},
      {"https://wiki.corp.internal/rb/<service>", R"(has the placeholder "<service>" in its path)"},
      {"https://wiki.corp.internal/%3Cservice%3E/x",
       R"(has the placeholder "%3Cservice%3E" in its path)"},
      {"https://wiki.corp.internal/your-service",
       R"(has the placeholder "your-service" in its path)"},
      {"https://your-wiki.corp.internal/rb",
       R"(has the placeholder host "your-wiki.corp.internal")"},
  });
}

TEST(UrlTest, Syntax) {
  ExpectUseless({
      {"wiki.corp.internal/rb", "has no scheme such as https://"},
      {"wiki.corp.internal:8443/rb", "has no scheme such as https://"},
      {"//wiki.corp.internal/rb", "has no scheme such as https://"},
      {"https:/wiki.corp.internal/rb", "has no host"},
      {"https:wiki.corp.internal/rb", "has no host"},
      {"mailto:sre@corp.internal", "has no host"},
      {"https://", "has no host"},
      {"https:///rb", "has no host"},
      {"https://:443/rb", "has no host"},
      {"https://./rb", "has no host"},
      {"https://wiki..corp.internal/rb", "has a host that is no host name"},
      {"https://.corp.internal/rb", "has a host that is no host name"},
      {"https://-a.corp.internal/rb", "has a host that is no host name"},
      {"https://wiki.corp.internal../rb", "has a host that is no host name"},
      {"https://wi%6Bi.corp.internal/rb", "has a host that is no host name"},
      {"https://*.corp.internal/rb", "has a host that is no host name"},
      {"https://wiki.corp.internal:x/rb", "has a port that is no number"},
      {"https://wiki.corp.internal:0/rb", "has a port outside 1 to 65535"},
      {"https://wiki.corp.internal:65536/rb", "has a port outside 1 to 65535"},
      {"http://wiki.corp.internal/rb", R"(has the scheme "http", not https)"},
      {"javascript://wiki.corp.internal/%0aalert(1)", R"(has the scheme "javascript", not https)"},
      {"https://" + std::string(254, 'a') + "/rb", "has a host name longer than 253 bytes"},
      {"https://" + std::string(64, 'a') + ".corp/rb", "has a host that is no host name"},
      {"https://wiki.corp.internal/" + std::string(2048, 'a'), "is longer than 2,048 bytes"},
  });
}

TEST(UrlTest, HiddenThings) {
  ExpectUseless({
      {" https://wiki.corp.internal/rb", "contains white space"},
      {"https://wiki.corp.internal/rb\n", "contains white space"},
      {"https://wiki.corp.internal/a b", "contains white space"},
      {std::string("https://wiki.corp.internal/\0", 28), "contains a control character"},
      {"https://wiki.corp.internal/\x7f", "contains a control character"},
      {"https://wiki.corp.internal/\xE2\x80\xAE"
       "x",
       "contains an invisible or white-space character"},
      {"https://wiki.corp.internal/\xC2\xA0", "contains an invisible or white-space character"},
      {"https://wiki.corp.internal\\@evil.io/rb",
       "contains a backslash, which programs read in different ways"},
      {"https://wiki.corp.internal/\"", "contains a character that no URL may have"},
      {"https://wiki.corp.internal/\xFF", "is not valid UTF-8"},
      {"https://ana:secret@wiki.corp.internal/rb", "carries a user name or password"},
      {"https://wiki.corp.internal@evil.io/rb", "carries a user name or password"},
      {"https://@wiki.corp.internal/rb", "carries a user name or password"},
      {"https://ｗiki.corp.internal/rb",
       "has letters in its host name that are read in different ways; write its \"xn--\" form"},
  });
}

TEST(UrlTest, IpLiteralsInEverySpelling) {
  for (const std::string_view host :
       {"10.0.0.1", "10.0.0.1.", "127.1", "2130706433", "0x7f000001", "0X7F.1", "017700000001",
        "0x7f.0.0.0x1", "1.2.3.4.5", "[::1]", "[2001:db8::1]", "[::ffff:10.0.0.1]",
        "[fe80::1%25eth0]", "[v1.x]"}) {
    const UrlVerdict verdict = Judge("https://" + std::string(host) + "/rb");
    EXPECT_EQ(verdict.problem,
              "names an IP address instead of a host, which changes without notice")
        << host;
  }
}

TEST(UrlTest, NamesWhereNobodyIs) {
  for (const std::string_view host :
       {"localhost", "LOCALHOST", "localhost.", "wiki.localhost", "localhost.localdomain",
        "example.com", "wiki.example.com", "EXAMPLE.COM.", "example.net", "example.org",
        "runbooks.test", "runbooks.example", "runbooks.invalid"}) {
    const UrlVerdict verdict = Judge("https://" + std::string(host) + "/rb");
    EXPECT_EQ(verdict.grade, UrlGrade::kUseless) << host;
    EXPECT_NE(verdict.problem.find("where nobody can be reached"), std::string::npos) << host;
  }
}

TEST(UrlTest, SingleLabelsOnlyWhereListed) {
  EXPECT_EQ(Judge("https://wiki/rb").problem,
            R"(has the host "wiki", which resolves only inside one network)");
  EXPECT_EQ(Judge("https://wiki/rb", {"wiki"}).grade, UrlGrade::kGood);
  EXPECT_EQ(Judge("https://go/rb", {"wiki"}).grade, UrlGrade::kUseless);
  // Listing does not make a name reachable that is reserved.
  EXPECT_EQ(Judge("https://localhost/rb", {"localhost"}).grade, UrlGrade::kUseless);
}

struct HostCase {
  std::string_view url;
  bool good;
};

TEST(UrlTest, WildcardsMatchOnLabelBorders) {
  const std::vector<std::string> hosts = {"*.corp.com", "docs.partner.io"};
  const HostCase cases[] = {
      {"https://wiki.corp.com/rb", true},
      {"https://a.b.corp.com/rb", true},
      {"https://WIKI.CORP.COM./rb", true},
      {"https://wiki.corp.com:8443/rb", true},
      {"https://docs.partner.io/rb", true},
      {"https://evilcorp.com/rb", false},
      {"https://corp.com/rb", false},
      {"https://corp.com.evil.io/rb", false},
      {"https://wiki.corp.com.evil.io/rb", false},
      {"https://x.docs.partner.io/rb", false},
      {"https://evil.io/wiki.corp.com/rb", false},
      {"https://evil.io?wiki.corp.com/rb", false},
      {"https://evil.io#wiki.corp.com/rb", false},
  };
  for (const HostCase& c : cases) {
    const UrlVerdict verdict = Judge(c.url, hosts);
    EXPECT_EQ(verdict.grade == UrlGrade::kGood, c.good) << c.url << ": " << verdict.problem;
  }
  EXPECT_EQ(Judge("https://evilcorp.com/rb", hosts).problem,
            R"(has the host "evilcorp.com", which is not one of *.corp.com, docs.partner.io)");
}

TEST(UrlTest, SchemesByParameter) {
  const std::vector<std::string> both = {"https", "http"};
  EXPECT_EQ(JudgeUrl("http://wiki.corp.internal/rb", {both, kAnyHost}).grade, UrlGrade::kGood);
  EXPECT_EQ(JudgeUrl("http://wiki.corp.internal:80/rb", {both, {"wiki.corp.internal"}}).grade,
            UrlGrade::kGood);
}

TEST(UrlTest, Parts) {
  Url url;
  ASSERT_EQ(Url::Parse("HTTPS://Wiki.Corp.Internal.:8443/a/b?c=d?e#f#g", url), "");
  EXPECT_EQ(url.scheme(), "https");
  EXPECT_EQ(url.host(), "wiki.corp.internal");
  EXPECT_EQ(url.port(), 8443);
  EXPECT_EQ(url.path(), "/a/b");
  EXPECT_EQ(url.query(), "c=d?e");
  EXPECT_EQ(url.fragment(), "f#g");
  ASSERT_EQ(Url::Parse("http://a.b:80?x/y", url), "");
  EXPECT_FALSE(url.port().has_value());
  EXPECT_EQ(url.path(), "");
  EXPECT_EQ(url.query(), "x/y");
}

}  // namespace
}  // namespace plimsoll
