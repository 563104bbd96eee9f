// Ending without losing a request, and at once where asked.
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/client.h"
#include "tests/server/fixture.h"

namespace plimsoll {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;
using testing::Client;
using testing::FineTimeouts;
using testing::Get;
using testing::Post;
using testing::RecordingObserver;
using testing::StartServer;
using testing::Tls;

constexpr auto kLongEnough = seconds(30);

ServerTimeouts DrainTimeouts(milliseconds accept, milliseconds idle) {
  ServerTimeouts timeouts = FineTimeouts();
  timeouts.drain_accept = accept;
  timeouts.drain_idle = idle;
  return timeouts;
}

TEST(Drain, ServesOnWithConnectionCloseAndLeavesIdleOnesToTheirPeers) {
  const auto running = StartServer(Tls::kOn, DrainTimeouts(seconds(1), seconds(60)));
  Client idle = Client::Tls(running->port());
  Client half = Client::Tls(running->port());
  const std::string request = Post("/echo", "{\"half\":1}");
  half.Send(request.substr(0, request.size() - 5));
  EXPECT_FALSE(running->server->draining());
  running->server->BeginDrain();
  EXPECT_TRUE(running->server->draining());

  // A new connection, while endpoints still point here.
  Client late = Client::Tls(running->port());
  late.Send(Get("/constant"));
  const auto answer = late.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 200);
  EXPECT_EQ(answer->Header("connection"), "close");
  EXPECT_TRUE(late.AtEnd());
  EXPECT_TRUE(late.GotCloseNotify());
  late.Close();

  // What was under way is finished.
  half.Send(request.substr(request.size() - 5));
  EXPECT_EQ(half.Read()->body, "{\"half\":1}");
  half.Close();

  // After the accept time nobody new comes in, and the idle one is still there.
  while (Client::Plain(running->port()).connected()) {
  }
  EXPECT_FALSE(running->server->WaitUntilStopped(milliseconds(50)));
  idle.Send(Get("/constant"));
  EXPECT_EQ(idle.Read()->Header("connection"), "close");
  EXPECT_TRUE(idle.AtEnd());
  idle.Close();
  EXPECT_TRUE(running->server->WaitUntilStopped(kLongEnough));
  EXPECT_EQ(running->server->connections(), 0U);
}

TEST(Drain, EndsWhenTheLastPeerHasClosed) {
  const auto running = StartServer(Tls::kOn, DrainTimeouts(milliseconds(50), seconds(60)));
  Client idle = Client::Tls(running->port());
  running->server->BeginDrain();
  EXPECT_FALSE(running->server->WaitUntilStopped(milliseconds(100)));
  idle.Close();
  EXPECT_TRUE(running->server->WaitUntilStopped(kLongEnough));
}

TEST(Drain, ClosesIdleConnectionsInTheEnd) {
  const auto running = StartServer(Tls::kOn, DrainTimeouts(milliseconds(10), milliseconds(100)));
  Client idle = Client::Tls(running->port());
  const auto began = steady_clock::now();
  running->server->BeginDrain();
  EXPECT_TRUE(idle.AtEnd());
  EXPECT_TRUE(idle.GotCloseNotify());
  EXPECT_GE(steady_clock::now() - began, milliseconds(100));
  idle.Close();
  running->server->Drain();  // returns
}

TEST(Drain, ASecondSignalEndsAtOnce) {
  const auto running = StartServer(Tls::kOn, DrainTimeouts(seconds(60), seconds(60)));
  Client idle = Client::Tls(running->port());
  Client half = Client::Tls(running->port());
  half.Send("POST");
  running->server->BeginDrain();
  running->server->Stop();
  EXPECT_TRUE(running->server->WaitUntilStopped(kLongEnough));
  EXPECT_TRUE(idle.AtEnd());
  EXPECT_TRUE(idle.GotCloseNotify());
  EXPECT_TRUE(half.AtEnd());
}

TEST(Stop, EndsIdleAndSilentConnections) {
  auto running = StartServer(Tls::kOn);
  std::vector<Client> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(i % 2 == 0 ? Client::Tls(running->port()) : Client::Plain(running->port()));
  }
  ASSERT_TRUE(
      running->observer.WaitFor([](const RecordingObserver& seen) { return seen.opened == 20; }));
  running->server->Stop();
  EXPECT_TRUE(running->server->WaitUntilStopped(kLongEnough));
  for (Client& client : clients) EXPECT_TRUE(client.AtEnd());
  EXPECT_TRUE(running->observer.WaitFor([](const auto& seen) { return seen.closed == 20; }));
}

TEST(Stop, DestructionIsEnough) {
  for (const Tls tls : {Tls::kOff, Tls::kOn}) {
    auto running = StartServer(tls);
    const Client client = Client::Plain(running->port());
    running->server.reset();
  }
}

// Asks on kept-alive connections as the API server does: on `Connection: close` it opens another one. `stop` ends it
// between requests. Returns the requests that were sent and never answered.
struct Load {
  uint16_t port;
  const std::function<bool()>& may_open;
  const std::atomic<bool>& stop;
  std::atomic<int> answered{0};
  std::atomic<int> lost{0};

  void Run() {
    while (!stop && may_open()) {
      Client client = Client::Tls(port);
      if (!client.connected()) {
        ++lost;
        return;
      }
      bool open = true;
      for (int i = 0; open && i < 5 && !stop; ++i) {
        const std::string body = std::to_string(i);
        if (!client.Send(Post("/echo", body))) {
          ++lost;
          return;
        }
        const auto response = client.Read();
        if (!response || response->status != 200 || response->body != body) {
          ++lost;
          return;
        }
        ++answered;
        open = response->Header("connection") != "close";
      }
    }
  }
};

TEST(Drain, UnderLoadLosesNoRequest) {
  constexpr auto kAccept = seconds(3);
  const auto running = StartServer(Tls::kOn, DrainTimeouts(kAccept, seconds(60)));
  std::atomic<bool> stop{false};
  std::atomic<steady_clock::rep> drain_began{0};
  // Endpoint changes reach clients well before the accept time is over.
  const std::function<bool()> may_open = [&] {
    const steady_clock::rep began = drain_began;
    return began == 0 ||
           steady_clock::now() - steady_clock::time_point(steady_clock::duration(began)) <
               kAccept / 3;
  };
  Load load{running->port(), may_open, stop};
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i) clients.emplace_back([&load] { load.Run(); });
    while (load.answered < 50 && load.lost == 0) std::this_thread::yield();
    drain_began = steady_clock::now().time_since_epoch().count();
    running->server->Drain();
  }
  EXPECT_EQ(load.lost, 0);
  EXPECT_GT(load.answered, 50);
}

TEST(Reload, UnderLoadLosesNoRequest) {
  const auto running = StartServer(Tls::kOn);
  std::atomic<bool> stop{false};
  const std::function<bool()> may_open = [] { return true; };
  Load load{running->port(), may_open, stop};
  {
    std::vector<std::jthread> clients;
    for (int i = 0; i < 4; ++i) clients.emplace_back([&load] { load.Run(); });
    for (int i = 1; i <= 20; ++i) {
      while (load.answered < i * 10 && load.lost == 0) std::this_thread::yield();
      EXPECT_TRUE(running->tls->Reload(testing::TestLeaf()));
    }
    stop = true;
  }
  EXPECT_EQ(load.lost, 0);
  EXPECT_GE(load.answered, 200);
}

}  // namespace
}  // namespace plimsoll
