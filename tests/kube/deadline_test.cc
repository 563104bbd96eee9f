// Deadlines: a call ends in time wherever it hangs.
#include "tests/kube/deaf_listener.h"
#include "tests/kube/support.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;
using ::testing::HasSubstr;

TEST(Deadline, HoldsWhereNothingIsAnswered) {
  FakeApiServer server([](FakeExchange& exchange) { exchange.WaitForPeerToGo(); });
  const auto client = MakeClient(ConfigOf(server));
  const Timed timed = TimedCall(*client, milliseconds(50));
  EXPECT_THAT(timed.told, HasSubstr("GET /x: timed out while reading"));
  EXPECT_GE(timed.time, milliseconds(50));
}

TEST(Deadline, HoldsWhereBytesKeepComing) {
  // Each read succeeds: only a total notices.
  FakeApiServer server([](FakeExchange& exchange) {
    exchange.Send("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
    exchange.Dribble(std::string(100'000, 'a'), milliseconds(1));
  });
  const auto client = MakeClient(ConfigOf(server));
  EXPECT_THAT(TimedCall(*client, milliseconds(100)).told, HasSubstr("timed out while reading"));
}

TEST(Deadline, HoldsWhereTheHeadDribbles) {
  FakeApiServer server([](FakeExchange& exchange) {
    exchange.Dribble("HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'a'), milliseconds(1));
  });
  const auto client = MakeClient(ConfigOf(server));
  EXPECT_THAT(TimedCall(*client, milliseconds(100)).told, HasSubstr("timed out while reading"));
}

TEST(Deadline, HoldsInTheHandshake) {
  FakeServerOptions options;
  options.begin = FakeServerOptions::Begin::kSilent;
  FakeApiServer server([](FakeExchange&) {}, options);
  ClusterConfig config;
  config.server = "https://127.0.0.1:" + std::to_string(server.port());
  const auto client = MakeClient(config);
  EXPECT_THAT(TimedCall(*client, milliseconds(50)).told,
              HasSubstr("timed out while shaking hands (TLS)"));
}

TEST(Deadline, HoldsWhereABodyIsNotTaken) {
  FakeServerOptions options;
  options.begin =
      FakeServerOptions::Begin::kSilent;  // reads and drops; a full pipe needs one that does not
  const DeafListener listener(DeafListener::Queue::kRoom);
  ClusterConfig config;
  config.server = "http://" + listener.authority();
  const auto client = MakeClient(config);
  ApiRequest request = Send(ApiMethod::kPost, "/x", std::string(32U << 20U, 'a'));
  request.timeout = milliseconds(100);
  EXPECT_THAT(Told(client->Call(request)), HasSubstr("timed out while writing"));
}

TEST(Deadline, HoldsWhileConnecting) {
  const DeafListener listener(DeafListener::Queue::kFull);
  ClusterConfig config;
  config.server = "https://" + listener.authority();
  const auto client = MakeClient(config);
  EXPECT_THAT(TimedCall(*client, milliseconds(50)).told,
              HasSubstr("timed out while connecting to 127.0.0.1:"));
}

}  // namespace
}  // namespace plimsoll::kube
