// What holds after any history: figures are those of a count from scratch, and what was written is what an audit from
// scratch would have written.
#include <gtest/gtest.h>

#include <random>

#include "tests/controllers/audit_world.h"

namespace plimsoll::controllers {
namespace {

using test::At;
using test::TestPolicy;
using test::WorkloadJson;
using test::World;

constexpr std::string_view kStart = "2026-11-23T09:00:00Z";

class History {
 public:
  explicit History(uint32_t seed) : random_(seed) {}

  World& world() { return world_; }
  Timestamp now() const { return now_; }

  void Step() {
    switch (Below(13)) {
      case 7:
        return SetWaivers();
      case 0:
        return SetPolicies();
      case 1:
        return world_.SetNamespace(NamespaceName(), Coin() ? R"("env":"production")" : "");
      case 2:
        now_ += std::chrono::hours(Below(24 * 20));
        return;
      case 3:
        return world_.Remove(Key());
      case 4:
        return Meddle();
      case 5:
        world_.audit().Judge(now_, static_cast<size_t>(Below(4)));
        return;
      case 6:
        world_.audit().Judge(now_, static_cast<size_t>(Below(4)));
        return WriteSome();
      default:
        return world_.Set(Workload());
    }
  }

  // Until nothing is left to do. Owners that never come are waited for, and so are policies that do not come back.
  void Settle() {
    for (int i = 0; i < 4; ++i) {
      world_.RunAt(now_);
      now_ += kPolicyGrace;
    }
    world_.RunAt(now_);
  }

 private:
  int Below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  bool Coin() { return Below(2) == 0; }
  std::string NamespaceName() { return Coin() ? "shop" : "bank"; }

  WorkloadKey Key() {
    using enum WorkloadKind;
    constexpr std::array<WorkloadKind, 4> kKinds = {kDeployment, kReplicaSet, kPod, kDaemonSet};
    const std::string name(1, static_cast<char>('a' + Below(3)));
    return {kKinds[static_cast<size_t>(Below(4))], NamespaceName(), name};
  }

  WorkloadJson Workload() {
    WorkloadJson workload{.key = Key()};
    workload.uid = std::string(WorkloadKindName(workload.key.kind)) + workload.key.name +
                   std::to_string(Below(8) / 7);
    if (Coin()) workload.annotations = R"("owner":")" + std::to_string(Below(3)) + "\"";
    if (Coin()) workload.labels = Coin() ? R"("tier":"critical")" : R"("tier":"gold")";
    if (Coin()) workload.container = R"(,"readinessProbe":{})";
    if (Below(5) == 0) workload.replicas = "0";
    if (Below(8) == 0) workload.metadata = R"(,"deletionTimestamp":"2026-11-24T00:00:00Z")";
    const std::string owner(1, static_cast<char>('a' + Below(3)));
    const std::string kind = workload.key.kind == WorkloadKind::kPod ? "ReplicaSet" : "Deployment";
    if (Coin()) {
      workload.controller = kind;
      workload.controller += " " + owner + " " + kind + owner + "0";
    }
    return workload;
  }

  std::vector<Stage> Stages() {
    std::vector<Stage> stages = {Stage{}};
    Timestamp date = At(kStart) + std::chrono::hours(Below(24 * 40));
    for (const Action action : {Action::kWarn, Action::kDeny}) {
      if (Coin()) continue;
      stages.push_back({action, date});
      date += std::chrono::hours(1 + Below(24 * 40));
    }
    return stages;
  }

  void SetPolicies() {
    std::vector<ReadinessPolicy> policies;
    for (const char* name : {"one", "two", "three"}) {
      if (Below(4) == 0) continue;
      ReadinessPolicy policy = TestPolicy(name, Stages());
      if (Coin()) policy.rules.back().stages = Stages();
      if (Coin()) policy.match.kinds.push_back(WorkloadKind::kPod);
      if (Coin()) policy.match.kinds.push_back(WorkloadKind::kReplicaSet);
      if (Coin()) policy.match.exclude_namespaces = {"ba*"};
      if (Coin()) {
        policy.match.namespace_selector.requirements = {
            {"env", LabelSelector::Operator::kExists, {}}};
      }
      if (Coin()) {
        policy.match.object_selector.requirements = {
            {"tier", LabelSelector::Operator::kNotIn, {"critical"}}};
      }
      policy.waivers.approval_required = Coin();
      if (Coin()) policy.description = std::to_string(Below(3));
      policies.push_back(std::move(policy));
    }
    world_.SetPolicies(std::move(policies));
  }

