#include "plimsoll/kube/leader_elector.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <random>
#include <thread>
#include <vector>

#include "plimsoll/kube/resources.h"
#include "tests/fakes/manual_clock.h"
#include "tests/fakes/scripted_api.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;
using testing::ManualClock;
using testing::ScriptedApi;

const ObjectKey kLease{"plimsoll", "leader"};
const std::string kPath = ObjectPath(kLeases, kLease);

// What the callbacks said; a test waits for it.
class Diary {
 public:
  void Write(const std::string& entry) {
    {
      const std::lock_guard lock(mutex_);
      entries_.push_back(entry);
    }
    changed_.notify_all();
  }
  // Waits until there are so many entries; returns them.
  std::vector<std::string> Entries(size_t count) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::minutes(1), [&] { return entries_.size() >= count; });
    return entries_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::string> entries_;
};

class LeaderElectorTest : public ::testing::Test {
 protected:
  // The lease lasts by the test's clock; between two tries the thread really waits, for a millisecond.
  LeaderElectorOptions Options(const std::string& identity = "me") {
    LeaderElectorOptions options;
    options.lease = kLease;
    options.identity = identity;
    options.retry_period = milliseconds(1);
    options.started = [this] { diary_.Write("started"); };
    options.stopped = [this] { diary_.Write("stopped"); };
    options.clock = &clock_;
    options.now = clock_.monotonic();
    return options;
  }
  std::string Holder() const {
    return api_.Find(kPath).value_or(nlohmann::json())["spec"].value("holderIdentity", "?");
  }

  ManualClock clock_;
  ScriptedApi api_;
  Diary diary_;
};

TEST_F(LeaderElectorTest, LeadsAndGivesUp) {
  {
    LeaderElector elector(api_, Options());
    EXPECT_THAT(diary_.Entries(1), ::testing::ElementsAre("started"));
    EXPECT_TRUE(elector.leading());
    EXPECT_EQ(elector.leader(), "me");
    EXPECT_EQ(Holder(), "me");
    elector.Release();
    EXPECT_FALSE(elector.leading());
    EXPECT_EQ(elector.leader(), "");
    EXPECT_EQ(Holder(), "");
    elector.Release();
  }
  EXPECT_THAT(diary_.Entries(2), ::testing::ElementsAre("started", "stopped"));
}

