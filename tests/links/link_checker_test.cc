// The link checker against servers of this process: what goes over the wire, and what never does.
#include "plimsoll/links/link_checker.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <map>
#include <mutex>

#include "links/link_fetch.h"
#include "plimsoll/net/tls_context.h"
#include "tests/fakes/fake_api_server.h"
#include "tests/fakes/test_pki.h"

namespace plimsoll {
namespace {

using testing::Answering;
using testing::FakeApiServer;
using testing::FakeExchange;
using testing::FakeRequest;
using testing::FakeServerOptions;
using ::testing::HasSubstr;
using testing::TestPki;

const std::string kPage = "<title>Checkout</title><p>What to do when checkout does nothing.</p>";

class WallClock final : public Clock {
 public:
  Timestamp Now() const override { return TestPki::Now(); }
};

// Answers by path; what is not there is 404.
class Wiki {
 public:
  explicit Wiki(std::map<std::string, FakeApiServer::Handler> pages, FakeServerOptions options = {})
      : server(
            [pages = std::move(pages)](FakeExchange& exchange) {
              const auto found = pages.find(exchange.request().target);
              if (found != pages.end()) return found->second(exchange);
              exchange.Answer(404, "no");
            },
            std::move(options)) {}
  FakeApiServer server;
};

// FakeExchange::Answer would call it JSON.
FakeApiServer::Handler Page(const std::string& body = kPage) {
  return [body](FakeExchange& exchange) {
    exchange.Send("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: " +
                  std::to_string(body.size()) + "\r\n\r\n" + body);
  };
}
FakeApiServer::Handler MovedTo(const std::string& location) {
  return Answering(302, "", "Location: " + location + "\r\n");
}

class LinkCheckerTest : public ::testing::Test {
 protected:
  std::unique_ptr<LinkChecker> Make(bool loopback = true) {
    LinkCheckerOptions options;
    options.user_agent = "plimsoll-controller/1.2.3 (+runbook link check)";
    options.clock = &clock_;
    options.ca = pki_.ca();
    options.first_spread = std::chrono::seconds(0);
    options.host_gap = std::chrono::seconds(0);
    options.allow_loopback = loopback;
    options.changed = [this] {
      const std::lock_guard lock(mutex_);
      ++changes_;
      changed_.notify_all();
    };
    return LinkChecker::Create(std::move(options)).value();
  }

  // What is found about one link.
  LinkResult Look(const std::string& url, LinkChecker& checker) {
    LinkTerms terms;
    terms.interval = std::chrono::hours(1);
    checker.SetWanted({{url, terms}});
    return Await(url, checker);
  }
  LinkResult Look(const std::string& url, bool loopback = true) {
    const auto checker = Make(loopback);
    return Look(url, *checker);
  }

  LinkResult Await(const std::string& url, LinkChecker& checker) {
    std::unique_lock lock(mutex_);
    const auto known = [&] {
      const auto results = checker.Results();
      const LinkResult* found = results->Find(url);
      return found != nullptr && found->state != LinkState::kPending;
    };
    EXPECT_TRUE(changed_.wait_for(lock, std::chrono::seconds(30), known)) << url;
    const auto results = checker.Results();
    const LinkResult* found = results->Find(url);
    return found == nullptr ? LinkResult() : *found;
  }

  FakeServerOptions Tls(std::vector<std::string> names = {"localhost"},
                        std::vector<std::string> addresses = {"127.0.0.1"}) {
    FakeServerOptions options;
    options.certificate = pki_.Issue(std::move(names), std::move(addresses));
    return options;
  }

  TestPki pki_;
  WallClock clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  int changes_ = 0;  // guarded by mutex_
};

TEST_F(LinkCheckerTest, ReadsAPageAndSaysWhoItIs) {
  Wiki wiki({{"/rb/checkout?a=b", Page()}}, Tls());
  const std::string url = wiki.server.url() + "/rb/checkout?a=b#top";
  EXPECT_EQ(Look(url).state, LinkState::kAlive);
  const std::vector<FakeRequest> requests = wiki.server.requests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].method, "GET");
  EXPECT_EQ(requests[0].target, "/rb/checkout?a=b");
  EXPECT_EQ(requests[0].Header("user-agent"), "plimsoll-controller/1.2.3 (+runbook link check)");
  EXPECT_EQ(requests[0].Header("host"), "127.0.0.1:" + std::to_string(wiki.server.port()));
  EXPECT_EQ(requests[0].Header("accept-encoding"), "identity");
  EXPECT_EQ(requests[0].Header("authorization"), "");
  EXPECT_EQ(requests[0].Header("cookie"), "");
  EXPECT_THAT(requests[1].target, HasSubstr("/rb/plimsoll-"));
}

