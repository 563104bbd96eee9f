// Random histories of several services in several namespaces, seen by several replicas that write when they get to it, held
// to the definitions in words: which releases were blocked, which were surprises, how each finding ended.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "plimsoll/record/history_keeper.h"

namespace plimsoll {
namespace {

const Timestamp kStart = *ParseTimestamp("2026-11-02T09:00:00Z");
constexpr int kReplicas = 3;
const std::vector<std::string> kRules = {"health.probe", "image.pinned", "owner", "runbook.url"};

// The cluster's records, and what would be counted by a judge who sees everything in its order.
class Month {
 public:
  explicit Month(uint32_t seed) : random_(seed) {}

  void Run(int steps) {
    for (int i = 0; i < steps; ++i) {
      now_ += std::chrono::minutes(1 + Below(300));
      switch (Below(8)) {
        case 0:
          Restart(Below(kReplicas));
          break;
        case 1:
        case 2:
          Observe();
          break;
        case 3:
          WriteOne(Below(kReplicas));
          break;
        default:
          Try();
      }
    }
    for (int replica = 0; replica < kReplicas; ++replica) {
      while (WriteOne(replica)) {
      }
    }
  }

  void Check() const {
    for (const auto& [key, history] : records_) {
      const auto expected = blocked_.find(key);
      const std::map<std::string, bool> none;
      const auto& releases = expected == blocked_.end() ? none : expected->second;
      EXPECT_EQ(history.blocked_releases, releases.size()) << key.namespace_name << key.name;
      size_t surprises = 0;
      for (const auto& [release, surprise] : releases) surprises += surprise ? 1 : 0;
      EXPECT_EQ(history.surprises, surprises) << key.namespace_name << key.name;
      for (const ToldFinding& finding : history.findings) {
        const bool open = finding.outcome == FindingOutcome::kOpen;
        EXPECT_EQ(open, !finding.ended.has_value());
        EXPECT_TRUE(!finding.first_denied || *finding.first_denied >= finding.first_shown);
        EXPECT_EQ(finding.outcome == FindingOutcome::kFixedAfterBlock && !finding.first_denied,
                  false);
        EXPECT_EQ(
            finding.outcome == FindingOutcome::kFixedBeforeEnforcement && finding.first_denied,
            false);
      }
    }
    EXPECT_EQ(counted_, expected_counted_) << "counted as often as it happened, by whomever";
  }

 private:
  int Below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }

  ObjectKey Key() {
    return {Below(2) == 0 ? "dev" : "production", "deployment-" + std::to_string(Below(3))};
  }
  static std::string ServiceOf(const ObjectKey& key) { return key.name; }

  // What everybody knows is written first: replicas that do not know of each other yet are the next test.
  void Settle() {
    for (int replica = 0; replica < kReplicas; ++replica) {
      while (WriteOne(replica)) {
      }
    }
  }

  void Try() {
    const ObjectKey key = Key();
    Attempt attempt;
    attempt.at = now_;
    attempt.denied = key.namespace_name == "production";
    attempt.release = "r" + std::to_string(Below(6));
    attempt.enforced = attempt.denied;
    for (const std::string& rule : kRules) {
      if (Below(3) != 0) continue;
      attempt.findings.push_back({"policy", rule, "", "", "",
                                  attempt.denied && Below(3) != 0 ? Action::kDeny : Action::kWarn});
    }
    attempt.denied = false;
    for (const AnsweredFinding& finding : attempt.findings) {
      attempt.denied = attempt.denied || finding.action == Action::kDeny;
    }
    Expect(key, attempt);
    Settle();
    Happening happening;
    happening.workload = {WorkloadKind::kDeployment, key.namespace_name, key.name};
    happening.service = ServiceOf(key);
    happening.what = attempt;
    replicas_[static_cast<size_t>(Below(kReplicas))].Add(key, std::move(happening));
  }

  // The definitions, told in the order in which things happened.
  void Expect(const ObjectKey& key, const Attempt& attempt) {
    std::set<std::string>& told = told_[ServiceOf(key)];
    if (attempt.denied) {
      bool surprise = true;
      for (const AnsweredFinding& finding : attempt.findings) {
        if (finding.action == Action::kDeny && told.contains(finding.rule)) surprise = false;
      }
      // Releases are told apart as long as the record remembers them; there are fewer here.
      if (blocked_[key].emplace(attempt.release, surprise).second) {
        ++expected_counted_[surprise ? "surprise" : "expected"];
      }
    }
    for (const AnsweredFinding& finding : attempt.findings) told.insert(finding.rule);
  }