  void SetWaivers() {
    std::vector<ReadinessWaiver> waivers;
    for (int i = Below(5); i > 0; --i) {
      ReadinessWaiver waiver;
      waiver.namespace_name = NamespaceName();
      waiver.name = std::to_string(Below(4));
      for (int j = 1 + Below(3); j > 0; --j) {
        const WorkloadKey key = Key();
        waiver.workloads.push_back({key.kind, key.name});
      }
      waiver.policy = Coin() ? "one" : "two";
      waiver.rules = {Coin() ? "test.owner" : "test.probe"};
      if (Coin()) waiver.rules.emplace_back("policy.tier");
      waiver.requested_by = "ana";
      if (Below(4) > 0) waiver.approved_by = Below(6) == 0 ? "ana" : "lee";
      waiver.created = now_ - std::chrono::hours(Below(24 * 10));
      waiver.expires = now_ + std::chrono::hours(Below(24 * 100) - 24 * 5);
      waivers.push_back(std::move(waiver));
    }
    world_.SetWaivers(waivers);
  }

  // Somebody changes or deletes a record.
  void Meddle() {
    if (world_.records().empty()) return;
    auto at = world_.records().begin();
    std::advance(at, Below(static_cast<int>(world_.records().size())));
    if (Coin()) {
      at->second.failing += 1;
      world_.audit().SetRecord(at->first, at->second);
    } else {
      world_.audit().RemoveRecord(at->first);
      world_.records().erase(at);
    }
  }

  void WriteSome() {
    if (Coin()) {
      world_.Write(static_cast<size_t>(Below(4)));
      return;
    }
    for (const RecordChange& change : world_.audit().TakeChanges(static_cast<size_t>(Below(4)))) {
      world_.audit().PutBack(change);  // the API server was away
    }
  }

  std::mt19937 random_;
  World world_;
  Timestamp now_ = At(kStart);
};

AuditFigures WithoutTimes(AuditFigures figures) {
  figures.last_success = {};
  figures.last_duration = {};
  return figures;
}

void ExpectSameFigures(const AuditFigures& a, const AuditFigures& b) {
  EXPECT_EQ(a.workloads, b.workloads);
  EXPECT_EQ(a.findings, b.findings);
  EXPECT_EQ(a.would_block, b.would_block);
  EXPECT_EQ(a.blocked, b.blocked);
  EXPECT_EQ(a.policies, b.policies);
  EXPECT_EQ(a.waivers, b.waivers);
  EXPECT_EQ(a.waiting, b.waiting);
}

// Records that an audit from scratch does not write are of workloads that sleep or are being deleted: kept as they were.
void ExpectRecordsOfScratch(World& world, World& scratch) {
  for (const auto& [key, expected] : scratch.records()) {
    const auto found = world.records().find(key);
    ASSERT_TRUE(found != world.records().end()) << key.namespace_name << "/" << key.name;
    WorkloadRecord record = found->second;
    EXPECT_LE(record.first_seen, expected.first_seen);
    record.first_seen = expected.first_seen;
    ASSERT_EQ(record.findings.size(), expected.findings.size());
    for (size_t i = 0; i < record.findings.size(); ++i) {
      record.findings[i].first_observed = expected.findings[i].first_observed;
    }
    EXPECT_EQ(record, expected) << key.namespace_name << "/" << key.name;
  }
  for (const auto& [key, record] : world.records()) {
    if (scratch.records().contains(key)) continue;
    const auto found = world.workloads().find(record.workload);
    ASSERT_TRUE(found != world.workloads().end()) << key.namespace_name << "/" << key.name;
    EXPECT_TRUE(found->second.find("\"replicas\":0") != std::string::npos ||
                found->second.find("deletionTimestamp") != std::string::npos)
        << found->second;
  }
}

void Check(History& history) {
  World& world = history.world();
  World scratch;
  if (world.policies() != nullptr) scratch.SetPolicies(world.policies()->policies());
  scratch.audit().SetWaivers(world.waivers());
  for (const auto& [name, metadata] : world.namespaces()) {
    const plimsoll::test::Json json(metadata);
    scratch.audit().SetNamespace(name, json.view());
  }
  for (const auto& [key, text] : world.workloads()) {
    const plimsoll::test::Json json(text);
    scratch.audit().SetWorkload(key, json.view());
  }
  // Owners that do not exist are waited for; the second time they are given up.
  scratch.RunAt(history.now() - kOwnerGrace);
  scratch.RunAt(history.now());
  ExpectSameFigures(WithoutTimes(world.audit().Figures()), WithoutTimes(scratch.audit().Figures()));
  ExpectRecordsOfScratch(world, scratch);
  EXPECT_EQ(world.audit().changes(), 0U);
}

TEST(AuditPropertyTest, EveryHistoryEndsAsIfThereHadBeenNone) {
  for (uint32_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    History history(seed);
    for (int round = 0; round < 8; ++round) {
      for (int i = 0; i < 25; ++i) history.Step();
      if (history.world().policies() == nullptr) continue;
      history.Settle();
      Check(history);
      if (round % 3 == 2) {
        history.world().Restart();
        const auto before = history.world().records();
        history.Settle();
        EXPECT_EQ(history.world().records(), before);
      }
      if (testing::Test::HasFailure()) return;
    }
  }
}

}  // namespace
}  // namespace plimsoll::controllers
