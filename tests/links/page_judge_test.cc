#include "links/page_judge.h"

#include <gtest/gtest.h>

#include <string>

namespace plimsoll::links {
namespace {

using Kind = PageVerdict::Kind;

LinkParts Parts(std::string_view url) { return TakeLinkApart(url).value(); }

PageAnswer Answer(int status, std::string body = "", std::string location = "",
                  std::string content_type = "text/html; charset=utf-8") {
  PageAnswer answer;
  answer.kind = PageAnswer::Kind::kAnswered;
  answer.status = status;
  answer.body = std::move(body);
  answer.location = std::move(location);
  answer.content_type = std::move(content_type);
  return answer;
}

struct Case {
  std::string name;
  PageAnswer answer;
  Kind kind;
  std::string problem = "";
  std::string asked = "https://wiki.corp.internal/rb/checkout";
};

const std::string kPage =
    "<title>Checkout</title><p>What it does, and what to do when it does not.</p>";

class PageJudgeTest : public testing::TestWithParam<Case> {};

TEST_P(PageJudgeTest, SaysWhatAnAnswerMeans) {
  const LinkParts asked = Parts(GetParam().asked);
  const PageVerdict verdict = JudgePage(GetParam().answer, asked, asked);
  EXPECT_EQ(verdict.kind, GetParam().kind) << verdict.problem;
  EXPECT_EQ(verdict.problem, GetParam().problem);
}

PageAnswer Unanswered(PageAnswer::Kind kind, std::string why) {
  PageAnswer answer;
  answer.kind = kind;
  answer.why = std::move(why);
  return answer;
}

INSTANTIATE_TEST_SUITE_P(
    All, PageJudgeTest,
    testing::Values(
        Case{"page", Answer(200, kPage), Kind::kReadable},
        Case{"partial_content", Answer(206, kPage), Kind::kReadable},
        Case{"plain_text", Answer(200, "Drain it, then restart it.", "", "text/markdown"),
             Kind::kReadable},
        Case{"pdf", Answer(200, "%PDF", "", "application/pdf"), Kind::kReadable},
        Case{"no_type", Answer(200, kPage, "", ""), Kind::kReadable},
        Case{"page_about_404s",
             Answer(200, "<title>Too many 404 answers, route not found</title>" + kPage),
             Kind::kReadable},
        Case{"page_about_logins", Answer(200, "<title>Login fails</title>" + kPage),
             Kind::kReadable},
        Case{"filled_by_script", Answer(200, "<div id=app></div><script src=a.js></script>"),
             Kind::kReadable},
        Case{"not_found_in_words", Answer(200, "<title>Page not found - Wiki</title>" + kPage),
             Kind::kDead, "answers 200 and says \"Page not found - Wiki\""},
        Case{"not_found_as_number", Answer(200, "<h1>404</h1>" + kPage), Kind::kDead,
             "answers 200 and says \"404\""},
        Case{"not_found_in_german", Answer(200, "<title>Seite nicht gefunden</title>"), Kind::kDead,
             "answers 200 and says \"Seite nicht gefunden\""},
        Case{"login_form", Answer(200, "<title>Sign in to Wiki</title><input type=\"password\">"),
             Kind::kDead, "asks for a login"},
        Case{"empty", Answer(200, " \n"), Kind::kDead, "is empty"},
        Case{"no_content", Answer(204), Kind::kDead, "is empty"},
        Case{"tiny", Answer(200, "<p>OK</p>"), Kind::kDead, "is all but empty"},
        Case{"tiny_text", Answer(200, "ok", "", "text/plain"), Kind::kDead, "is all but empty"},
        Case{"gone", Answer(404, kPage), Kind::kDead, "answers 404"},
        Case{"gone_for_good", Answer(410), Kind::kDead, "answers 410"},
        Case{"teapot", Answer(418), Kind::kDead, "answers 418"},
        Case{"unauthorized", Answer(401), Kind::kDead,
             "answers 401: it asks for a login, so nobody can tell from outside"},
        Case{"forbidden", Answer(403), Kind::kDead,
             "answers 403: it asks for a login, so nobody can tell from outside"},
        Case{"too_many", Answer(429), Kind::kTrouble, "answers 429"},
        Case{"broken", Answer(500), Kind::kTrouble, "answers 500"},
        Case{"away", Answer(503), Kind::kTrouble, "answers 503"},
        Case{"odd", Answer(999), Kind::kTrouble, "answers 999"},
        Case{"unchanged", Answer(304), Kind::kUnchanged},
        Case{"moved", Answer(301, "", "/new/checkout"), Kind::kMoved},
        Case{"moved_elsewhere", Answer(308, "", "https://docs.corp.internal/x"), Kind::kMoved},
        Case{"moved_nowhere", Answer(302), Kind::kDead,
             "answers 302 and does not say where it has gone"},
        Case{"moved_to_javascript", Answer(302, "", "javascript:alert(1)"), Kind::kDead,
             "has moved to what is no link"},
        Case{"moved_to_a_file", Answer(302, "", "file:///etc/passwd"), Kind::kDead,
             "has moved to what is no link"},
        Case{"moved_with_password", Answer(302, "", "https://a:b@wiki.corp.internal/"), Kind::kDead,
             "has moved to what is no link"},
        Case{"moved_out_of_tls", Answer(302, "", "http://wiki.corp.internal/rb"), Kind::kDead,
             "has moved to an address without TLS"},
        Case{"to_login", Answer(302, "", "/login?next=%2Frb%2Fcheckout"), Kind::kDead,
             "leads to a login"},
        Case{"to_sso", Answer(302, "", "https://sso.corp.internal/start"), Kind::kDead,
             "leads to a login"},
        Case{"to_oauth", Answer(303, "", "https://id.corp.internal/oauth2/authorize?x=y"),
             Kind::kDead, "leads to a login"},
        Case{"within_auth_host", Answer(302, "", "/rb/new"), Kind::kMoved, "",
             "https://auth.corp.internal/rb/checkout"},
        Case{"page_about_login_moves", Answer(302, "", "/docs/login/"), Kind::kMoved, "",
             "https://wiki.corp.internal/docs/login"},
        Case{"unreachable",
             Unanswered(PageAnswer::Kind::kUnreachable, "cannot be reached: timed out"),
             Kind::kTrouble, "cannot be reached: timed out"},
        Case{"refused", Unanswered(PageAnswer::Kind::kRefused, "its host is at 10.0.0.1"),
             Kind::kRefused, "its host is at 10.0.0.1"},
        Case{"stopped", Unanswered(PageAnswer::Kind::kStopped, ""), Kind::kStopped}),
    [](const auto& test) { return test.param.name; });

TEST(PageJudgeTest, ReferencesAreResolved) {
  const LinkParts base = Parts("https://wiki.corp.internal:8443/rb/a/checkout?x=1");
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"https://b.corp.internal/y", "https://b.corp.internal/y"},
      {"//b.corp.internal/y", "https://b.corp.internal/y"},
      {"/y", "https://wiki.corp.internal:8443/y"},
      {"y?z#f", "https://wiki.corp.internal:8443/rb/a/y?z"},
      {"?z", "https://wiki.corp.internal:8443/rb/a/checkout?z"},
      {"#f", "https://wiki.corp.internal:8443/rb/a/checkout?x=1"},
      {"y/http:z", "https://wiki.corp.internal:8443/rb/a/y/http:z"},
      {"data:text/html,x", "data:text/html,x"},
  };
  for (const auto& [reference, expected] : cases) {
    EXPECT_EQ(ResolveReference(base, reference), expected) << reference;
  }
}