TEST_F(LinkCheckerTest, FindsPagesThatAreNone) {
  Wiki wiki({{"/login-form", Page("<title>Log in</title><input type=\"password\">")},
             {"/moved", MovedTo("/new")},
             {"/new", Page()},
             {"/away", MovedTo("/login")},
             {"/closed", Answering(403, "")}});
  const auto state = [&](const std::string& path) {
    const LinkResult result = Look(wiki.server.url() + path);
    return std::string(LinkStateName(result.state)) + " " + result.problem;
  };
  EXPECT_EQ(state("/missing"), "dead answers 404");
  EXPECT_EQ(state("/login-form"), "dead asks for a login");
  EXPECT_EQ(state("/moved"), "alive ");
  EXPECT_EQ(state("/away"), "dead leads to a login");
  EXPECT_THAT(state("/closed"), HasSubstr("dead answers 403"));
}

TEST_F(LinkCheckerTest, NeverAsksLoopbackUnlessATestAllowsIt) {
  Wiki wiki({{"/", Page()}});
  const std::string port = std::to_string(wiki.server.port());
  // As a name, as an address, as numbers that only some read as an address, and hidden in one of IPv6.
  for (const std::string host :
       {"localhost", "127.0.0.1", "127.1", "2130706433", "0x7f.0.0.1", "0177.0.0.1", "0.0.0.0",
        "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::127.0.0.1]"}) {
    const LinkResult result = Look("http://" + host + ":" + port + "/", false);
    EXPECT_EQ(result.state, LinkState::kRefused) << host << " " << result.problem;
  }
  EXPECT_EQ(wiki.server.connections(), 0U);
}

TEST_F(LinkCheckerTest, NeverAsksTheMetadataService) {
  const auto checker = Make();
  for (const std::string host : {"169.254.169.254", "2852039166", "[::ffff:169.254.169.254]",
                                 "[64:ff9b::a9fe:a9fe]", "[fd00:ec2::254]"}) {
    const LinkResult result = Look("http://" + host + "/latest/meta-data/", *checker);
    EXPECT_EQ(result.state, LinkState::kRefused) << host << " " << result.problem;
  }
}

// A page that anybody may read sends on to one that nobody may.
TEST_F(LinkCheckerTest, ARedirectIsNoWayAroundTheRules) {
  Wiki wiki({{"/meta", MovedTo("http://169.254.169.254/latest/meta-data/iam/")},
             {"/private", MovedTo("http://10.0.0.1/admin")},
             {"/file", MovedTo("file:///etc/passwd")}});
  EXPECT_EQ(Look(wiki.server.url() + "/meta").state, LinkState::kRefused);
  EXPECT_THAT(Look(wiki.server.url() + "/private").problem, HasSubstr("a private address"));
  EXPECT_EQ(Look(wiki.server.url() + "/file").state, LinkState::kDead);
}

TEST_F(LinkCheckerTest, ACertificateIsVerified) {
  Wiki good({{"/", Page()}}, Tls({"localhost"}));
  EXPECT_EQ(Look(good.server.url("localhost") + "/").state, LinkState::kAlive);
  EXPECT_EQ(good.server.requests().at(0).sni, "localhost");
}

links::PageAnswer FetchOnce(const std::string& url, const std::string& ca,
                            links::FetchOptions options = {}, links::LinkStep step = {}) {
  net::Resolver resolver;
  net::TlsSettings settings;
  settings.ca = ca;
  step.asked = TakeLinkApart(url).value();
  options.user_agent = "test";
  options.addresses.allow_loopback = true;
  return links::Fetch(resolver, net::MakeTlsContext(settings).value(), step, options,
                      [] { return false; });
}

using links::PageAnswer;

TEST_F(LinkCheckerTest, ADistrustedServerIsNotAsked) {
  Wiki other({{"/", Page()}}, Tls({"other.corp.internal"}, {}));
  const PageAnswer wrong_name = FetchOnce(other.server.url("localhost") + "/", pki_.ca());
  EXPECT_EQ(wrong_name.kind, PageAnswer::Kind::kUnreachable);
  EXPECT_THAT(wrong_name.why, HasSubstr("is not trusted"));
  Wiki stranger({{"/", Page()}}, Tls());
  EXPECT_EQ(FetchOnce(stranger.server.url() + "/", TestPki().ca()).kind,
            PageAnswer::Kind::kUnreachable);
  EXPECT_EQ(other.server.requests().size() + stranger.server.requests().size(), 0U);
}

TEST_F(LinkCheckerTest, ABodyIsReadUpToItsLimitOnly) {
  Wiki wiki({{"/endless", [](FakeExchange& exchange) {
                exchange.BeginChunks("Content-Type: text/html\r\n");
                const std::string piece(64 * 1024, 'x');
                for (int i = 0; i < 10'000; ++i)
                  exchange.Chunk(piece);  // returns once the client has gone
              }}});
  const PageAnswer answer = FetchOnce(wiki.server.url() + "/endless", "");
  EXPECT_EQ(answer.kind, PageAnswer::Kind::kAnswered);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.size(), links::kMaxBodyBytes);
}

