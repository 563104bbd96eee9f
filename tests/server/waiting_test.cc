// Handlers that have no answer yet: called again, while the thread serves others.
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tests/server/client.h"
#include "tests/server/fixture.h"

namespace plimsoll {
namespace {

using std::chrono::milliseconds;
using testing::Client;
using testing::Get;
using testing::Post;
using testing::RecordingObserver;
using testing::Running;
using testing::StartServer;
using testing::Tls;

constexpr milliseconds kNextRound{1};
// No test takes so long; one that would wait for it fails.
constexpr milliseconds kForEver = std::chrono::hours(1);

// POST /wait: answers the body's size and its last byte once it is let go, or 503 when it may no longer wait.
class WaitingTest : public ::testing::Test {
 protected:
  void Start(milliseconds wait, ServerTimeouts timeouts = testing::FineTimeouts()) {
    timeouts.wait = wait;
    running_ = StartServer(Tls::kOn, timeouts, {},
                           {{.path = "/wait",
                             .methods = {HttpMethod::kPost},
                             .make_handler = [this]() -> HttpHandler {
                               return [this](const HttpRequest& request, HttpResponse& response) {
                                 Handle(request, response);
                               };
                             },
                             .content_type = kJsonMediaType,
                             .max_body_bytes = 7 * 1024 * 1024}});
  }

  void Handle(const HttpRequest& request, HttpResponse& response) {
    EXPECT_EQ(response.body, "");
    last_waited_ = request.waited;
    const bool first = ++calls_ == 1;
    EXPECT_TRUE(!first || request.waited == milliseconds(0));
    if (let_go_ || calls_ >= answer_at_) {
      response.body = std::to_string(request.body.size()) + request.body.back() + "\n";
    } else if (request.may_wait || insists_) {
      response.body = "nobody sees this";
      response.status = 500;
      response.again_in = again_in_;
    } else {
      response.status = 503;
      response.body = "not yet\n";
    }
  }

  Client Send(const std::string& body = "{}") {
    Client client = Client::Tls(running_->port());
    client.Send(Post("/wait", body));
    return client;
  }
  // Until the handler has been called so often.
  void WaitForCalls(int calls) {
    while (calls_ < calls) std::this_thread::yield();
  }

  std::atomic<int> calls_{0};
  std::atomic<int> answer_at_{1'000'000'000};
  std::atomic<bool> let_go_{false};
  bool insists_ = false;
  milliseconds again_in_ = kNextRound;
  std::atomic<milliseconds> last_waited_{milliseconds(0)};
  std::unique_ptr<Running> running_;  // last: its threads use the rest
};

TEST_F(WaitingTest, IsCalledAgainWithTheSameRequestAndAnswersOnce) {
  Start(kForEver);
  answer_at_ = 5;
  const std::string body(300'000, 'x');
  Client client = Send(body + "y");
  EXPECT_EQ(client.Read()->body, "300001y\n");
  EXPECT_EQ(calls_, 5);
  EXPECT_GE(last_waited_.load(), 4 * kNextRound);
  // And the connection is as it was.
  client.Send(Get("/constant"));
  EXPECT_EQ(client.Read()->body, "constant\n");
}

TEST_F(WaitingTest, OthersAreServedMeanwhile) {
  Start(kForEver);
  std::vector<Client> waiting;
  for (int i = 0; i < 20; ++i) waiting.push_back(Send());
  WaitForCalls(40);
  // More than there are threads, so every thread is asked.
  for (int i = 0; i < 8; ++i) {
    Client other = Client::Tls(running_->port());
    other.Send(Get("/constant"));
    EXPECT_EQ(other.Read()->body, "constant\n");
  }
  let_go_ = true;
  for (Client& client : waiting) EXPECT_EQ(client.Read()->body, "2}\n");
}

TEST_F(WaitingTest, WhatIsPipelinedBehindItIsAnsweredAfterIt) {
  Start(kForEver);
  Client client = Client::Tls(running_->port());
  client.Send(Post("/wait", "{}") + Get("/constant") + Post("/wait", "[]"));
  WaitForCalls(3);
  let_go_ = true;
  EXPECT_EQ(client.Read()->body, "2}\n");
  EXPECT_EQ(client.Read()->body, "constant\n");
  EXPECT_EQ(client.Read()->body, "2]\n");
}

TEST_F(WaitingTest, TheTimeForItEnds) {
  Start(milliseconds(30));
  Client client = Send();
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "not yet\n");
  EXPECT_GE(last_waited_.load(), milliseconds(30));
}

TEST_F(WaitingTest, WhoAsksForMoreThanThereIsIsCalledWhenItIsOver) {
  Start(milliseconds(30));
  again_in_ = kForEver;
  Client client = Send();
  EXPECT_EQ(client.Read()->status, 503);
  EXPECT_EQ(calls_, 2);
}

TEST_F(WaitingTest, WithoutTimeForItNobodyMay) {
  Start(milliseconds(0));
  Client client = Send();
  EXPECT_EQ(client.Read()->status, 503);
  EXPECT_EQ(calls_, 1);
}

TEST_F(WaitingTest, AskingWithoutLeaveIsAFault) {
  insists_ = true;
  Start(milliseconds(0));
  Client client = Send();
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 500);
  EXPECT_EQ(answer->body, "internal error\n");
  EXPECT_TRUE(running_->observer.WaitFor([](const RecordingObserver& seen) {
    return seen.failed == std::vector<std::string>{"/wait: asks to be called again, and may not"};
  }));
}

TEST_F(WaitingTest, DeadlinesOfOtherPhasesDoNotEndIt) {
  ServerTimeouts timeouts = testing::FineTimeouts();
  timeouts.header = timeouts.body = timeouts.write = milliseconds(40);
  Start(kForEver, timeouts);
  Client client = Send();
  while (last_waited_.load() < milliseconds(100)) std::this_thread::yield();
  let_go_ = true;
  EXPECT_EQ(client.Read()->body, "2}\n");
}

TEST_F(WaitingTest, DrainingLetsItFinish) {
  Start(kForEver);
  Client client = Send();
  WaitForCalls(2);
  running_->server->BeginDrain();
  WaitForCalls(calls_ + 2);
  let_go_ = true;
  const auto answer = client.Read();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->body, "2}\n");
  EXPECT_EQ(answer->Header("connection"), "close");
}

TEST_F(WaitingTest, StoppingEndsItAtOnce) {
  Start(kForEver);
  again_in_ = kForEver;  // called once, and then asleep
  Client client = Send();
  WaitForCalls(1);
  running_->server->Stop();
  EXPECT_TRUE(running_->server->WaitUntilStopped(std::chrono::seconds(30)));
  EXPECT_TRUE(client.AtEnd());
}

TEST_F(WaitingTest, APeerThatHasGoneHurtsNobody) {
  Start(kForEver);
  {
    Client client = Send();
    WaitForCalls(1);
    client.Close();
  }
  WaitForCalls(3);
  let_go_ = true;
  EXPECT_TRUE(
      running_->observer.WaitFor([](const RecordingObserver& seen) { return seen.closed == 1; }));
}

}  // namespace
}  // namespace plimsoll
