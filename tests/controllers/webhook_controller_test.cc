#include "plimsoll/controllers/webhook_controller.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controllers/fake_cluster.h"
#include "tests/controllers/policies.h"

namespace plimsoll::controllers {
namespace {

using plimsoll::testing::MakePolicies;
using std::chrono::hours;
using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* kPolicies = "validate-policies.plimsoll.dev";
constexpr const char* kWaivers = "validate-waivers.plimsoll.dev";
constexpr Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + hours(9);

class WebhookControllerTest : public ::testing::Test {
 protected:
  WebhookControllerTest() {
    options_.webhook.own_namespace = "plimsoll";
    options_.webhook.service_name = "webhook";
    options_.webhook.owner = OwnerReference{"v1", "Namespace", "plimsoll", "ns-uid"};
    options_.configuration_name = "plimsoll";
    options_.may_write = [this] { return leading_; };
    // As the chart installs it.
    cluster_.configuration = WebhookConfiguration{};
    cluster_.configuration->uid = "chart";
    cluster_.Touch(*cluster_.configuration);
    Restart();
  }

  void Restart() {
    controller_ = std::make_unique<WebhookController>(
        WebhookControllerPorts{&cluster_, &check_, &cluster_.secrets, &cluster_, &cluster_},
        options_);
  }
  WebhookStanding Pass(Timestamp now = kNow) {
    const Result<WebhookStanding> standing = controller_->Reconcile(policies_.get(), now);
    EXPECT_TRUE(standing) << standing.error().message;
    return standing.value_or(WebhookStanding{});
  }
  void SetPolicies(const std::vector<testing::PolicyText>& texts) {
    policies_ = std::make_unique<PolicySnapshot>(MakePolicies(texts));
  }
  std::vector<std::string> Entries() {
    std::vector<std::string> out;
    for (const Webhook& webhook : cluster_.configuration->webhooks) {
      out.push_back(webhook.name + (webhook.rules.empty() ? " (inert)" : ""));
    }
    return out;
  }
  std::vector<std::string> Reasons() {
    std::vector<std::string> out;
    for (const auto& event : cluster_.events) out.push_back(event.reason);
    return out;
  }
  std::string LiveBundle() { return cluster_.configuration->webhooks.front().ca_bundle; }

