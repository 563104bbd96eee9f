// What holds for every policy and workload, on many made from a fixed seed.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>

#include "tests/policy/support.h"

namespace plimsoll {
namespace {

using test::ParsedWorkload;

class Maker {
 public:
  explicit Maker(uint32_t seed) : random_(seed) {}

  int Below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(random_); }
  bool Coin() { return Below(2) == 0; }

  std::vector<Stage> Stages() {
    std::vector<Stage> stages;
    int day = Coin() ? 0 : 1 + Below(50);
    for (const Action action : {Action::kAudit, Action::kWarn, Action::kDeny}) {
      if (Coin()) continue;
      Stage stage{action, std::nullopt};
      if (day > 0) stage.from = Day(day);
      stages.push_back(stage);
      day += 1 + Below(50);
    }
    return stages;
  }

  static Timestamp Day(int day) { return test::At("2027-01-01") + std::chrono::days(day); }

  ReadinessPolicy MakePolicy(std::string name) {
    std::vector<const Rule*> rules = {&test::NeedsOwner(),    &test::NeedsProbe(),
                                      &test::NeedsReplicas(), &test::CountsFaults(),
                                      &test::GradedLink(),    &test::AlwaysPasses()};
    ReadinessPolicy policy = test::Policy(std::move(name), Stages(), rules);
    policy.tiers = {"tier", {"critical", "standard", "toy"}, "standard"};
    for (PolicyRule& rule : policy.rules) {
      if (Coin()) rule.stages = Stages();
      for (const std::string& tier : policy.tiers.values) {
        if (Coin()) continue;
        const int cap = Below(4);
        rule.by_tier.emplace_back(tier, cap == 3 ? TierCap() : TierCap(static_cast<Action>(cap)));
      }
    }
    policy.existing_violations.action = static_cast<Action>(Below(3));
    if (Coin()) policy.existing_violations.until = Day(Below(200));
    return policy;
  }

  ParsedWorkload MakeWorkload() {
    const std::vector<std::string> tiers = {"critical", "standard", "toy", "gold"};
    std::string metadata = R"("labels":{"tier":")" + tiers[static_cast<size_t>(Below(4))] +
                           R"("},"annotations":{"faults":")" + std::to_string(Below(3)) + "\"";
    if (Coin()) metadata += R"(,"owner":"a")";
    if (Coin()) metadata += Coin() ? R"(,"link":"root")" : R"(,"link":"page")";
    metadata += "}";
    const std::string probe = Coin() ? R"(,"readinessProbe":{})" : "";
    return test::Deployment({.metadata = metadata,
                             .replicas = std::to_string(1 + Below(2)),
                             .containers = R"([{"name":"web","image":")" +
                                           std::string(Coin() ? "a" : "b") + "\"" + probe +
                                           R"(},{"name":"log","image":"l"}])"});
  }

  std::mt19937& random() { return random_; }

 private:
  std::mt19937 random_;
};

void ExpectEqual(const Verdict& a, const Verdict& b) {
  EXPECT_EQ(a.decision, b.decision);
  EXPECT_EQ(a.exemption, b.exemption);
  EXPECT_EQ(a.findings, b.findings);
  EXPECT_EQ(a.policies, b.policies);
  EXPECT_EQ(a.owner, b.owner);
  EXPECT_EQ(a.tier, b.tier);
  EXPECT_EQ(a.passed, b.passed);
  EXPECT_EQ(a.not_applicable, b.not_applicable);
  EXPECT_EQ(a.findings_dropped, b.findings_dropped);
}

TEST(Property, TheOrderOfPoliciesAndRulesDoesNotShow) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    Maker maker(seed);
    std::vector<ReadinessPolicy> policies = {maker.MakePolicy("a"), maker.MakePolicy("b"),
                                             maker.MakePolicy("c")};
    const ParsedWorkload before = maker.MakeWorkload();
    const ParsedWorkload after = maker.MakeWorkload();
    EvaluationContext context;
    context.now = Maker::Day(maker.Below(200));
    if (maker.Coin()) context.old_workload = &*before;
    context.report_all = maker.Coin();
    const PolicySnapshot snapshot(policies);
    Evaluator evaluator;
    const Verdict verdict = evaluator.Evaluate(snapshot, *after, context);
    std::shuffle(policies.begin(), policies.end(), maker.random());
    for (ReadinessPolicy& policy : policies) {
      std::shuffle(policy.rules.begin(), policy.rules.end(), maker.random());
    }
    const PolicySnapshot shuffled(policies);
    // The same evaluator again: nothing of the first judgement is left in it.
    ExpectEqual(verdict, evaluator.Evaluate(shuffled, *after, context));
    if (HasFailure()) FAIL() << "seed " << seed;
  }
}

TEST(Property, TimeNeverWeakensAFinding) {
  for (uint32_t seed = 1; seed <= 100; ++seed) {
    Maker maker(seed);
    const PolicySnapshot snapshot({maker.MakePolicy("a"), maker.MakePolicy("b")});
    const ParsedWorkload before = maker.MakeWorkload();
    const ParsedWorkload after = maker.MakeWorkload();
    EvaluationContext context;
    if (maker.Coin()) context.old_workload = &*before;
    std::map<std::string, Action> last;
    Decision last_decision = Decision::kAllow;
    for (int day = 0; day <= 200; day += 10) {
      context.now = Maker::Day(day);
      const Verdict verdict = Evaluator().Evaluate(snapshot, *after, context);
      EXPECT_GE(verdict.decision, last_decision) << "seed " << seed << " day " << day;
      last_decision = verdict.decision;
      for (const Finding& finding : verdict.findings) {
        const std::string key =
            finding.policy + finding.rule + finding.path + finding.container + finding.message;
        EXPECT_GE(finding.action, last[key]) << "seed " << seed << " day " << day << " " << key;
        last[key] = finding.action;
      }
    }
  }
}

TEST(Property, AnUpdateIsNeverJudgedHarderThanACreate) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    Maker maker(seed);
    const PolicySnapshot snapshot({maker.MakePolicy("a"), maker.MakePolicy("b")});
    const ParsedWorkload before = maker.MakeWorkload();
    const ParsedWorkload after = maker.MakeWorkload();
    EvaluationContext context;
    context.now = Maker::Day(maker.Below(200));
    const Verdict create = Evaluator().Evaluate(snapshot, *after, context);
    context.old_workload = &*before;
    const Verdict update = Evaluator().Evaluate(snapshot, *after, context);
    EXPECT_LE(update.decision, create.decision) << "seed " << seed;
    EXPECT_EQ(update.findings.size(), create.findings.size()) << "seed " << seed;
    // And an update that changes nothing is never refused.
    context.old_workload = &*after;
    EXPECT_LE(Evaluator().Evaluate(snapshot, *after, context).decision, Decision::kWarn)
        << "seed " << seed;
  }
}

}  // namespace
}  // namespace plimsoll
