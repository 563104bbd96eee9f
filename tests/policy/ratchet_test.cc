// Updates: what the object had before, and what an update may therefore still do.
#include "policy/ratchet.h"

#include <gtest/gtest.h>

#include "tests/policy/support.h"

namespace plimsoll {
namespace {

using test::At;
using test::Deployment;
using test::DeploymentSpec;
using test::ParsedWorkload;

constexpr std::string_view kUntil = "2027-06-01T00:00:00Z";

struct Case {
  std::string name;
  const Rule* rule;
  DeploymentSpec before;
  DeploymentSpec after;
  ExistingViolations existing;
  std::string_view now;
  std::vector<Action> actions;
};

const DeploymentSpec kPlain = {};
const DeploymentSpec kNewImage = {.containers = R"([{"name":"web","image":"b"}])"};
const DeploymentSpec kRestarted = {
    .template_metadata =
        R"("annotations":{"kubectl.kubernetes.io/restartedAt":"2027-01-01T00:00:00Z"})"};
const DeploymentSpec kOwned = {.metadata = R"("annotations":{"owner":"a"})"};
const DeploymentSpec kLabelled = {.metadata = R"("labels":{"a":"b"})"};
const DeploymentSpec kScaledUp = {.replicas = "5"};

std::vector<Case> Cases() {
  const ExistingViolations warn{Action::kWarn, At(kUntil)};
  const ExistingViolations audit{Action::kAudit, At(kUntil)};
  const ExistingViolations deny{Action::kDeny, std::nullopt};
  const ExistingViolations for_good{Action::kWarn, std::nullopt};
  const std::string_view before = "2027-05-31T23:59:59Z";
  const std::string_view after = kUntil;
  const Rule* owner = &test::NeedsOwner();
  const Action kWarn = Action::kWarn;
  const Action kDeny = Action::kDeny;
  return {
      {"had it, new template", owner, kPlain, kNewImage, warn, before, {kWarn}},
      {"had it, new template, date over", owner, kPlain, kNewImage, warn, after, {kDeny}},
      {"had it, new template, for good", owner, kPlain, kNewImage, for_good, "9999-12-31", {kWarn}},
      {"had it, only audited", owner, kPlain, kNewImage, audit, before, {Action::kAudit}},
      {"had it, ratchet denies", owner, kPlain, kNewImage, deny, before, {kDeny}},
      {"had it, same template, date over", owner, kPlain, kLabelled, warn, after, {kWarn}},
      {"had it, same template, ratchet denies", owner, kPlain, kLabelled, deny, before, {kWarn}},
      {"had it, restarted, date over", owner, kPlain, kRestarted, warn, after, {kWarn}},
      {"had it, scaled, date over", owner, kPlain, kScaledUp, warn, after, {kWarn}},
      {"new finding", owner, kOwned, kPlain, warn, before, {kDeny}},
      {"new finding, same template", owner, kOwned, kLabelled, deny, after, {kDeny}},
      {"fixed", owner, kPlain, kOwned, warn, before, {}},
      // Bringing back what had been scaled to zero: the rule could not ask then.
      {"woken",
       &test::NeedsReplicas(),
       {.replicas = "0"},
       {.replicas = "1"},
       warn,
       before,
       {kWarn}},
      {"woken, date over",
       &test::NeedsReplicas(),
       {.replicas = "0"},
       {.replicas = "1"},
       warn,
       after,
       {kWarn}},
      {"woken with another template",
       &test::NeedsReplicas(),
       {.replicas = "0"},
       {.replicas = "1", .containers = R"([{"name":"web","image":"b"}])"},
       warn,
       before,
       {kDeny}},
      {"scaled down to one",
       &test::NeedsReplicas(),
       kPlain,
       {.replicas = "1"},
       warn,
       before,
       {kDeny}},
      // Places in lists do not count, names do.
      {"a container put before",
       &test::NeedsProbe(),
       kPlain,
       {.containers = R"([{"name":"log","image":"l","readinessProbe":{}},
                          {"name":"web","image":"b"}])"},
       warn,
       before,
       {kWarn}},
      {"another container",
       &test::NeedsProbe(),
       kPlain,
       {.containers = R"([{"name":"web","image":"a"},{"name":"log","image":"l"}])"},
       warn,
       before,
       {kDeny, kWarn}},
      {"two without names, one before",
       &test::NeedsProbe(),
       {.containers = R"([{"image":"a"}])"},
       {.containers = R"([{"image":"a"},{"image":"b"}])"},
       warn,
       before,
       {kDeny, kWarn}},
      // How bad it was counts, too.
      {"as bad", &test::GradedLink(), kPlain, kNewImage, audit, before, {Action::kAudit}},
      {"better, not good",
       &test::GradedLink(),
       kPlain,
       {.metadata = R"("annotations":{"link":"root"})"},
       audit,
       before,
       {Action::kAudit}},
      {"worse",
       &test::GradedLink(),
       {.metadata = R"("annotations":{"link":"root"})"},
       kPlain,
       audit,
       before,
       {kDeny}},
  };
}

TEST(Ratchet, Matrix) {
  for (const Case& c : Cases()) {
    ReadinessPolicy policy = test::Policy("p", {{Action::kDeny, std::nullopt}}, {c.rule});
    policy.existing_violations = c.existing;
    std::vector<ReadinessPolicy> policies;
    policies.push_back(std::move(policy));
    const ParsedWorkload before = Deployment(c.before);
    const ParsedWorkload after = Deployment(c.after);
    EvaluationContext context;
    context.now = At(c.now);
    context.operation = Operation::kUpdate;
    context.old_workload = &*before;
    const PolicySnapshot snapshot(std::move(policies));
    const Verdict verdict = Evaluator().Evaluate(snapshot, *after, context);
    std::vector<Action> actions;
    for (const Finding& finding : verdict.findings) actions.push_back(finding.action);
    EXPECT_EQ(actions, c.actions) << c.name;
  }
}

TEST(Ratchet, NeverMakesStronger) {
  ReadinessPolicy policy =
      test::Policy("p", {{Action::kAudit, std::nullopt}}, {&test::NeedsOwner()});
  policy.existing_violations = {Action::kDeny, std::nullopt};
  std::vector<ReadinessPolicy> policies;
  policies.push_back(std::move(policy));
  const ParsedWorkload workload = Deployment({});
  EvaluationContext context;
  context.old_workload = &*workload;
  const PolicySnapshot snapshot(std::move(policies));
  const Verdict verdict = Evaluator().Evaluate(snapshot, *workload, context);
  EXPECT_EQ(test::Summary(verdict),
            std::vector<std::string>{"Audit p/test.owner metadata.annotations[owner]"});
}

TEST(Ratchet, TellsWhyInWords) {
  struct Words {
    DeploymentSpec after;
    std::string_view now;
    std::string reason;
  };
  for (const Words& c : std::vector<Words>{
           {kNewImage, "2027-03-01",
            "Warn: the object already had this finding, let through until 2027-06-01 (otherwise "
            "Deny since 2027-02-01)"},
           {kNewImage, kUntil, "Deny since 2027-02-01"},
           {kLabelled, kUntil,
            "Warn: the object already had this finding and its pod template stays the same "
            "(otherwise Deny since 2027-02-01)"},
           {kNewImage, "2027-01-31", "Audit; Deny from 2027-02-01"},
       }) {
    ReadinessPolicy policy =
        test::Policy("p", {{Action::kAudit, std::nullopt}, {Action::kDeny, At("2027-02-01")}},
                     {&test::NeedsOwner()});
    policy.existing_violations = {Action::kWarn, At(kUntil)};
    std::vector<ReadinessPolicy> policies;
    policies.push_back(std::move(policy));
    const ParsedWorkload before = Deployment(kPlain);
    const ParsedWorkload after = Deployment(c.after);
    EvaluationContext context;
    context.now = At(c.now);
    context.old_workload = &*before;
    const PolicySnapshot snapshot(std::move(policies));
    const Verdict verdict = Evaluator().Evaluate(snapshot, *after, context);
    ASSERT_EQ(verdict.findings.size(), 1u);
    EXPECT_EQ(verdict.findings[0].reason, c.reason);
  }
}

TEST(Ratchet, IdentityLeavesPlacesInListsOut) {
  struct Identity {
    Violation violation;
    std::string identity;
  };
  const auto at = [](std::string path, std::string container, std::string identity) {
    Violation violation;
    violation.path = std::move(path);
    violation.container = std::move(container);
    violation.identity = std::move(identity);
    return violation;
  };
  for (const Identity& c : std::vector<Identity>{
           {at("spec.containers[12].image", "web", ""), "web\nspec.containers[].image"},
           {at("metadata.annotations[plimsoll.dev/owner]", "", ""),
            "\nmetadata.annotations[plimsoll.dev/owner]"},
           {at("a[0].b[1][x]", "", ""), "\na[].b[][x]"},
           {at("a[0", "", ""), "\na[0"},
           {at("a[]", "", ""), "\na[]"},
           {at("a[0]", "web", "mine"), "mine"},
       }) {
    EXPECT_EQ(IdentityOf(c.violation), c.identity);
  }
}

}  // namespace
}  // namespace plimsoll
