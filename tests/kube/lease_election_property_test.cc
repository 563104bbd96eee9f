// Several electors on one API server, in simulated time: calls that are lost on the way, answered late, or carried out long
// after their sender has given up; processes that are paused in any moment, die, or release; wall clocks that jump;
// monotonic clocks that run at different speeds. At no time do two of them lead.
#include <gtest/gtest.h>

#include <cstdlib>
#include <functional>
#include <memory>
#include <queue>
#include <random>
#include <vector>

#include "kube/lease_election.h"
#include "plimsoll/kube/resources.h"
#include "tests/fakes/scripted_api.h"

namespace plimsoll::kube {
namespace {

using std::chrono::duration_cast;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;
using testing::ScriptedApi;
using Act = LeaseElection::Act;

const ObjectKey kLease{"plimsoll", "leader"};

// Simulated time has one thread and no memory of its own to misuse: under a sanitizer, where a history takes ten times as
// long, a few of them do.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr uint32_t kUsualSeeds = 5;
#else
constexpr uint32_t kUsualSeeds = 25;
#endif

// PLIMSOLL_SEEDS=2000 looks for what is rare.
uint32_t Seeds() {
  const char* wanted = std::getenv("PLIMSOLL_SEEDS");
  return wanted == nullptr ? kUsualSeeds : static_cast<uint32_t>(std::strtoul(wanted, nullptr, 10));
}

struct Outcome {
  bool two_led = false;
  bool out_of_order = false;  // start and stop did not alternate
  bool wrote_late = false;    // a write begun while leading could meet the next leader
  int terms = 0;
  bool someone_led_at_the_end = false;
};

struct Weather {
  LeaseElectionSettings settings{kLease, "", seconds(15), seconds(10), seconds(2)};
  double lost = 0.1;     // of calls, half of them after they were carried out
  double slow = 0.2;     // calls that take seconds
  double paused = 0.02;  // of steps
  double died = 0.002;   // of steps; another process takes the place
  double released = 0.002;
  double speed_spread = 0.15;  // clocks run between 1 - this and 1 + this
};

class Simulation {
 public:
  Simulation(uint32_t seed, Weather weather)
      : weather_(std::move(weather)), standing_clock_(seed % 2 == 1), random_(seed) {}

  Outcome Run(nanoseconds stormy, nanoseconds calm) {
    for (int i = 0; i < 3; ++i) Add();
    Go(stormy);
    weather_.lost = weather_.slow = weather_.paused = weather_.died = weather_.released = 0;
    Go(stormy + calm);
    for (const auto& process : processes_) outcome_.someone_led_at_the_end |= Leads(*process);
    return outcome_;
  }

 private:
  struct Process {
    Process(LeaseElectionSettings settings, uint32_t seed) : election(std::move(settings), seed) {}
    LeaseElection election;
    double speed = 1;
    nanoseconds offset{0};
    nanoseconds paused_until{0};
    bool dead = false;
    bool working = false;
  };
  struct Event {
    nanoseconds at;
    uint64_t order;
    std::function<void()> happen;
    bool operator<(const Event& other) const {
      return std::pair(at, order) > std::pair(other.at, other.order);
    }
  };

  double Chance() { return std::uniform_real_distribution<double>()(random_); }
  nanoseconds Between(milliseconds least, milliseconds most) {
    return nanoseconds(std::uniform_int_distribution<int64_t>(nanoseconds(least).count(),
                                                              nanoseconds(most).count())(random_));
  }

  void Add() {
    LeaseElectionSettings settings = weather_.settings;
    settings.identity = "process-" + std::to_string(processes_.size());
    auto process = std::make_unique<Process>(settings, static_cast<uint32_t>(random_()));
    process->speed = 1 + weather_.speed_spread * (2 * Chance() - 1);
    process->offset = Between(seconds(0), hours(24));
    Process& added = *process;
    processes_.push_back(std::move(process));
    After(Between(milliseconds(0), seconds(5)), [this, &added] { Step(added); });
  }

  void After(nanoseconds delay, std::function<void()> happen) {
    events_.push({now_ + delay, order_++, std::move(happen)});
  }
  // A process' own moment: not while it is paused, never once it is dead.
  void AfterIn(Process& process, nanoseconds delay, std::function<void()> happen) {
    After(delay, [this, &process, happen = std::move(happen)] {
      if (process.dead) return;
      if (process.paused_until > now_) {
        AfterIn(process, process.paused_until - now_, happen);
      } else {
        happen();
      }
    });
  }

  void Go(nanoseconds until) {
    while (!events_.empty() && events_.top().at <= until) {
      const Event event = events_.top();
      events_.pop();
      now_ = event.at;
      event.happen();
      Check();
    }
    now_ = until;
    Check();
  }

  LeaseElection::Time Local(const Process& process) const {
    return LeaseElection::Time(
        process.offset +
        nanoseconds(static_cast<int64_t>(static_cast<double>(now_.count()) * process.speed)));
  }
  bool Leads(const Process& process) const {
    return !process.dead && Local(process) < process.election.leading_until();
  }

  void Check() {
    int leading = 0;
    for (const auto& process : processes_) leading += Leads(*process) ? 1 : 0;
    if (leading > 1) outcome_.two_led = true;
    if (leading == 1 && now_ < last_write_ends_ && leader_ != CurrentLeader()) {
      outcome_.wrote_late = true;
    }
    if (leading == 1) {
      leader_ = CurrentLeader();
      // The longest write that LeaderElector's header allows.
      last_write_ends_ =
          now_ + (weather_.settings.lease_duration - weather_.settings.renew_deadline);
    }
  }
  // `stopped` has returned, or leading never began.
  void WorkHasEnded(const Process& process) {
    if (leader_ == &process) last_write_ends_ = nanoseconds(0);
  }
  const Process* CurrentLeader() const {
    for (const auto& process : processes_) {
      if (Leads(*process)) return process.get();
    }
    return nullptr;
  }