  WebhookControllerOptions options_;
  bool leading_ = true;
  testing::FakeCluster cluster_;
  testing::FakeCheck check_;
  std::unique_ptr<PolicySnapshot> policies_ =
      std::make_unique<PolicySnapshot>(MakePolicies({{"a", ""}}));
  std::unique_ptr<WebhookController> controller_;
};

TEST_F(WebhookControllerTest, FirstACaThenABundleThenRules) {
  check_.result = Fail(ErrorCode::kUnavailable, "connection refused");
  WebhookStanding standing = Pass();
  EXPECT_FALSE(standing.ready);
  EXPECT_EQ(standing.why, "connection refused");
  EXPECT_THAT(Entries(), ElementsAre("validate-policies.plimsoll.dev (inert)"));
  EXPECT_THAT(LiveBundle(), HasSubstr("BEGIN CERTIFICATE"));
  EXPECT_THAT(check_.bundles, ElementsAre(LiveBundle()));
  EXPECT_THAT(cluster_.writes, ElementsAre("secret", "configuration"));
  ASSERT_TRUE(standing.signer);

  check_.result = {};
  standing = Pass();
  EXPECT_TRUE(standing.ready) << standing.why;
  EXPECT_THAT(Entries(), ElementsAre("validate.plimsoll.dev", kPolicies, kWaivers));
  EXPECT_EQ(cluster_.configuration->owners.front().uid, "ns-uid");
  EXPECT_THAT(Reasons(), ElementsAre("CertificateRotation"));

  cluster_.writes.clear();
  EXPECT_TRUE(Pass().ready);
  EXPECT_THAT(cluster_.writes, IsEmpty()) << "nothing is written that is there already";
}

TEST_F(WebhookControllerTest, WritesNothingThatTheNamespaceDoesNotOwn) {
  options_.webhook.owner.reset();
  testing::FakeNamespace own_namespace;
  own_namespace.result = Fail(ErrorCode::kUnavailable, "the API server is away");
  controller_ = std::make_unique<WebhookController>(
      WebhookControllerPorts{&cluster_, &check_, &cluster_.secrets, &cluster_, &cluster_,
                             &own_namespace},
      options_);
  EXPECT_EQ(controller_->Reconcile(policies_.get(), kNow).error().message,
            "the API server is away");
  EXPECT_THAT(cluster_.writes, IsEmpty());

  own_namespace.result = OwnerReference{"v1", "Namespace", "plimsoll", "ns-uid-2"};
  ASSERT_TRUE(Pass().ready);
  ASSERT_TRUE(Pass().ready);
  EXPECT_EQ(cluster_.configuration->owners.front().uid, "ns-uid-2");
  EXPECT_EQ(own_namespace.reads, 2) << "its uid is the same for ever";
}

TEST_F(WebhookControllerTest, FollowsThePolicies) {
  ASSERT_TRUE(Pass().ready);
  SetPolicies({{"a", ""}, {"b", "  failurePolicy: Fail\n  match: {kinds: [CronJob]}\n"}});
  ASSERT_TRUE(Pass().ready);
  EXPECT_THAT(Entries(), ElementsAre("validate.plimsoll.dev", "validate-fail.plimsoll.dev",
                                     kPolicies, kWaivers));
  SetPolicies({});
  ASSERT_TRUE(Pass().ready);
  EXPECT_THAT(Entries(), ElementsAre(kPolicies, kWaivers));
  EXPECT_THAT(Reasons(), ElementsAre("CertificateRotation")) << "nobody edited anything";
}

TEST_F(WebhookControllerTest, WhatIsLiveStaysUntilPoliciesAreKnownAndTheListenerAnswers) {
  ASSERT_TRUE(Pass().ready);
  const std::vector<Webhook> before = cluster_.configuration->webhooks;
  Restart();
  policies_.reset();
  EXPECT_FALSE(Pass().ready);
  EXPECT_EQ(cluster_.configuration->webhooks, before);

  SetPolicies({{"a", "  failurePolicy: Fail\n"}});
  check_.result = Fail(ErrorCode::kUnavailable, "certificate verify failed");
  const WebhookStanding standing = Pass();
  EXPECT_EQ(standing.why, "certificate verify failed");
  EXPECT_EQ(standing.next, kNow + seconds(5));
  EXPECT_EQ(cluster_.configuration->webhooks, before);
}

// Nobody must be locked out by an entry that nobody answers and nobody wants.
TEST_F(WebhookControllerTest, AskingForLessNeedsNoListener) {
  const testing::PolicyText jobs{"b", "  failurePolicy: Fail\n  match: {kinds: [Job]}\n"};
  SetPolicies({{"a", ""}, jobs});
  ASSERT_TRUE(Pass().ready);
  const std::vector<Webhook> before = cluster_.configuration->webhooks;
  check_.result = Fail(ErrorCode::kUnavailable, "certificate has expired");

  // Its requests were not asked for under Ignore before: they go on, and refuse nobody.
  SetPolicies({{"a", ""}, {"b", "  match: {kinds: [Job]}\n"}});
  EXPECT_EQ(Pass().why, "certificate has expired");
  const Webhook* weaker = cluster_.configuration->Find("validate-fail.plimsoll.dev");
  ASSERT_NE(weaker, nullptr);
  EXPECT_EQ(weaker->failure_policy, FailurePolicy::kIgnore);
  // And back is more.
  SetPolicies({{"a", ""}, jobs});
  EXPECT_FALSE(Pass().ready);
  EXPECT_EQ(cluster_.configuration->Find("validate-fail.plimsoll.dev")->failure_policy,
            FailurePolicy::kIgnore);
  check_.result = {};
  ASSERT_TRUE(Pass().ready);
  EXPECT_EQ(cluster_.configuration->webhooks, before);

  check_.result = Fail(ErrorCode::kUnavailable, "certificate has expired");
  SetPolicies({{"a", ""}});
  Pass();
  EXPECT_THAT(Entries(), ElementsAre("validate.plimsoll.dev", kPolicies, kWaivers));
  SetPolicies({});
  Pass();
  EXPECT_THAT(Entries(), ElementsAre(kPolicies, kWaivers));
  EXPECT_THAT(Reasons(), ElementsAre("CertificateRotation")) << "nobody edited anything";
}

TEST_F(WebhookControllerTest, AnEditedConfigurationIsRepaired) {
  ASSERT_TRUE(Pass().ready);
  const std::vector<Webhook> good = cluster_.configuration->webhooks;
  const std::function<void(WebhookConfiguration&)> edits[] = {
      [](auto& c) { c.webhooks[0].rules.clear(); },
      [](auto& c) { c.webhooks[0].ca_bundle = "garbage"; },
      [](auto& c) { c.webhooks.clear(); },
      [](auto& c) { c.webhooks[0].failure_policy = FailurePolicy::kFail; },
      [](auto& c) { c.owners.clear(); },
  };
  // As the listener would answer.
  check_.answer = [&](const std::string& bundle) -> Status {
    if (bundle == good[0].ca_bundle) return {};
    return Fail(ErrorCode::kInvalidArgument, "not accepted");
  };
  for (const auto& edit : edits) {
    cluster_.events.clear();
    cluster_.Edit(edit);
    EXPECT_TRUE(Pass().ready);
    EXPECT_EQ(cluster_.configuration->webhooks, good);
    EXPECT_EQ(cluster_.configuration->owners.size(), 1U);
    EXPECT_THAT(Reasons(), ElementsAre("WebhookConfigurationRepaired"));
  }
}

TEST_F(WebhookControllerTest, CaBundleIsRepairedAlsoWhileRulesMayNotChange) {
  ASSERT_TRUE(Pass().ready);
  const std::vector<Webhook> good = cluster_.configuration->webhooks;
  cluster_.Edit([](auto& c) { c.webhooks[1].ca_bundle.clear(); });
  check_.result = Fail(ErrorCode::kUnavailable, "away");
  policies_.reset();
  EXPECT_FALSE(Pass().ready);
  EXPECT_EQ(cluster_.configuration->webhooks, good);
}

// Clusters of some providers keep webhooks out of namespaces of their own.
TEST_F(WebhookControllerTest, AConfigurationThatAnAdmissionPluginChangesIsNotWrittenForEver) {
  cluster_.admit = [](WebhookConfiguration& c) {
    for (Webhook& webhook : c.webhooks) {
      webhook.namespace_selector.requirements.push_back(
          {"control-plane", LabelSelector::Operator::kDoesNotExist, {}});
    }
  };
  WebhookStanding standing = Pass();
  EXPECT_TRUE(standing.ready) << "the API server calls us";
  EXPECT_EQ(standing.why,
            "somebody changes what is applied: validate.plimsoll.dev: namespaceSelector; "
            "validate-policies.plimsoll.dev: namespaceSelector; "
            "validate-waivers.plimsoll.dev: namespaceSelector");
  EXPECT_THAT(standing.problems, ElementsAre(standing.why));
  EXPECT_EQ(standing.next, kNow + seconds(60));

  cluster_.writes.clear();
  standing = Pass(kNow + seconds(59));
  EXPECT_TRUE(standing.ready);
  EXPECT_EQ(standing.next, kNow + seconds(60));
  EXPECT_THAT(cluster_.writes, IsEmpty());
  EXPECT_EQ(Pass(kNow + seconds(60)).next, kNow + seconds(120));
  EXPECT_THAT(cluster_.writes, ElementsAre("configuration")) << "once a minute";
  EXPECT_THAT(Reasons(), ElementsAre("CertificateRotation")) << "nothing was repaired";

  // Everything else goes on: a policy, and somebody's edit of another part.
  SetPolicies({{"a", ""}, {"b", "  failurePolicy: Fail\n  match: {kinds: [CronJob]}\n"}});
  EXPECT_TRUE(Pass(kNow + seconds(61)).ready);
  EXPECT_NE(cluster_.configuration->Find("validate-fail.plimsoll.dev"), nullptr);
  cluster_.events.clear();
  cluster_.Edit([](auto& c) { c.webhooks[0].rules.clear(); });
  EXPECT_TRUE(Pass(kNow + seconds(62)).ready);
  EXPECT_FALSE(cluster_.configuration->webhooks[0].rules.empty());
  EXPECT_THAT(Reasons(), ElementsAre("WebhookConfigurationRepaired"));

  cluster_.admit = nullptr;
  standing = Pass(kNow + seconds(122));
  EXPECT_TRUE(standing.ready);
  EXPECT_EQ(standing.why, "");
}

// The plugin is newer than what we applied, and writes what it lets others write.
TEST_F(WebhookControllerTest, ARepairThatCameToNothingIsNotTold) {
  ASSERT_TRUE(Pass().ready);
  cluster_.events.clear();
  cluster_.admit = [](WebhookConfiguration& c) {
    for (Webhook& webhook : c.webhooks) webhook.timeout_seconds = 7;
  };
  cluster_.Edit(cluster_.admit);
  EXPECT_TRUE(Pass().ready);
  EXPECT_THAT(Reasons(), IsEmpty());
}

// A plugin whose every change is a new version makes no loop either, and one that takes away the calls is no success.
TEST_F(WebhookControllerTest, AConfigurationThatIsChangedAnewEachTimeIsLeftAlone) {
  int changes = 0;
  cluster_.admit = [&](WebhookConfiguration& c) {
    for (Webhook& webhook : c.webhooks) {
      webhook.rules.clear();
      webhook.timeout_seconds = 10 + ++changes;
    }
  };
  const WebhookStanding standing = Pass();
  EXPECT_FALSE(standing.ready);
  EXPECT_THAT(standing.why, HasSubstr("somebody changes what is applied: "));
  EXPECT_THAT(standing.why, HasSubstr("validate-policies.plimsoll.dev: rules, timeoutSeconds"));
  cluster_.writes.clear();
  EXPECT_FALSE(Pass(kNow + seconds(5)).ready);
  EXPECT_THAT(cluster_.writes, IsEmpty());
  EXPECT_THAT(Reasons(), ElementsAre("CertificateRotation"));
}

TEST_F(WebhookControllerTest, ADeletedConfigurationIsMadeAgainAfterAGrace) {
  ASSERT_TRUE(Pass().ready);
  cluster_.events.clear();
  cluster_.configuration.reset();
  const WebhookStanding waiting = Pass(kNow + seconds(60));
  EXPECT_FALSE(waiting.ready);
  EXPECT_EQ(waiting.next, kNow + seconds(75));
  EXPECT_FALSE(Pass(kNow + seconds(74)).ready);
  EXPECT_FALSE(cluster_.configuration);
  EXPECT_TRUE(Pass(kNow + seconds(75)).ready);
  EXPECT_THAT(Entries(), ElementsAre("validate.plimsoll.dev", kPolicies, kWaivers));
  EXPECT_THAT(Reasons(), ElementsAre("WebhookConfigurationRecreated"));
}

// Helm makes it last, and would not install what is there already.
TEST_F(WebhookControllerTest, OneThatWasNeverThereHasTheSameGrace) {
  cluster_.configuration.reset();
  EXPECT_FALSE(Pass().ready);
  EXPECT_FALSE(cluster_.configuration);
  EXPECT_TRUE(Pass(kNow + seconds(15)).ready);
}

TEST_F(WebhookControllerTest, OneThatGoesAwayWhileWeWriteIsNotMadeAgainByThat) {
  ASSERT_TRUE(Pass().ready);
  SetPolicies({});
  cluster_.before = [&](const std::string& call) -> Status {
    if (call == "apply configuration") cluster_.configuration.reset();
    return {};
  };
  EXPECT_FALSE(Pass().ready);
  EXPECT_FALSE(cluster_.configuration);
}

TEST_F(WebhookControllerTest, WhoNoLongerLeadsWritesNothing) {
  leading_ = false;
  const WebhookStanding standing = Pass();
  EXPECT_THAT(cluster_.writes, IsEmpty());
  EXPECT_THAT(standing.problems, ElementsAre("Secret: another replica leads now"));
  leading_ = true;
  ASSERT_TRUE(Pass().ready);
  leading_ = false;
  cluster_.writes.clear();
  SetPolicies({});
  EXPECT_FALSE(controller_->Reconcile(policies_.get(), kNow));
  EXPECT_THAT(cluster_.writes, IsEmpty());
}

TEST_F(WebhookControllerTest, AnotherWasFasterToMakeTheSecret) {
  testing::FakeCluster other;
  testing::FakeCheck check;
  other.configuration = cluster_.configuration;
  WebhookController first({&other, &check, &other.secrets, &other, nullptr}, options_);
  ASSERT_TRUE(first.Reconcile(policies_.get(), kNow));
  cluster_.before = [&](const std::string& call) -> Status {
    if (call == "create secret" && !cluster_.secret) cluster_.secret = other.secret;
    return {};
  };
  ASSERT_TRUE(Pass().ready);
  EXPECT_EQ(cluster_.secret->entries, other.secret->entries);
  EXPECT_EQ(LiveBundle(), other.secret->Entry("ca.crt"));
}

TEST_F(WebhookControllerTest, ConflictsAreMetByReadingAgain) {
  ASSERT_TRUE(Pass().ready);
  int conflicts = 2;
  cluster_.before = [&](const std::string& call) -> Status {
    if (call == "apply configuration" && conflicts-- > 0) {
      cluster_.Edit([](auto& c) { c.webhooks[0].timeout_seconds = 30; });
    }
    return {};
  };
  SetPolicies({});
  EXPECT_TRUE(Pass().ready);
  conflicts = 1000;
  SetPolicies({{"a", ""}});
  const auto standing = controller_->Reconcile(policies_.get(), kNow);
  ASSERT_FALSE(standing);
  EXPECT_EQ(standing.error().code, ErrorCode::kConflict);
  EXPECT_LT(conflicts, 1000);
  EXPECT_GT(conflicts, 980) << "it gives up for now";
}

TEST_F(WebhookControllerTest, ASecretThatMayNotBeWrittenStopsNothingElse) {
  ASSERT_TRUE(Pass().ready);
  cluster_.EditSecret([](auto& s) { s.annotations = {{"plimsoll.dev/rotate", "now"}}; });
  cluster_.before = [](const std::string& call) -> Status {
    if (call == "update secret") return Fail(ErrorCode::kForbidden, "secrets: update");
    return {};
  };
  SetPolicies({});
  const WebhookStanding standing = Pass();
  EXPECT_TRUE(standing.ready);
  EXPECT_THAT(standing.problems, ElementsAre("Secret: secrets: update"));
  // And where it is unreadable, too, what is trusted stays trusted.
  const std::string bundle = LiveBundle();
  cluster_.EditSecret([](auto& s) { s.entries.clear(); });
  EXPECT_FALSE(Pass().ready);
  EXPECT_EQ(LiveBundle(), bundle);
}

TEST_F(WebhookControllerTest, ARotationFromEndToEnd) {
  ASSERT_TRUE(Pass().ready);
  const std::string first = LiveBundle();
  const std::string first_id = InspectCertificate(first)->sha256;
  cluster_.reports["a"] = {"a", first_id, kNow};
  cluster_.EditSecret([](auto& s) { s.annotations = {{"plimsoll.dev/rotate", "now"}}; });

  WebhookStanding standing = Pass();
  EXPECT_TRUE(standing.ready);
  EXPECT_EQ(standing.phase, RotationPhase::kPublishing);
  EXPECT_EQ(SplitCertificates(LiveBundle())->size(), 2U);
  EXPECT_EQ(cluster_.secret->Entry("ca.crt"), first) << "the old one signs";

  EXPECT_EQ(Pass(kNow + seconds(59)).phase, RotationPhase::kPublishing);
  standing = Pass(kNow + seconds(60));
  EXPECT_EQ(standing.phase, RotationPhase::kOverlap);
  EXPECT_NE(cluster_.secret->Entry("ca.crt"), first);
  EXPECT_EQ(SplitCertificates(LiveBundle())->size(), 2U);

  const std::string second_id = InspectCertificate(cluster_.secret->Entry("ca.crt"))->sha256;
  EXPECT_EQ(Pass(kNow + hours(30)).phase, RotationPhase::kOverlap) << "a still serves the old one";
  cluster_.reports["a"] = {"a", second_id, kNow + hours(30)};
  EXPECT_EQ(Pass(kNow + hours(30)).phase, RotationPhase::kStable);
  EXPECT_EQ(LiveBundle(), cluster_.secret->Entry("ca.crt"));
  cluster_.writes.clear();
  EXPECT_TRUE(Pass(kNow + hours(31)).ready);
  EXPECT_THAT(cluster_.writes, IsEmpty());
}

// A new leader counts the minute from when it first saw the bundle itself.
TEST_F(WebhookControllerTest, ANewLeaderGoesOnWithARotation) {
  ASSERT_TRUE(Pass().ready);
  cluster_.EditSecret([](auto& s) { s.annotations = {{"plimsoll.dev/rotate", "now"}}; });
  Pass();
  Restart();
  EXPECT_EQ(Pass(kNow + seconds(100)).phase, RotationPhase::kPublishing);
  EXPECT_EQ(Pass(kNow + seconds(160)).phase, RotationPhase::kOverlap);
}

TEST_F(WebhookControllerTest, WithCertManagerEntriesAskForNothingUntilTheirBundleIsThere) {
  options_.webhook.own_certificates = false;
  controller_ = std::make_unique<WebhookController>(
      WebhookControllerPorts{&cluster_, &check_, nullptr, nullptr, nullptr}, options_);
  EXPECT_FALSE(Pass().ready);
  EXPECT_THAT(Entries(),
              ElementsAre("validate.plimsoll.dev (inert)", "validate-policies.plimsoll.dev (inert)",
                          "validate-waivers.plimsoll.dev (inert)"));
  EXPECT_EQ(LiveBundle(), "");
  EXPECT_FALSE(Pass().ready);
  EXPECT_THAT(check_.bundles, IsEmpty());
  const auto inject = [](auto& c) {
    for (Webhook& webhook : c.webhooks) webhook.ca_bundle = "injected";
  };
  cluster_.Edit(inject);
  EXPECT_TRUE(Pass().ready);
  EXPECT_THAT(check_.bundles, ElementsAre("injected"));

  // A further entry waits for its own; what is there goes on meanwhile.
  SetPolicies({{"a", ""}, {"b", "  failurePolicy: Fail\n  match: {kinds: [Deployment]}\n"}});
  EXPECT_FALSE(Pass().ready);
  EXPECT_THAT(Entries(), ElementsAre("validate.plimsoll.dev", kPolicies, kWaivers,
                                     "validate-fail.plimsoll.dev (inert)"));
  EXPECT_EQ(cluster_.configuration->webhooks[0].rules[0].resources.size(), 3U);
  cluster_.Edit(inject);
  EXPECT_TRUE(Pass().ready);
  EXPECT_EQ(cluster_.configuration->Find("validate.plimsoll.dev")->rules[0].resources.size(), 2U);
  EXPECT_EQ(LiveBundle(), "injected");
}

}  // namespace
}  // namespace plimsoll::controllers