TEST(PageJudgeTest, LinksAreTakenApart) {
  const LinkParts parts = Parts("HTTPS://Wiki.Corp.Internal./a");
  EXPECT_EQ(parts.host, "wiki.corp.internal");
  EXPECT_EQ(Parts("http://x.corp.internal").target, "/");
  EXPECT_EQ(Parts("http://x.corp.internal").port, 80);
  EXPECT_EQ(Parts("https://x.corp.internal/bücher?ä").target, "/b%C3%BCcher?%C3%A4");
  EXPECT_EQ(Parts("https://[::1]:8443/x").host, "::1");
  EXPECT_EQ(Parts("https://[::1]:8443/x").Authority(), "[::1]:8443");
  for (const std::string_view none : {"ftp://x.corp.internal/", "https://a:b@x.corp.internal/",
                                      "https:///x", "x", "", "https://x\r\nHost: y/"}) {
    EXPECT_FALSE(TakeLinkApart(none).has_value()) << none;
  }
}

TEST(PageJudgeTest, WaitsAsLongAsIsAskedFor) {
  const Timestamp now = ParseTimestamp("2026-10-15T08:00:00Z").value();
  using std::chrono::seconds;
  EXPECT_EQ(ParseRetryAfter("120", now), seconds(120));
  EXPECT_EQ(ParseRetryAfter(" 7 ", now), seconds(7));
  EXPECT_EQ(ParseRetryAfter("Thu, 15 Oct 2026 08:01:30 GMT", now), seconds(90));
  EXPECT_EQ(ParseRetryAfter("999999999", now), seconds(kMaxRetryAfter));
  for (const std::string_view nothing :
       {"", "0", "-5", "soon", "99999999999999999999", "Thu, 15 Oct 2026 07:59:59 GMT",
        "Thu, 45 Oct 2026 08:00:00 GMT"}) {
    EXPECT_EQ(ParseRetryAfter(nothing, now), std::nullopt) << nothing;
  }
}

}  // namespace
}  // namespace plimsoll::links
