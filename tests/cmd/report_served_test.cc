// The report as it is served: who may read it, when it is made, what is answered.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "plimsoll/kube/base64.h"
#include "plimsoll/server/http_server.h"
#include "report_access.h"
#include "report_page.h"
#include "report_routes.h"
#include "tests/cmd/support.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/scripted_api.h"
#include "tests/server/client.h"

namespace plimsoll::controller {
namespace {

using nlohmann::json;
using testing::Client;
using ::testing::HasSubstr;
using testing::ManualClock;
using testing::Parsed;
using testing::Response;
using testing::ScriptedApi;
using testing::Settle;
using testing::Stopwatch;
using Answer = ReportAccess::Answer;

// "good" may all, "half" may list records alone, "poor" nothing; others are nobody's.
std::optional<Result<kube::ApiResponse>> AnswerAsCluster(const kube::ApiRequest& request) {
  const json asked = json::parse(request.body)["spec"];
  json status;
  if (request.path == "/apis/authentication.k8s.io/v1/tokenreviews") {
    const std::string token = asked["token"];
    const bool known = token == "good" || token == "half" || token == "poor";
    status["authenticated"] = known;
    if (known) status["user"] = {{"username", token}, {"groups", {"g"}}};
  } else {
    const json& what = asked["resourceAttributes"];
    const bool lists = what["verb"] == "list" && what["group"] == "plimsoll.dev" &&
                       what["namespace"].get<std::string>().empty() && asked["groups"] == json{"g"};
    status["allowed"] =
        lists && (asked["user"] == "good" ||
                  (asked["user"] == "half" && what["resource"] == "workloadreadinesses"));
  }
  return Result<kube::ApiResponse>(kube::ApiResponse{201, json{{"status", status}}.dump()});
}

const std::vector<std::string_view> kBoth = {"workloadreadinesses", "readinesswaivers"};
const std::vector<std::string_view> kRecords = {"workloadreadinesses"};

class ReportAccessTest : public ::testing::Test {
 protected:
  ReportAccessTest() { api_.AnswerBy(AnswerAsCluster); }
  ~ReportAccessTest() override { resolver_.Stop(); }
  Answer Settled(std::string_view header, const std::vector<std::string_view>& resources = kBoth) {
    EXPECT_EQ(access_.MayRead(header, resources), Answer::kPending);
    EXPECT_TRUE(Settle(resolver_));
    return access_.MayRead(header, resources);
  }
  ScriptedApi api_;
  Stopwatch time_;
  FactResolver resolver_;
  ReportAccess access_{api_, resolver_, [this] { return time_.Now(); }};
};

TEST_F(ReportAccessTest, WhoMay) {
  EXPECT_EQ(Settled("Bearer good"), Answer::kAllowed);
  EXPECT_EQ(Settled("Bearer half"), Answer::kDenied);
  EXPECT_EQ(Settled("Bearer half", kRecords), Answer::kAllowed);
  EXPECT_EQ(Settled("Bearer poor", kRecords), Answer::kDenied);
  EXPECT_EQ(Settled("Bearer forged"), Answer::kNobody);
}

TEST_F(ReportAccessTest, WhereATokenMayStand) {
  EXPECT_EQ(TokenIn("Bearer a.b-c"), "a.b-c");
  EXPECT_EQ(TokenIn("bearer  a.b-c"), "a.b-c");
  EXPECT_EQ(TokenIn("Basic " + kube::Base64Encode("anybody:a.b-c")), "a.b-c");
  for (const std::string& header :
       {std::string(), std::string("Bearer"), std::string("Bearer "), std::string("Bearer a b"),
        std::string("Token a"), std::string("Basic a"), "Basic " + kube::Base64Encode("no colon"),
        "Basic " + kube::Base64Encode("a:b\nc"), "Basic " + kube::Base64Encode("a:")}) {
    EXPECT_EQ(TokenIn(header), "") << header;
    EXPECT_EQ(access_.MayRead(header, kBoth), Answer::kNobody);
  }
  EXPECT_TRUE(Settle(resolver_));
  EXPECT_TRUE(api_.calls().empty());
}

TEST_F(ReportAccessTest, AnAnswerCountsForAWhile) {
  EXPECT_EQ(Settled("Bearer good"), Answer::kAllowed);
  EXPECT_EQ(api_.calls().size(), 3U);  // who, and two questions
  time_.Pass(kReportAnswerLife - std::chrono::milliseconds(1));
  EXPECT_EQ(access_.MayRead("Bearer good", kBoth), Answer::kAllowed);
  EXPECT_EQ(api_.calls().size(), 3U);
  time_.Pass(std::chrono::milliseconds(1));
  EXPECT_EQ(Settled("Bearer good"), Answer::kAllowed);
  EXPECT_EQ(api_.calls().size(), 6U);
}

TEST_F(ReportAccessTest, NoAnswerIsNoPermissionAndDoesNotLast) {
  api_.AnswerBy({});
  ScriptedApi::Trouble away;
  away.times = 2;
  api_.Fail(away);
  EXPECT_EQ(Settled("Bearer good"), Answer::kUnknown);
  api_.NoMoreTrouble();
  api_.AnswerBy(AnswerAsCluster);
  time_.Pass(kNoReportAnswerLife);
  EXPECT_EQ(Settled("Bearer good"), Answer::kAllowed);
}

std::string RecordText(const std::string& name, int version) {
  return json{{"metadata",
               {{"name", "deployment-" + name},
                {"namespace", "shop"},
                {"resourceVersion", std::to_string(version)}}},
              {"status",
               {{"workload",
                 {{"apiVersion", "apps/v1"}, {"kind", "Deployment"}, {"name", name}, {"uid", "1"}}},
                {"owner", "payments"},
                {"service", name},
                {"state", "Ready"},
                {"firstSeen", {{"at", "2026-11-01T00:00:00Z"}, {"how", "audit"}}}}}}
      .dump();
}

// All of it behind a listener, as in cluster.cc, but for TLS.
class ReportServedTest : public ::testing::Test {
 protected:
  ReportServedTest() {
    api_.AnswerBy(AnswerAsCluster);
    HttpServerOptions options;
    options.address = "127.0.0.1:0";
    options.threads = 1;
    options.routes = ReportRoutes({&access_, &page_, [] { return nullptr; }, &clock_});
    options.timeouts.wait = std::chrono::seconds(60);  // nothing here is to be cut short
    server_ = HttpServer::Start(std::move(options)).value();
  }
  ~ReportServedTest() override {
    server_.reset();
    resolver_.Stop();
  }
  void Put(const std::string& name, int version) {
    const Parsed object(RecordText(name, version));
    records_.Upsert({"shop", "deployment-" + name}, object.view());
  }
  Response Ask(const std::string& path,
               const std::string& headers = "Authorization: Bearer good\r\n",
               const std::string& method = "GET") {
    Client client = Client::Plain(server_->port());
    EXPECT_TRUE(client.Send(method + " " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n"));
    return client.Read(method == "HEAD").value_or(Response{});
  }

  ScriptedApi api_;
  ManualClock clock_;
  Stopwatch time_;
  ReportRecords records_;
  FactResolver resolver_;
  ReportAccess access_{api_, resolver_, [this] { return time_.Now(); }};
  ReportPage page_{
      {&records_, [](FingerprintText&) { return std::vector<ReportedWaiver>(); }, &clock_, "0.0.0"},
      [this] { return time_.Now(); }};
  std::unique_ptr<HttpServer> server_;
};

TEST_F(ReportServedTest, ThePageAndItsHeaders) {
  Put("checkout", 1);
  records_.Synced();
  const Response page = Ask("/report");
  EXPECT_EQ(page.status, 200);
  EXPECT_THAT(page.body, HasSubstr("checkout"));
  EXPECT_EQ(page.Header("content-type"), "text/html; charset=utf-8");
  EXPECT_EQ(page.Header("content-security-policy"),
            HtmlReportPolicy(true) + "; frame-ancestors 'none'");
  EXPECT_EQ(page.Header("x-content-type-options"), "nosniff");
  EXPECT_EQ(page.Header("cache-control"), "private, no-cache");
  EXPECT_EQ(page.Header("x-frame-options"), "DENY");
  // A browser may keep it, and asks each time.
  const std::string etag = page.Header("etag");
  EXPECT_TRUE(etag.starts_with("W/\""));
  for (const std::string& had : {etag, "\"x\", " + etag, etag.substr(2), std::string("*")}) {
    const Response same =
        Ask("/report", "Authorization: Bearer good\r\nIf-None-Match: " + had + "\r\n");
    EXPECT_EQ(same.status, 304) << had;
    EXPECT_EQ(same.body, "");
    EXPECT_EQ(same.Header("etag"), etag);
  }
  const Response head = Ask("/report", "Authorization: Bearer good\r\n", "HEAD");
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.Header("content-length"), std::to_string(page.body.size()));
}

TEST_F(ReportServedTest, WhoMayNotIsToldWhy) {
  records_.Synced();
  for (const std::string path : {"/report", "/api/v1/services", "/api/v1/nothing"}) {
    const Response nobody = Ask(path, "");
    EXPECT_EQ(nobody.status, 401) << path;
    EXPECT_NE(nobody.Header("www-authenticate"), "") << path;
    EXPECT_EQ(Ask(path, "Authorization: Bearer forged\r\n").status, 401) << path;
    const Response poor = Ask(path, "Authorization: Bearer poor\r\n");
    EXPECT_EQ(poor.status, 403) << path;
    EXPECT_THAT(poor.body, HasSubstr("the permission to list workloadreadinesses.plimsoll.dev"))
        << path;
  }
  EXPECT_EQ(json::parse(Ask("/api/v1/services", "").body)["reason"], "Unauthorized");
  // Records, and not waivers.
  EXPECT_EQ(Ask("/api/v1/services", "Authorization: Bearer half\r\n").status, 200);
  EXPECT_EQ(Ask("/api/v1/waivers", "Authorization: Bearer half\r\n").status, 403);
  EXPECT_EQ(Ask("/report", "Authorization: Bearer half\r\n").status, 403);
}

TEST_F(ReportServedTest, NothingButReading) {
  records_.Synced();
  for (const std::string path : {"/report", "/api/v1/services"}) {
    for (const std::string method : {"POST", "DELETE", "PUT"}) {
      const Response refused =
          Ask(path, "Authorization: Bearer good\r\nContent-Length: 0\r\n", method);
      EXPECT_EQ(refused.status, 405) << method;
      EXPECT_EQ(refused.Header("allow"), "GET, HEAD");
    }
  }
  EXPECT_EQ(Ask("/metrics").status, 404);
  const Response missing = Ask("/api/v1/nothing");
  EXPECT_EQ(missing.status, 404);
  EXPECT_EQ(json::parse(missing.body)["reason"], "NotFound");
}

TEST_F(ReportServedTest, TheApiSaysWhatThePageSays) {
  Put("checkout", 1);
  records_.Synced();
  const Response services = Ask("/api/v1/services?limit=5");
  EXPECT_EQ(services.Header("content-type"), "application/json");
  EXPECT_EQ(json::parse(services.body)["items"][0]["service"], "checkout");
  EXPECT_EQ(Ask("/api/v1/services?limit=x").status, 400);
  EXPECT_EQ(json::parse(Ask("/api/v1/services/shop/Deployment/checkout").body)["service"]["owner"],
            "payments");
}

TEST_F(ReportServedTest, APageIsMadeAgainWhenItIsOldAndSomethingHasChanged) {
  Put("checkout", 1);
  records_.Synced();
  const std::string first = Ask("/report").Header("etag");
  Put("search", 2);
  EXPECT_EQ(Ask("/report").Header("etag"), first) << "a page is good for a while";
  time_.Pass(kReportLife);
  const Response second = Ask("/report");
  EXPECT_NE(second.Header("etag"), first);
  EXPECT_THAT(second.body, HasSubstr("search"));
  time_.Pass(kReportLife);
  const auto before = page_.Latest();
  EXPECT_EQ(Ask("/report").Header("etag"), second.Header("etag"));
  EXPECT_EQ(page_.Latest(), before) << "nothing has changed: it is not made again";
}

TEST(ReportPageTest, BeforeAllRecordsAreReadThereIsNone) {
  ManualClock clock;
  ReportRecords records;
  ReportPage page(
      {&records, [](FingerprintText&) { return std::vector<ReportedWaiver>(); }, &clock, "0"});
  EXPECT_FALSE(page.synced());
  EXPECT_EQ(page.Current(), nullptr);
  EXPECT_EQ(page.Latest(), nullptr);
}

}  // namespace
}  // namespace plimsoll::controller
