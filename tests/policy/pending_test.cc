// What a new object lacks beside it is pending, and no finding, until what belongs to it must have come.
#include <gtest/gtest.h>

#include <memory>

#include "plimsoll/model/related_objects.h"
#include "plimsoll/policy/evaluator.h"
#include "tests/policy/support.h"

namespace plimsoll {
namespace {

using test::At;
using test::Deployment;
using test::ParsedWorkload;
using test::Summary;

const std::vector<Stage> kDeny = {{Action::kDeny, std::nullopt}};

// Nothing else is there; every kind is known.
std::shared_ptr<const RelatedObjects> NothingElse() {
  RelatedIndex index;
  for (size_t i = 0; i < kRelatedKindCount; ++i) {
    index.SetKnowledge(static_cast<RelatedKind>(i), Knowledge::kKnown);
  }
  return index.Snapshot();
}

class PendingTest : public ::testing::Test {
 protected:
  PendingTest() : related_(NothingElse()) {
    const Rule* rules[] = {FindRule("resilience.pdb"), &test::NeedsOwner()};
    std::vector<ReadinessPolicy> policies;
    policies.push_back(test::Policy("p", kDeny, {rules[0], rules[1]}));
    policies_ = std::make_unique<PolicySnapshot>(std::move(policies));
    context_.related = related_.get();
    context_.namespace_name = "shop";
    context_.now = At("2026-12-01");
  }

  Verdict Judge(const ParsedWorkload& workload) {
    return Evaluator().Evaluate(*policies_, *workload, context_);
  }

  std::shared_ptr<const RelatedObjects> related_;
  std::unique_ptr<PolicySnapshot> policies_;
  EvaluationContext context_;
  const ParsedWorkload labelled_ =
      Deployment({.metadata = R"("creationTimestamp":"2026-11-30T23:58:00Z")",
                  .template_metadata = R"("labels":{"app":"web"})"});
};

TEST_F(PendingTest, NeverDeniesOnCreate) {
  context_.settles_at = SettlesAt(*labelled_, true, context_.now, kRelatedGrace);
  EXPECT_EQ(context_.settles_at, At("2026-12-01T00:05:00Z"));
  const Verdict verdict = Judge(labelled_);
  EXPECT_EQ(Summary(verdict),
            (std::vector<std::string>{"Deny p/test.owner metadata.annotations[owner]",
                                      "pending p/resilience.pdb spec.template.metadata.labels"}));
  EXPECT_EQ(verdict.findings[1].action, Action::kAudit);
  EXPECT_EQ(verdict.findings[1].reason,
            "the object is new: what belongs to it may come until 2026-12-01T00:05:00Z");
  EXPECT_FALSE(verdict.findings[1].fix.empty());
}

TEST_F(PendingTest, IsAFindingOnceTheGraceIsOver) {
  context_.settles_at = SettlesAt(*labelled_, false, context_.now, kRelatedGrace);
  EXPECT_EQ(context_.settles_at, At("2026-12-01T00:03:00Z"));
  context_.now = At("2026-12-01T00:03:00Z");
  context_.settles_at = SettlesAt(*labelled_, false, context_.now, kRelatedGrace);
  EXPECT_EQ(context_.settles_at, std::nullopt);
  EXPECT_EQ(Summary(Judge(labelled_)),
            (std::vector<std::string>{"Deny p/resilience.pdb spec.template.metadata.labels",
                                      "Deny p/test.owner metadata.annotations[owner]"}));
}

TEST_F(PendingTest, AnObjectWithoutADateIsAnOldOne) {
  const ParsedWorkload undated = Deployment({.template_metadata = R"("labels":{"app":"web"})"});
  EXPECT_EQ(SettlesAt(*undated, false, context_.now, kRelatedGrace), std::nullopt);
  EXPECT_EQ(SettlesAt(*undated, true, context_.now, std::chrono::seconds(0)), std::nullopt);
}

TEST_F(PendingTest, AnUpdateMayBeDeniedForWhatItMakesWorse) {
  RelatedIndex index;
  index.SetKnowledge(RelatedKind::kPodDisruptionBudget, Knowledge::kKnown);
  const test::Json budget(
      R"({"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"app":"web"}}}})");
  index.Set(RelatedKind::kPodDisruptionBudget, {"shop", "web"}, budget.view());
  related_ = index.Snapshot();
  context_.related = related_.get();
  context_.operation = Operation::kUpdate;
  const ParsedWorkload relabelled = Deployment({.metadata = R"("annotations":{"owner":"a"})",
                                                .template_metadata = R"("labels":{"app":"shop"})"});
  context_.old_workload = &*labelled_;
  EXPECT_EQ(Summary(Judge(relabelled)),
            (std::vector<std::string>{"Deny p/resilience.pdb spec.template.metadata.labels"}));
  // What it lacked before, it may go on lacking: the ratchet.
  context_.old_workload = &*relabelled;
  EXPECT_EQ(Judge(relabelled).decision, Decision::kWarn);
}

TEST_F(PendingTest, WithoutKnowledgeTheRuleDoesNotApply) {
  context_.related = nullptr;
  EXPECT_EQ(Summary(Judge(labelled_)),
            (std::vector<std::string>{"Deny p/test.owner metadata.annotations[owner]"}));
  RelatedIndex empty;
  const auto unknown = empty.Snapshot();
  context_.related = unknown.get();
  const Verdict verdict = Judge(labelled_);
  EXPECT_EQ(verdict.not_applicable, 1u);
}

// A rule that asks the workload alone may find something that rests on others.
TEST_F(PendingTest, OneViolationOfALocalRuleMayBePending) {
  std::vector<ReadinessPolicy> policies;
  policies.push_back(test::Policy("p", kDeny, {FindRule("resilience.replicas")}));
  policies_ = std::make_unique<PolicySnapshot>(std::move(policies));
  const ParsedWorkload unset = Deployment({.replicas = ""});
  context_.settles_at = SettlesAt(*unset, true, context_.now, kRelatedGrace);
  EXPECT_EQ(Summary(Judge(unset)),
            std::vector<std::string>{"pending p/resilience.replicas spec.replicas"});
  const ParsedWorkload one = Deployment({.replicas = "1"});
  EXPECT_EQ(Judge(one).decision, Decision::kDeny);
}

}  // namespace
}  // namespace plimsoll
