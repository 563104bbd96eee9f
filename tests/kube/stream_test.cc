// Streams: handed over as they come, ended by silence, by their total, by their taker and at once when asked to stop.
#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "tests/kube/deaf_listener.h"
#include "tests/kube/support.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;
using testing::Answering;
using ::testing::HasSubstr;
using testing::InOrder;

struct Streamed {
  std::string told;
  std::string body;
};

struct StreamRun {
  milliseconds silence{10'000};
  milliseconds total{20'000};
  std::function<bool(std::string_view)> take = [](std::string_view) { return true; };
  std::function<bool()> stop = [] { return false; };

  Streamed Run(ApiClient& client, const ApiRequest& request = Get("/watch")) {
    Streamed streamed;
    streamed.told = Told(client.Stream(
        request, {silence, total},
        [&](std::string_view piece) {
          streamed.body += piece;
          return take(piece);
        },
        stop));
    return streamed;
  }
};

TEST(Stream, HandsOverTheBodyAsItComes) {
  std::mutex mutex;
  std::condition_variable changed;
  size_t taken = 0;
  FakeApiServer server([&](FakeExchange& exchange) {
    exchange.BeginChunks();
    for (size_t i = 0; i < 3; ++i) {
      exchange.Chunk(std::to_string(i));
      // The next one is sent when this one has been handed over: nothing waits for the end.
      std::unique_lock lock(mutex);
      EXPECT_TRUE(changed.wait_for(lock, std::chrono::seconds(30), [&] { return taken == i + 1; }));
    }
    exchange.EndChunks();
  });
  const auto client = MakeClient(ConfigOf(server));
  StreamRun run;
  run.take = [&](std::string_view) {
    const std::lock_guard lock(mutex);
    ++taken;
    changed.notify_all();
    return true;
  };
  const Streamed streamed = run.Run(*client);
  EXPECT_EQ(streamed.told, "ok");
  EXPECT_EQ(streamed.body, "012");
}

TEST(Stream, GivesUpAPeerThatFallsSilent) {
  FakeApiServer server([](FakeExchange& exchange) {
    exchange.BeginChunks();
    exchange.Chunk("a");
    exchange.WaitForPeerToGo();
  });
  const auto client = MakeClient(ConfigOf(server));
  StreamRun run;
  run.silence = milliseconds(50);
  const Streamed streamed = run.Run(*client);
  EXPECT_THAT(streamed.told, HasSubstr("the peer fell silent while reading"));
  EXPECT_EQ(streamed.body, "a");
}

TEST(Stream, EndsAtItsTotalHoweverMuchComes) {
  FakeApiServer server([](FakeExchange& exchange) {
    exchange.BeginChunks();
    while (exchange.Send("1\r\na\r\n")) continue;
  });
  const auto client = MakeClient(ConfigOf(server));
  StreamRun run;
  run.total = milliseconds(100);
  EXPECT_THAT(run.Run(*client).told, HasSubstr("timed out while reading"));
}

TEST(Stream, WaitsForTheHeadAsLongAsForACall) {
  FakeApiServer server([](FakeExchange& exchange) { exchange.WaitForPeerToGo(); });
  const auto client = MakeClient(ConfigOf(server));
  ApiRequest request = Get("/watch");
  request.timeout = milliseconds(50);
  EXPECT_THAT(StreamRun().Run(*client, request).told, HasSubstr("timed out while reading"));
}

TEST(Stream, EndsWhereItsTakerHasEnough) {
  FakeApiServer server([](FakeExchange& exchange) {
    exchange.BeginChunks();
    exchange.Chunk("a");
    exchange.WaitForPeerToGo();
  });
  const auto client = MakeClient(ConfigOf(server));
  StreamRun run;
  run.take = [](std::string_view) { return false; };
  EXPECT_EQ(run.Run(*client).told, "ok");
}

TEST(Stream, SaysThatItWasCut) {
  for (const bool reset : {false, true}) {
    FakeApiServer server([reset](FakeExchange& exchange) {
      exchange.BeginChunks();
      exchange.Chunk("abc");
      exchange.Send("9\r\nde");
      if (reset) {
        exchange.Reset();
      } else {
        exchange.Close();
      }
    });
    const auto client = MakeClient(ConfigOf(server));
    const Streamed streamed = StreamRun().Run(*client);
    EXPECT_THAT(streamed.told, HasSubstr("GET /watch: the "));
    if (!reset) {
      EXPECT_EQ(streamed.body, "abcde");
    }
  }
}

TEST(Stream, ReportsAStatusAndHandsNothingOver) {
  FakeApiServer server(
      [](FakeExchange& exchange) { exchange.Fail(410, "Expired", "too old resource version"); });
  const auto client = MakeClient(ConfigOf(server));
  StreamRun run;
  run.take = [](std::string_view) {
    ADD_FAILURE();
    return true;
  };
  EXPECT_EQ(run.Run(*client).told, "GET /watch: 410 Expired: too old resource version");
}

TEST(Stream, ComesBackWhenTheServerSays) {
  FakeApiServer server(InOrder({[](FakeExchange& exchange) {
                                  exchange.Fail(429, "TooManyRequests", "storm",
                                                "Retry-After: 3\r\n");
                                },
                                Answering(200, "frames")}));
  std::vector<milliseconds> waits;
  ApiClientOptions options;
  options.pause = [&](milliseconds wait) { waits.push_back(wait); };
  const auto client = MakeClient(ConfigOf(server), options);
  const Streamed streamed = StreamRun().Run(*client);
  EXPECT_EQ(streamed.told, "ok");
  EXPECT_EQ(streamed.body, "frames");
  ASSERT_EQ(waits.size(), 1U);
  EXPECT_GE(waits[0], milliseconds(3000));
}

// Stops when the peer has the connection, wherever the stream is then.
struct StopCase {
  std::string name;
  FakeServerOptions::Begin begin;
  FakeApiServer::Handler handler;
  bool tls;
};

class StopTest : public ::testing::TestWithParam<StopCase> {};

TEST_P(StopTest, EndsAStreamWithinASecondAndWithoutAnError) {
  FakeServerOptions options;
  options.begin = GetParam().begin;
  FakeApiServer server(GetParam().handler, options);
  ClusterConfig config;
  config.server =
      (GetParam().tls ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(server.port());
  const auto client = MakeClient(config);
  std::atomic<bool> stop{false};
  StreamRun run;
  run.stop = [&] { return stop.load(); };
  Streamed streamed;
  std::thread thread([&] { streamed = run.Run(*client); });
  EXPECT_TRUE(server.WaitForConnections(1));
  stop = true;
  thread.join();  // would take ten seconds otherwise
  EXPECT_EQ(streamed.told, "ok");
}

INSTANTIATE_TEST_SUITE_P(
    All, StopTest,
    ::testing::Values(StopCase{"in_the_handshake", FakeServerOptions::Begin::kSilent,
                               [](FakeExchange&) {}, true},
                      StopCase{"before_the_head", FakeServerOptions::Begin::kNormal,
                               [](FakeExchange& exchange) { exchange.WaitForPeerToGo(); }, false},
                      StopCase{"in_the_body", FakeServerOptions::Begin::kNormal,
                               [](FakeExchange& exchange) {
                                 exchange.BeginChunks();
                                 exchange.WaitForPeerToGo();
                               },
                               false},
                      StopCase{"in_a_torrent", FakeServerOptions::Begin::kNormal,
                               [](FakeExchange& exchange) {
                                 exchange.BeginChunks();
                                 while (exchange.Send("1\r\na\r\n")) continue;
                               },
                               false},
                      StopCase{"while_waiting_to_retry", FakeServerOptions::Begin::kNormal,
                               [](FakeExchange& exchange) {
                                 exchange.Fail(429, "TooManyRequests", "storm",
                                               "Retry-After: 9\r\n");
                               },
                               false}),
    [](const auto& test) { return test.param.name; });

TEST(Stream, StopsWhileConnecting) {
  const DeafListener listener(DeafListener::Queue::kFull);
  ClusterConfig config;
  config.server = "https://" + listener.authority();
  const auto client = MakeClient(config);
  int asked = 0;
  StreamRun run;
  run.stop = [&] { return ++asked > 2; };
  EXPECT_EQ(run.Run(*client).told, "ok");
}

TEST(Stream, LeavesAConnectionThatCanBeUsedAgain) {
  FakeApiServer server(Answering(200, "frames"));
  const auto client = MakeClient(ConfigOf(server));
  EXPECT_EQ(StreamRun().Run(*client).told, "ok");
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 frames");
  EXPECT_EQ(server.connections(), 1U);
}

}  // namespace
}  // namespace plimsoll::kube
