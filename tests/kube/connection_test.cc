// Connections: kept, replaced, shared by nobody.
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "kube/connection_pool.h"
#include "plimsoll/net/tls_context.h"
#include "tests/kube/support.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;
using testing::Answering;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using testing::InOrder;

std::vector<size_t> ConnectionsOf(const FakeApiServer& server) {
  std::vector<size_t> numbers;
  for (const testing::FakeRequest& request : server.requests()) {
    numbers.push_back(request.connection);
  }
  return numbers;
}

TEST(Connections, AreKeptAndReused) {
  FakeApiServer server(Answering(200, "{}"));
  const auto client = MakeClient(ConfigOf(server));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  EXPECT_THAT(ConnectionsOf(server), ElementsAre(1, 1, 1));
}

TEST(Connections, AreReusedAfterErrorsAndChunksAndNoContent) {
  FakeApiServer server(InOrder({
      Answering(404, "{}"),
      [](FakeExchange& exchange) {
        exchange.BeginChunks();
        exchange.Chunk("a");
        exchange.EndChunks();
      },
      [](FakeExchange& exchange) { exchange.Send("HTTP/1.1 204 No Content\r\n\r\n"); },
      Answering(200, "{}"),
  }));
  const auto client = MakeClient(ConfigOf(server));
  EXPECT_THAT(Told(client->Call(Get("/x"))), HasSubstr("404"));
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 a");
  EXPECT_EQ(Told(client->Call(Get("/x"))), "204 ");
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  EXPECT_EQ(server.connections(), 1U);
}

struct NotReusedCase {
  std::string name;
  FakeApiServer::Handler first;
};

class NotReusedTest : public ::testing::TestWithParam<NotReusedCase> {};

TEST_P(NotReusedTest, AnotherConnectionIsMade) {
  FakeApiServer server(InOrder({GetParam().first, Answering(200, "second")}));
  const auto client = MakeClient(ConfigOf(server));
  static_cast<void>(client->Call(Get("/x")));
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 second");
  EXPECT_THAT(ConnectionsOf(server), ElementsAre(1, 2));
}

INSTANTIATE_TEST_SUITE_P(
    All, NotReusedTest,
    ::testing::Values(
        NotReusedCase{"connection_close", Answering(200, "{}", "Connection: close\r\n")},
        NotReusedCase{"connection_close_in_capitals",
                      Answering(200, "{}", "connection: CLOSE\r\n")},
        NotReusedCase{"http_1_0",
                      [](FakeExchange& exchange) {
                        exchange.Send("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\n{}");
                      }},
        NotReusedCase{"more_than_was_announced",
                      [](FakeExchange& exchange) {
                        exchange.Send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}HTTP/1.1 200");
                      }},
        NotReusedCase{"broken_off",
                      [](FakeExchange& exchange) {
                        exchange.Send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}");
                        exchange.Reset();
                      }}),
    [](const auto& test) { return test.param.name; });

// Both ends in one hand, so that what one end does has happened when the other looks.
struct Ends {
  Ends() {
    std::array<int, 2> sockets{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets.data()), 0);
    ours = std::make_unique<net::Connection>(sockets[0], "peer");
    theirs = sockets[1];
  }
  ~Ends() { Close(); }
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  void Close() {
    if (theirs >= 0) ::close(theirs);
    theirs = -1;
  }
  std::unique_ptr<net::Connection> ours;
  int theirs;
};

TEST(ConnectionPool, GivesWhatWasUsedLastAndIsStillOpen) {
  ConnectionPool pool(std::chrono::hours(1));
  Ends first;
  Ends second;
  const net::Connection* expected = second.ours.get();
  pool.Give(std::move(first.ours));
  pool.Give(std::move(second.ours));
  EXPECT_EQ(pool.Take(nullptr).get(), expected);
}

TEST(ConnectionPool, ClosesWhatThePeerHasClosedOrSpokenOn) {
  ConnectionPool pool(std::chrono::hours(1));
  Ends open;
  Ends closed;
  Ends talks;
  const net::Connection* expected = open.ours.get();
  pool.Give(std::move(open.ours));
  pool.Give(std::move(closed.ours));
  pool.Give(std::move(talks.ours));
  closed.Close();
  ASSERT_EQ(::send(talks.theirs, "?", 1, 0), 1);
  EXPECT_EQ(pool.Take(nullptr).get(), expected);
  EXPECT_EQ(pool.Take(nullptr), nullptr);
}

TEST(ConnectionPool, ClosesWhatWasMadeWithOtherSettings) {
  ConnectionPool pool(std::chrono::hours(1));
  Ends ends;
  pool.Give(std::move(ends.ours));
  const auto context = net::MakeTlsContext({});
  ASSERT_TRUE(context.has_value());
  EXPECT_EQ(pool.Take(context->get()), nullptr);
  EXPECT_EQ(pool.Take(nullptr), nullptr);
}