  void Step(Process& process) {
    if (Chance() < weather_.died) {
      process.dead = true;
      Add();
      return;
    }
    if (Chance() < weather_.paused) {
      process.paused_until = now_ + Between(seconds(1), seconds(40));
      AfterIn(process, nanoseconds(0), [this, &process] { Step(process); });
      return;
    }
    if (Chance() < weather_.released) {
      process.election.Release();
      if (!process.working) WorkHasEnded(process);
    }
    // Wall clocks jump about, or stand.
    const Timestamp date =
        Timestamp(seconds(1'795'514'400)) +
        (standing_clock_ ? seconds(0) : duration_cast<seconds>(Between(-hours(1), hours(1))));
    const LeaseElection::Step step = process.election.Next(Local(process), date);
    switch (step.act) {
      case Act::kCall:
        Send(process, step.request);
        return;
      case Act::kWait:
        AfterIn(process,
                nanoseconds(static_cast<int64_t>(
                    static_cast<double>(nanoseconds(step.wait).count()) / process.speed)),
                [this, &process] { Step(process); });
        return;
      case Act::kStart:
        outcome_.out_of_order |= process.working;
        process.working = true;
        ++outcome_.terms;
        break;
      case Act::kStop:
        outcome_.out_of_order |= !process.working || Leads(process);
        process.working = false;
        WorkHasEnded(process);
        break;
      case Act::kEnd:
        process.dead = true;
        Add();
        return;
    }
    AfterIn(process, nanoseconds(0), [this, &process] { Step(process); });
  }

  void Send(Process& process, const ApiRequest& request) {
    const bool slow = Chance() < weather_.slow;
    const auto leg = [&] {
      return slow ? Between(milliseconds(100), seconds(8))
                  : Between(milliseconds(1), milliseconds(20));
    };
    const bool lost = Chance() < weather_.lost;
    const bool lost_on_the_way = lost && Chance() < 0.5;
    const nanoseconds there = leg();
    const nanoseconds back = leg();
    const nanoseconds timeout = request.timeout;
    auto answer = std::make_shared<std::optional<Result<ApiResponse>>>();
    // The server carries it out whenever it gets it, also when nobody waits for the answer any more.
    if (!lost_on_the_way) After(there, [this, request, answer] { *answer = api_.Call(request); });
    const bool in_time = !lost && there + back < timeout;
    AfterIn(process, in_time ? there + back : timeout, [this, &process, answer, in_time] {
      const Result<ApiResponse> heard =
          in_time ? **answer
                  : Result<ApiResponse>(plimsoll::Fail(ErrorCode::kUnavailable, "timeout"));
      process.election.Answered(heard, Local(process));
      AfterIn(process, nanoseconds(0), [this, &process] { Step(process); });
    });
  }

  Weather weather_;
  bool standing_clock_;
  std::mt19937_64 random_;
  ScriptedApi api_;
  nanoseconds now_{0};
  uint64_t order_ = 0;
  std::priority_queue<Event> events_;
  std::vector<std::unique_ptr<Process>> processes_;
  const Process* leader_ = nullptr;
  nanoseconds last_write_ends_{0};
  Outcome outcome_;
};

TEST(LeaseElectionPropertyTest, NeverTwoLead) {
  int terms = 0;
  for (uint32_t seed = 0; seed < Seeds(); ++seed) {
    SCOPED_TRACE(seed);
    const Outcome outcome =
        Simulation(seed, {}).Run(std::chrono::minutes(20), std::chrono::minutes(2));
    ASSERT_FALSE(outcome.two_led);
    ASSERT_FALSE(outcome.out_of_order);
    ASSERT_TRUE(outcome.someone_led_at_the_end) << "safe and useless";
    terms += outcome.terms;
  }
  EXPECT_GT(terms, static_cast<int>(Seeds()) * 5) << "nothing happens in these histories";
}

// With clocks of one speed: what a leader began to write while it led has ended before the next leads.
TEST(LeaseElectionPropertyTest, TheLastWriteEndsBeforeTheNextLeads) {
  for (uint32_t seed = 0; seed < Seeds(); ++seed) {
    SCOPED_TRACE(seed);
    Weather weather;
    weather.speed_spread = 0;
    const Outcome outcome =
        Simulation(seed, weather).Run(std::chrono::minutes(20), std::chrono::minutes(2));
    ASSERT_FALSE(outcome.wrote_late);
    ASSERT_FALSE(outcome.two_led);
  }
}

// That the simulation sees two leaders where there are two: with a deadline beyond the lease, and with clocks whose speeds
// differ by more than the two durations do.
TEST(LeaseElectionPropertyTest, TheSimulationCanFail) {
  const auto found = [](const Weather& weather) {
    for (uint32_t seed = 0; seed < 100; ++seed) {
      if (Simulation(seed, weather).Run(std::chrono::minutes(20), seconds(0)).two_led) return true;
    }
    return false;
  };
  Weather reckless;
  reckless.settings.renew_deadline = seconds(25);
  EXPECT_TRUE(found(reckless));
  Weather skewed;
  skewed.speed_spread = 0.6;
  EXPECT_TRUE(found(skewed));
  Weather late;
  late.speed_spread = 0;
  late.settings.renew_deadline = seconds(18);
  EXPECT_TRUE(found(late));
}

}  // namespace
}  // namespace plimsoll::kube