TEST_F(LinkCheckerTest, WhoDawdlesIsLeft) {
  links::FetchOptions options;
  options.timeout = std::chrono::milliseconds(300);
  Wiki wiki({{"/slow",
              [](FakeExchange& exchange) {
                exchange.Dribble("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x'),
                                 std::chrono::milliseconds(20));
              }},
             {"/silent", [](FakeExchange& exchange) { exchange.WaitForPeerToGo(); }}});
  for (const std::string path : {"/slow", "/silent"}) {
    const PageAnswer answer = FetchOnce(wiki.server.url() + path, "", options);
    EXPECT_EQ(answer.kind, PageAnswer::Kind::kUnreachable) << path;
    EXPECT_THAT(answer.why, HasSubstr("timed out")) << path;
  }
}

TEST_F(LinkCheckerTest, WhatHttpServersGetWrongIsTroubleAndNoMore) {
  const auto raw = [](std::string bytes) {
    return [bytes](FakeExchange& exchange) {
      exchange.Send(bytes);
      exchange.Close();
    };
  };
  Wiki wiki(
      {{"/nothing", raw("")},
       {"/noise", raw("\x16\x03\x01 what?")},
       {"/short", raw("HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\nhalf")},
       {"/number", raw("HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n")},
       {"/zipped", raw("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx")},
       {"/long", raw("HTTP/1.1 200 OK\r\nX: " + std::string(100'000, 'x') + "\r\n\r\n")}});
  for (const std::string path : {"/nothing", "/noise", "/short", "/number", "/zipped", "/long"}) {
    const PageAnswer answer = FetchOnce(wiki.server.url() + path, "");
    EXPECT_EQ(answer.kind, PageAnswer::Kind::kUnreachable) << path;
    EXPECT_FALSE(answer.why.empty()) << path;
  }
}

TEST_F(LinkCheckerTest, AnUnchangedPageWithALengthIsNotWaitedFor) {
  links::LinkStep step;
  step.etag = "\"v1\"";
  step.last_modified = "Thu, 01 Oct 2026 08:00:00 GMT";
  Wiki wiki({{"/", [](FakeExchange& exchange) {
                exchange.Send("HTTP/1.1 304 Not Modified\r\nContent-Length: 5000\r\n\r\n");
                exchange.WaitForPeerToGo();
              }}});
  EXPECT_EQ(FetchOnce(wiki.server.url() + "/", "", {}, step).status, 304);
  const FakeRequest request = wiki.server.requests().at(0);
  EXPECT_EQ(request.Header("if-none-match"), "\"v1\"");
  EXPECT_EQ(request.Header("if-modified-since"), "Thu, 01 Oct 2026 08:00:00 GMT");
}

TEST_F(LinkCheckerTest, StopsInTheMiddleOfARequest) {
  Wiki wiki({{"/silent", [](FakeExchange& exchange) { exchange.WaitForPeerToGo(); }}});
  const auto checker = Make();
  LinkTerms terms;
  terms.interval = std::chrono::hours(1);
  checker->SetWanted({{wiki.server.url() + "/silent", terms}});
  ASSERT_TRUE(wiki.server.WaitForRequests(1));
  const auto began = std::chrono::steady_clock::now();
  checker->Stop();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(5));
  EXPECT_EQ(checker->Results()->Find(wiki.server.url() + "/silent")->state, LinkState::kPending);
}

TEST_F(LinkCheckerTest, LooksAtManyAndCountsThem) {
  Wiki wiki({{"/a", Page()}, {"/b", Page(kPage + kPage)}});
  const auto checker = Make();
  LinkTerms terms;
  terms.interval = std::chrono::hours(1);
  WantedLinks wanted;
  for (const char* path : {"/a", "/b", "/c", "/d", "/e"}) wanted[wiki.server.url() + path] = terms;
  checker->SetWanted(wanted);
  for (const auto& [url, unused] : wanted) Await(url, *checker);
  const LinkFigures figures = checker->Figures();
  EXPECT_EQ(figures.alive, 2U);
  EXPECT_EQ(figures.dead, 3U);
  EXPECT_EQ(figures.alive_now, 2U);
  EXPECT_EQ(figures.dead_now, 3U);
  EXPECT_EQ(figures.pending_now, 0U);
}

TEST_F(LinkCheckerTest, ACaThatIsNoneIsSaid) {
  LinkCheckerOptions options;
  options.clock = &clock_;
  options.ca = "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----\n";
  EXPECT_FALSE(LinkChecker::Create(std::move(options)).has_value());
}

}  // namespace
}  // namespace plimsoll