TEST(ConnectionPool, KeepsAFewAndForgetsAllWhenTold) {
  ConnectionPool pool(std::chrono::hours(1));
  for (size_t i = 0; i < kMaxIdleConnections + 3; ++i) {
    // The peer's end stays open until the process ends.
    auto ends = std::make_unique<Ends>();
    pool.Give(std::move(ends->ours));
    ends->theirs = -1;
  }
  for (size_t i = 0; i < kMaxIdleConnections; ++i) EXPECT_NE(pool.Take(nullptr), nullptr);
  EXPECT_EQ(pool.Take(nullptr), nullptr);
  Ends ends;
  pool.Give(std::move(ends.ours));
  pool.Clear();
  EXPECT_EQ(pool.Take(nullptr), nullptr);
}

TEST(Connections, ThatAreOldAreNotUsed) {
  FakeApiServer server(Answering(200, "{}"));
  ApiClientOptions options;
  options.idle_connection_max_age = milliseconds(0);
  const auto client = MakeClient(ConfigOf(server), options);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  EXPECT_THAT(ConnectionsOf(server), ElementsAre(1, 2, 3));
}

struct RaceCase {
  std::string name;
  ApiRequest request;
  bool retried;
};

class ClosedOnRequestTest : public ::testing::TestWithParam<RaceCase> {};

// The server closes a kept connection just as a request is on its way: it has read the request, or not, nobody can tell.
TEST_P(ClosedOnRequestTest, OnlyWhatMayBeDoneTwiceIsSentAgain) {
  FakeApiServer server(
      InOrder({Answering(200, "first"), [](FakeExchange& exchange) { exchange.Reset(); },
               Answering(200, "third")}));
  const auto client = MakeClient(ConfigOf(server));
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 first");
  const Result<ApiResponse> answer = client->Call(GetParam().request);
  EXPECT_EQ(answer.has_value(), GetParam().retried) << Told(answer);
  if (!answer) {
    EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  }
  EXPECT_EQ(server.requests().size(), GetParam().retried ? 3U : 2U);
}

INSTANTIATE_TEST_SUITE_P(
    All, ClosedOnRequestTest,
    ::testing::Values(
        RaceCase{"get", Get("/x"), true}, RaceCase{"put", Send(ApiMethod::kPut, "/x", "{}"), true},
        RaceCase{"delete", Send(ApiMethod::kDelete, "/x", ""), true},
        RaceCase{"apply", Send(ApiMethod::kPatch, "/x", "{}", "application/apply-patch+yaml"),
                 true},
        RaceCase{"merge", Send(ApiMethod::kPatch, "/x", "{}", "application/merge-patch+json"),
                 false},
        RaceCase{"post", Send(ApiMethod::kPost, "/x", "{}"), false}),
    [](const auto& test) { return test.param.name; });

TEST(Connections, ThatAreNewAreNotReplaced) {
  FakeApiServer server([](FakeExchange& exchange) { exchange.Reset(); });
  const auto client = MakeClient(ConfigOf(server));
  EXPECT_FALSE(client->Call(Get("/x")).has_value());
  EXPECT_EQ(server.requests().size(), 1U) << "a server that always breaks off is not asked twice";
}

TEST(Connections, AreForEachCallAlone) {
  constexpr size_t kCalls = 6;
  std::mutex mutex;
  std::condition_variable all_here;
  size_t here = 0;
  FakeApiServer server([&](FakeExchange& exchange) {
    std::unique_lock lock(mutex);
    ++here;
    all_here.notify_all();
    // Nobody is answered before all have asked.
    all_here.wait_for(lock, std::chrono::seconds(30), [&] { return here >= kCalls; });
    lock.unlock();
    exchange.Answer(200, exchange.request().target);
  });
  const auto client = MakeClient(ConfigOf(server));
  std::vector<std::thread> threads;
  std::array<std::string, kCalls> told;
  for (size_t i = 0; i < kCalls; ++i) {
    threads.emplace_back([&, i] { told[i] = Told(client->Call(Get("/" + std::to_string(i)))); });
  }
  for (std::thread& thread : threads) thread.join();
  for (size_t i = 0; i < kCalls; ++i) EXPECT_EQ(told[i], "200 /" + std::to_string(i));
  EXPECT_EQ(server.connections(), kCalls);
}

TEST(Connections, ThatAreRefusedSayWhere) {
  uint16_t port = 0;
  {
    FakeApiServer server([](FakeExchange&) {});
    port = server.port();
  }
  ClusterConfig config;
  config.server = "https://127.0.0.1:" + std::to_string(port);
  const auto client = MakeClient(config);
  const Result<ApiResponse> answer = client->Call(Get("/x"));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kUnavailable);
  EXPECT_EQ(answer.error().message,
            "GET /x: cannot connect to 127.0.0.1:" + std::to_string(port) + ": Connection refused");
}

TEST(Connections, FindNamesAndTryEveryAddress) {
  // localhost may be ::1 first, where nobody listens.
  FakeApiServer server(Answering(200, "{}"));
  ClusterConfig config;
  config.server = server.url("localhost");
  const auto client = MakeClient(config);
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  EXPECT_EQ(server.requests().at(0).Header("host"), "localhost:" + std::to_string(server.port()));
}

TEST(Connections, ToNamesThatDoNotExistSayWhich) {
  ClusterConfig config;
  config.server = "https://no-such-host.invalid:6443";
  const auto client = MakeClient(config);
  const Timed timed = TimedCall(*client, milliseconds(10'000));
  EXPECT_THAT(timed.told, HasSubstr("no-such-host.invalid"));
}

}  // namespace
}  // namespace plimsoll::kube
