// Informer and ApiClient together against a server that misbehaves: faults that only bytes on a socket can show.
#include <gmock/gmock.h>

#include "tests/fakes/scripted_caller.h"
#include "tests/fakes/test_pki.h"
#include "tests/fakes/watch_text.h"
#include "tests/kube/support.h"
#include "tests/support/temp_folder.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;
using testing::Bookmark;
using ::testing::ElementsAre;
using testing::Frame;
using ::testing::HasSubstr;
using testing::InOrder;
using testing::ObjectText;
using testing::RecordingHandler;
using testing::RecordingInformerObserver;

const std::string kListed = Frame("ADDED", ObjectText("n/a", 1, 1)) + Bookmark(5, true);
const std::string kChange = Frame("MODIFIED", ObjectText("n/a", 6, 1));

// Streams frames and leaves the connection as it is.
FakeApiServer::Handler Watching(std::string frames) {
  return [frames = std::move(frames)](FakeExchange& exchange) {
    exchange.BeginChunks();
    exchange.Chunk(frames);
    exchange.WaitForPeerToGo();
  };
}

struct Watched {
  std::vector<std::string> told;
  std::vector<testing::FakeRequest> requests;
  std::vector<RecordingInformerObserver::Failure> failures;
};

// Until the handler has been told `count` things.
Watched Watch(FakeApiServer::Handler handler, size_t count, InformerOptions options = {},
              const FakeServerOptions& server_options = {}, ClusterConfig config = {},
              const ApiClientOptions& client_options = {}) {
  FakeApiServer server(std::move(handler), server_options);
  config.server = server.url();
  const auto client = MakeClient(config, client_options);
  RecordingHandler recorded;
  RecordingInformerObserver observer;
  options.type = kPods;
  options.backoff_first = milliseconds(1);
  options.observer = &observer;
  {
    const Informer informer(*client, recorded, options);
    EXPECT_TRUE(recorded.WaitFor(count));
  }
  return {recorded.told(), server.requests(), observer.failures()};
}

TEST(InformerOnASocket, ResumesWhereAConnectionBreaks) {
  for (const bool reset : {false, true}) {
    const auto cut = [reset](FakeExchange& exchange) {
      exchange.BeginChunks();
      exchange.Chunk(kListed);
      // Cut inside a frame and inside a chunk.
      exchange.Send("ff\r\n" + kChange.substr(0, 20));
      if (reset) {
        exchange.Reset();
      } else {
        exchange.Close();
      }
    };
    const Watched watched = Watch(InOrder({cut, Watching(kListed + kChange), Watching("")}), 3);
    EXPECT_THAT(watched.told, ElementsAre("+n/a@1", "synced", "+n/a@6"));
    // A reset may overtake what was sent before it; then the list is made again.
    if (!reset) {
      EXPECT_THAT(watched.requests.at(1).target, HasSubstr("resourceVersion=5"));
    }
    EXPECT_GE(watched.failures.size(), 1U);
  }
}

TEST(InformerOnASocket, NoticesAPeerThatFallsSilent) {
  InformerOptions options;
  options.watch_timeout = std::chrono::seconds(0);
  options.silence_grace = milliseconds(100);
  const Watched watched = Watch(InOrder({Watching(kListed), Watching(kChange)}), 3, options);
  EXPECT_THAT(watched.told, ElementsAre("+n/a@1", "synced", "+n/a@6"));
  EXPECT_THAT(watched.requests.at(1).target, HasSubstr("resourceVersion=5"));
  ASSERT_GE(watched.failures.size(), 1U);
  EXPECT_THAT(watched.failures[0].error.message,
              ::testing::AnyOf(HasSubstr("fell silent"), HasSubstr("timed out")));
}

TEST(InformerOnASocket, HonoursRetryAfterInAStorm) {
  std::vector<milliseconds> waits;
  ApiClientOptions client_options;
  client_options.pause = [&](milliseconds wait) { waits.push_back(wait); };
  const auto busy = [](FakeExchange& exchange) {
    exchange.Fail(429, "TooManyRequests", "storm", "Retry-After: 4\r\n");
  };
  const Watched watched =
      Watch(InOrder({busy, busy, busy, Watching(kListed)}), 2, {}, {}, {}, client_options);
  EXPECT_THAT(watched.told, ElementsAre("+n/a@1", "synced"));
  ASSERT_EQ(waits.size(), 3U);
  for (const milliseconds wait : waits) EXPECT_GE(wait, milliseconds(4000));
  EXPECT_TRUE(watched.failures.empty());
}

TEST(InformerOnASocket, TakesUpANewTokenWhenTheOldOneIsRevoked) {
  const testing::TempFolder folder;
  folder.Write("token", "old");
  ClusterConfig config;
  config.credentials.token_file = folder.Path("token");
  const auto only_new = [](FakeExchange& exchange) {
    if (exchange.request().Header("authorization") != "Bearer new") {
      return exchange.Fail(401, "Unauthorized", "Unauthorized");
    }
    Watching(kChange)(exchange);
  };
  const auto revoke = [&](FakeExchange& exchange) {
    exchange.BeginChunks();
    exchange.Chunk(kListed);
    folder.Write("token", "new");
    exchange.EndChunks();
  };
  const Watched watched = Watch(InOrder({revoke, only_new, only_new}), 3, {}, {}, config);
  EXPECT_THAT(watched.told, ElementsAre("+n/a@1", "synced", "+n/a@6"));
  EXPECT_TRUE(watched.failures.empty()) << "nobody was to notice";
}

TEST(InformerOnASocket, ReadsFramesOfMegabytesOverTls) {
  const testing::TestPki pki;
  FakeServerOptions server_options;
  server_options.certificate = pki.Issue({}, {"127.0.0.1"});
  ClusterConfig config;
  config.ca = pki.ca();
  const std::string padding = R"(,"annotations":{"x":")" + std::string(6U << 20U, 'x') + R"("})";
  const Watched watched =
      Watch(Watching(kListed + Frame("ADDED", ObjectText("n/l", 6, 6, padding))), 3, {},
            server_options, config);
  EXPECT_THAT(watched.told, ElementsAre("+n/a@1", "synced", "+n/l@6"));
}

TEST(InformerOnASocket, FallsBackToPagesOnAnOlderServer) {
  const auto older = [](FakeExchange& exchange) {
    exchange.Fail(422, "Invalid", "sendInitialEvents: Forbidden: not enabled");
  };
  const Watched watched =
      Watch(InOrder({older, testing::Answering(200, testing::Page({ObjectText("n/a", 1)}, 5)),
                     Watching(kChange)}),
            3);
  EXPECT_THAT(watched.told, ElementsAre("+n/a@1", "synced", "+n/a@6"));
  EXPECT_EQ(watched.requests.at(1).target, "/api/v1/pods?limit=500");
}

TEST(InformerOnASocket, StopsWhileAServerIsSilent) {
  for (const auto begin : {FakeServerOptions::Begin::kNormal, FakeServerOptions::Begin::kSilent}) {
    FakeServerOptions server_options;
    server_options.begin = begin;
    FakeApiServer server([](FakeExchange& exchange) { exchange.WaitForPeerToGo(); },
                         server_options);
    const auto client = MakeClient(ConfigOf(server));
    RecordingHandler recorded;
    InformerOptions options;
    options.type = kPods;
    const Informer informer(*client, recorded, options);
    EXPECT_TRUE(server.WaitForConnections(1));
  }  // would take half a minute
}

}  // namespace
}  // namespace plimsoll::kube