TEST_F(LeaderElectorTest, WhileTheApiServerHangsLeadingEndsByOurOwnClock) {
  LeaderElector elector(api_, Options());
  diary_.Entries(1);
  api_.Hold();
  ASSERT_TRUE(api_.WaitForCalls(api_.calls().size() + 1)) << "a renewal hangs";
  clock_.Advance(milliseconds(9'999));
  EXPECT_TRUE(elector.leading());
  clock_.Advance(milliseconds(1));
  EXPECT_FALSE(elector.leading()) << "though its thread has not come back";
  EXPECT_EQ(elector.leader(), "");
  EXPECT_EQ(diary_.Entries(1).size(), 1u);
  api_.LetGo();
  EXPECT_THAT(diary_.Entries(3), ::testing::ElementsAre("started", "stopped", "started"));
}

TEST_F(LeaderElectorTest, AProcessThatWasPausedDoesNotLead) {
  LeaderElector elector(api_, Options());
  diary_.Entries(1);
  api_.Hold();  // so that nothing renews before we have looked
  ASSERT_TRUE(api_.WaitForCalls(api_.calls().size() + 1));
  clock_.Advance(seconds(20));
  EXPECT_FALSE(elector.leading());
  api_.LetGo();
}

TEST_F(LeaderElectorTest, ReleaseWaitsForTheCallUnderWay) {
  LeaderElector elector(api_, Options());
  diary_.Entries(1);
  api_.Hold();
  ASSERT_TRUE(api_.WaitForCalls(api_.calls().size() + 1));
  std::thread releasing([&] { elector.Release(); });
  while (elector.leading()) std::this_thread::yield();
  api_.LetGo();
  releasing.join();
  EXPECT_EQ(Holder(), "");
  EXPECT_THAT(diary_.Entries(2), ::testing::ElementsAre("started", "stopped"));
}

TEST_F(LeaderElectorTest, TheLeaseIsGivenUpOnlyAfterWorkHasStopped) {
  LeaderElectorOptions options = Options();
  options.stopped = [this] { diary_.Write(Holder()); };
  {
    LeaderElector elector(api_, options);
    diary_.Entries(1);
  }
  EXPECT_THAT(diary_.Entries(2), ::testing::ElementsAre("started", "me"));
  EXPECT_EQ(Holder(), "");
}

TEST_F(LeaderElectorTest, AWorkerMayReleaseFromACallback) {
  std::atomic<LeaderElector*> self = nullptr;
  LeaderElectorOptions options = Options();
  options.started = [&] {
    while (self == nullptr) std::this_thread::yield();
    self.load()->Release();
  };
  LeaderElector elector(api_, options);
  self = &elector;
  EXPECT_THAT(diary_.Entries(1), ::testing::ElementsAre("stopped"));
}

TEST_F(LeaderElectorTest, ASecondTakesOverWhenTheFirstGoes) {
  auto first = std::make_unique<LeaderElector>(api_, Options("first"));
  diary_.Entries(1);
  LeaderElector second(api_, Options("second"));
  ASSERT_TRUE(api_.WaitForCalls(api_.calls().size() + 10));
  EXPECT_FALSE(second.leading());
  EXPECT_EQ(second.leader(), "first");
  first.reset();
  EXPECT_THAT(diary_.Entries(3), ::testing::ElementsAre("started", "stopped", "started"));
  EXPECT_TRUE(second.leading());
}

TEST_F(LeaderElectorTest, TroubleIsTold) {
  LeaderElectorOptions options = Options();
  options.failed = [this](const Error& error) { diary_.Write(error.message); };
  api_.Fail({Error{ErrorCode::kForbidden, "may not get leases", {}}, false, {}, "", 1});
  LeaderElector elector(api_, options);
  EXPECT_THAT(diary_.Entries(2), ::testing::ElementsAre("may not get leases", "started"));
}

TEST_F(LeaderElectorTest, OptionsWithWhichNobodyCouldLeadSafely) {
  EXPECT_TRUE(CheckLeaderElection(Options()));
  const auto refused = [&](const char* words,
                           const std::function<void(LeaderElectorOptions&)>& change) {
    LeaderElectorOptions options = Options();
    change(options);
    const Status status = CheckLeaderElection(options);
    ASSERT_FALSE(status) << words;
    EXPECT_EQ(status.error().code, ErrorCode::kInvalidArgument);
    EXPECT_THAT(status.error().message, HasSubstr(words));
  };
  refused("identity", [](auto& options) { options.identity.clear(); });
  refused("name and a namespace", [](auto& options) { options.lease.name.clear(); });
  refused("name and a namespace", [](auto& options) { options.lease.namespace_name.clear(); });
  refused("lease duration (10000 ms) must be longer than the renew deadline (10000 ms)",
          [](auto& options) { options.lease_duration = options.renew_deadline; });
  refused("renew deadline (10000 ms) must be longer than 2.2 retry periods (5000 ms)",
          [](auto& options) { options.retry_period = seconds(5); });
  refused("retry period", [](auto& options) { options.retry_period = milliseconds(0); });

  LeaderElectorOptions options = Options();
  options.identity.clear();
  options.failed = [this](const Error& error) { diary_.Write(error.message); };
  LeaderElector elector(api_, options);
  EXPECT_THAT(diary_.Entries(1), ::testing::ElementsAre("leader election: no identity"));
  EXPECT_FALSE(elector.leading());
  elector.Release();
  EXPECT_TRUE(api_.calls().empty());
}

// Threads, random failures, and time that passes in jumps: while the clock stands, at most one says that it leads (nobody
// releases here, so a leader ceases to be one by time alone).
TEST_F(LeaderElectorTest, NeverTwoAmongThreads) {
  std::mt19937 random(11);
  std::vector<std::unique_ptr<LeaderElector>> electors;
  for (const char* identity : {"a", "b", "c"}) {
    electors.push_back(std::make_unique<LeaderElector>(api_, Options(identity)));
  }
  size_t led = 0;
  for (int step = 0; step < 300; ++step) {
    size_t leading = 0;
    for (const auto& elector : electors) leading += elector->leading() ? 1U : 0U;
    ASSERT_LE(leading, 1u) << step;
    led += leading;
    if (random() % 3 == 0) {
      api_.Fail({Error{ErrorCode::kUnavailable, "cut off", {}}, random() % 2 == 0, ApiMethod::kPut,
                 "", 1 + random() % 8});
    }
    clock_.Advance(milliseconds(random() % 6'000));
    ASSERT_TRUE(api_.WaitForCalls(api_.calls().size() + 3));
  }
  EXPECT_GT(led, 20u);
}

}  // namespace
}  // namespace plimsoll::kube