  void Observe() {
    const ObjectKey key = Key();
    Observation observation;
    observation.at = now_;
    observation.asked_differently = Below(4) == 0;
    for (const std::string& rule : kRules) {
      if (Below(2) == 0) observation.findings.push_back({rule, "", Below(4) == 0});
    }
    Settle();
    Happening happening;
    happening.workload = {WorkloadKind::kDeployment, key.namespace_name, key.name};
    happening.service = ServiceOf(key);
    happening.what = std::move(observation);
    replicas_[0].Add(key, std::move(happening));
  }

  bool WriteOne(int number) {
    HistoryKeeper& keeper = replicas_[static_cast<size_t>(number)];
    const std::optional<ObjectKey> key = keeper.Next(now_);
    if (!key) return false;
    const size_t waiting = keeper.PendingOf(*key).size();
    const HistoryKeeper::Merged merged = keeper.Merge(*key, records_[*key]);
    for (const auto& [happening, effects] : merged.effects) {
      if (effects.blocked) ++counted_[effects.blocked->surprise ? "surprise" : "expected"];
    }
    records_[*key] = merged.history;
    keeper.Done(*key, waiting, merged.history);
    for (HistoryKeeper& other : replicas_) other.SetRecord(*key, merged.history, kStart);
    return true;
  }

  // A replica that ends writes what it has, and begins with what the records say.
  void Restart(int number) {
    while (WriteOne(number)) {
    }
    HistoryKeeper& keeper = replicas_[static_cast<size_t>(number)];
    keeper = HistoryKeeper();
    for (const auto& [key, history] : records_) keeper.SetRecord(key, history, kStart);
  }

  std::mt19937 random_;
  Timestamp now_ = kStart;
  std::vector<HistoryKeeper> replicas_{kReplicas};
  std::map<ObjectKey, WorkloadHistory> records_;
  std::map<std::string, std::set<std::string>> told_;
  std::map<ObjectKey, std::map<std::string, bool>> blocked_;
  std::map<std::string, int> counted_;
  std::map<std::string, int> expected_counted_;
};

TEST(HistoryPropertyTest, BlockedReleasesAndSurprisesAreWhatTheDefinitionSays) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    SCOPED_TRACE(seed);
    Month month(seed);
    month.Run(150);
    month.Check();
    if (testing::Test::HasFailure()) return;
  }
}

// Whatever two replicas have to write, and in whichever order they write it: nothing is counted twice and nothing lost.
TEST(HistoryPropertyTest, TheOrderOfWritingDoesNotMatter) {
  for (uint32_t seed = 1; seed <= 300; ++seed) {
    SCOPED_TRACE(seed);
    std::mt19937 random(seed);
    const auto below = [&](int bound) {
      return std::uniform_int_distribution<int>(0, bound - 1)(random);
    };
    const ObjectKey key{"production", "deployment-checkout"};
    HistoryKeeper one;
    HistoryKeeper other;
    std::set<std::string> releases;
    std::set<std::string> rules;
    for (int i = 0; i < 12; ++i) {
      Happening happening;
      happening.workload = {WorkloadKind::kDeployment, "production", "checkout"};
      happening.service = "checkout";
      Attempt attempt;
      attempt.at = kStart + std::chrono::seconds(i);
      attempt.denied = true;
      attempt.release = "r" + std::to_string(below(5));
      attempt.findings = {
          {"policy", kRules[static_cast<size_t>(below(4))], "", "", "", Action::kDeny}};
      releases.insert(attempt.release);
      rules.insert(attempt.findings[0].rule);
      happening.what = attempt;
      (below(2) == 0 ? one : other).Add(key, std::move(happening));
    }
    WorkloadHistory stored;
    int counted = 0;
    for (HistoryKeeper* keeper :
         below(2) == 0 ? std::vector{&one, &other} : std::vector{&other, &one}) {
      const HistoryKeeper::Merged merged = keeper->Merge(key, stored);
      for (const auto& [happening, effects] : merged.effects) counted += effects.blocked ? 1 : 0;
      stored = merged.history;
      keeper->Done(key, keeper->PendingOf(key).size(), stored);
    }
    EXPECT_EQ(stored.blocked_releases, releases.size());
    EXPECT_EQ(counted, static_cast<int>(releases.size()));
    // Each has one finding; the first that is refused for it may be a surprise, and the very first one is.
    EXPECT_GE(stored.surprises, 1U);
    EXPECT_LE(stored.surprises, rules.size());
    EXPECT_EQ(stored.findings.size(), rules.size());
  }
}

}  // namespace
}  // namespace plimsoll
