#include "plimsoll/controllers/certificate_rotation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace plimsoll::controllers {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + hours(9);
constexpr hours kDay(24);

CaPair NewCa(Timestamp made = kNow, seconds lifetime = kClusterCaLifetime) {
  const CertificateAuthority ca = std::move(CertificateAuthority::Create(made, lifetime).value());
  return {ca.pem(), ca.info()};
}

Certificate Public(const CaPair& ca) { return {ca.pem.certificate, ca.info}; }

LiveTrust Live(const std::vector<std::string>& bundles, Timestamp since, Timestamp now = kNow) {
  WebhookConfiguration configuration;
  for (const std::string& bundle : bundles) {
    Webhook webhook;
    webhook.name = std::to_string(configuration.webhooks.size()) + ".plimsoll.dev";
    webhook.ca_bundle = bundle;
    configuration.webhooks.push_back(std::move(webhook));
  }
  LiveTrust live;
  live.Observe(&configuration, since);
  live.Observe(&configuration, now);
  return live;
}

SecretData Data(const CaSecret& secret) { return {"7", CaSecretEntries(secret), {}}; }

struct Planned {
  RotationPlan plan;
  CaSecret wrote;  // meaningless where nothing was written
};

Planned Plan(const SecretData* data, const LiveTrust& live,
             const std::vector<ReplicaReport>* reports, Timestamp now = kNow) {
  const Result<RotationPlan> plan = PlanRotation(data, live, reports, RotationOptions{}, now);
  EXPECT_TRUE(plan);
  Planned planned{plan.value_or(RotationPlan{}), {}};
  if (planned.plan.write) {
    std::vector<std::string> problems;
    planned.wrote = ReadCaSecret(*planned.plan.write, problems);
    EXPECT_TRUE(problems.empty()) << problems.front();
    EXPECT_EQ(planned.plan.write->resource_version, data == nullptr ? "" : "7");
  }
  return planned;
}

Planned Plan(const CaSecret& secret, const LiveTrust& live,
             const std::vector<ReplicaReport>& reports = {}, Timestamp now = kNow) {
  const SecretData data = Data(secret);
  return Plan(&data, live, &reports, now);
}

class RotationTest : public ::testing::Test {
 protected:
  const CaPair old_ = NewCa(kNow - kDay);
  const CaPair new_ = NewCa();
  const std::string both_ = old_.pem.certificate + new_.pem.certificate;
};

TEST_F(RotationTest, TheSecretIsReadAsItWasWritten) {
  CaSecret secret;
  secret.signer = old_;
  secret.next = new_;
  secret.previous = {Public(NewCa()), Public(NewCa())};
  secret.generation = 4;
  secret.switched = kNow;
  secret.rotated_for = "2026-11-24";
  std::vector<std::string> problems;
  EXPECT_EQ(ReadCaSecret(Data(secret), problems), secret);
  EXPECT_TRUE(problems.empty());
}

TEST_F(RotationTest, WhatCannotBeReadIsNamedAndLeftOut) {
  CaSecret secret;
  secret.signer = old_;
  secret.next = new_;
  SecretData data = Data(secret);
  for (auto& [key, value] : data.entries) {
    if (key == "ca.key") value = new_.pem.private_key;
  }
  data.entries.emplace_back("previous.crt", "garbage");
  std::vector<std::string> problems;
  const CaSecret read = ReadCaSecret(data, problems);
  EXPECT_FALSE(read.signer);
  EXPECT_EQ(read.next, new_);
  ASSERT_EQ(problems.size(), 2U);
  EXPECT_THAT(problems[0], HasSubstr("ca.crt, ca.key: "));
  EXPECT_THAT(problems[1], HasSubstr("previous.crt: "));
}

TEST_F(RotationTest, TheFirstCaSignsAtOnce) {
  const std::vector<ReplicaReport> none;
  const Planned made = Plan(nullptr, LiveTrust(), &none);
  ASSERT_TRUE(made.plan.write);
  EXPECT_TRUE(made.wrote.signer);
  EXPECT_FALSE(made.wrote.next);
  EXPECT_EQ(made.wrote.generation, 1);
  EXPECT_EQ(made.wrote.signer->info.not_after, kNow + kClusterCaLifetime);
  EXPECT_EQ(made.plan.ca_bundle, "");

  const Planned after = Plan(&*made.plan.write, LiveTrust(), &none);
  EXPECT_FALSE(after.plan.write);
  EXPECT_EQ(after.plan.ca_bundle, made.wrote.signer->pem.certificate);
  EXPECT_EQ(after.plan.phase, RotationPhase::kStable);
  EXPECT_EQ(after.plan.signer, made.wrote.signer->info);
}

TEST_F(RotationTest, BeginsAfterTwoThirdsOfItsLifeOrWhenAsked) {
  CaSecret secret;
  secret.signer = old_;
  secret.rotated_for = "monday";
  const LiveTrust live = Live({old_.pem.certificate}, kNow - kDay);
  const struct {
    const char* name;
    Timestamp now;
    const char* annotation;
    bool begins;
  } cases[] = {
      {"young", kNow, "", false},
      {"just below two thirds", kNow + kDay * 242, "", false},
      {"two thirds", kNow + kDay * 243, "", true},
      {"asked for before", kNow, "monday", false},
      {"asked for", kNow, "tuesday", true},
      {"made by a clock that is ahead of ours", kNow - kDay * 10, "", false},
  };
  for (const auto& test : cases) {
    SecretData data = Data(secret);
    if (*test.annotation != '\0') data.annotations = {{"plimsoll.dev/rotate", test.annotation}};
    const std::vector<ReplicaReport> none;
    const Planned planned = Plan(&data, live, &none, test.now);
    ASSERT_EQ(planned.plan.write.has_value(), test.begins) << test.name;
    EXPECT_EQ(planned.plan.ca_bundle, old_.pem.certificate) << test.name;
    if (!test.begins) continue;
    EXPECT_EQ(planned.wrote.signer, old_) << test.name;
    EXPECT_TRUE(planned.wrote.next) << test.name;
    EXPECT_NE(planned.wrote.next->info.subject, old_.info.subject) << test.name;
    EXPECT_EQ(planned.wrote.generation, 1) << test.name;
    EXPECT_EQ(planned.wrote.rotated_for, test.annotation) << test.name;
  }
}

TEST_F(RotationTest, TheNextCaSignsOnceEveryApiServerMustKnowIt) {
  CaSecret secret;
  secret.signer = old_;
  secret.next = new_;
  secret.generation = 2;
  const struct {
    const char* name;
    LiveTrust live;
    bool switches;
    const char* why;
  } cases[] = {
      {"not in caBundle", Live({old_.pem.certificate}, kNow - kDay), false, "in every caBundle"},
      {"in one of two", Live({both_, old_.pem.certificate}, kNow - kDay), false,
       "in every caBundle"},
      {"just so", Live({both_}, kNow - seconds(59)), false, "every API server"},
      {"for a minute", Live({both_, both_ + "\n"}, kNow - seconds(60)), true, "signs from now on"},
      {"no configuration", LiveTrust(), false, "in every caBundle"},
  };
  for (const auto& test : cases) {
    const Planned planned = Plan(secret, test.live);
    EXPECT_EQ(planned.plan.write.has_value(), test.switches) << test.name;
    EXPECT_THAT(planned.plan.why, HasSubstr(test.why)) << test.name;
    EXPECT_EQ(planned.plan.ca_bundle, both_) << test.name;
    EXPECT_EQ(planned.plan.phase, RotationPhase::kPublishing) << test.name;
    if (!test.switches) continue;
    EXPECT_EQ(planned.wrote.signer, new_);
    EXPECT_FALSE(planned.wrote.next);
    EXPECT_EQ(planned.wrote.previous, std::vector<Certificate>{Public(old_)});
    EXPECT_EQ(planned.wrote.switched, kNow);
  }
  EXPECT_EQ(Plan(secret, cases[2].live).plan.next, kNow + seconds(1));
}

TEST_F(RotationTest, TheOldCaIsDroppedWhenNobodyCanServeIt) {
  CaSecret secret;
  secret.signer = new_;
  secret.previous = {Public(old_)};
  const LiveTrust live = Live({both_}, kNow - kDay * 9);
  const std::string left = new_.info.sha256;
  const std::string stays = old_.info.sha256;
  const struct {
    const char* name;
    std::vector<ReplicaReport> reports;
    seconds since_switch;
    bool drops;
  } cases[] = {
      {"all have left, within a day", {{"a", left, kNow}, {"b", left, kNow}}, hours(23), false},
      {"all have left", {{"a", left, kNow}, {"b", left, kNow}}, hours(24), true},
      {"one stays", {{"a", left, kNow}, {"b", stays, kNow}}, hours(24), false},
      {"one stays, whatever the time", {{"a", left, kNow}, {"b", stays, kNow}}, kDay * 8, false},
      {"one was last heard of a day ago",
       {{"a", left, kNow}, {"b", stays, kNow - kDay}},
       kDay * 2,
       false},
      {"what it said is over",
       {{"a", left, kNow}, {"b", stays, kNow - kDay * 7 - minutes(1)}},
       kDay * 8,
       true},
      {"nobody reports", {}, kDay * 7, false},
      {"nobody reports, and all leaves are over", {}, kDay * 7 + minutes(1), true},
  };
  for (const auto& test : cases) {
    secret.switched = kNow - test.since_switch;
    const Planned planned = Plan(secret, live, test.reports);
    EXPECT_EQ(planned.plan.write.has_value(), test.drops) << test.name << planned.plan.why;
    EXPECT_EQ(planned.plan.phase, RotationPhase::kOverlap) << test.name;
    if (test.drops) {
      EXPECT_TRUE(planned.wrote.previous.empty()) << test.name;
    }
    EXPECT_GT(planned.plan.next, kNow) << test.name;
  }
  // Not while the reports cannot be read, however long that takes.
  secret.switched = kNow - kDay * 30;
  const SecretData data = Data(secret);
  EXPECT_FALSE(Plan(&data, live, nullptr).plan.write);
}

TEST_F(RotationTest, ADateThatIsMissingOrAheadCountsFromNow) {
  CaSecret secret;
  secret.signer = new_;
  secret.previous = {Public(old_)};
  for (const std::optional<Timestamp> switched :
       {std::optional<Timestamp>(), std::optional<Timestamp>(kNow + hours(1))}) {
    secret.switched = switched;
    const Planned planned = Plan(secret, Live({both_}, kNow - kDay));
    ASSERT_TRUE(planned.plan.write);
    EXPECT_EQ(planned.wrote.switched, kNow);
    EXPECT_EQ(planned.wrote.previous.size(), 1U);
  }
}

TEST_F(RotationTest, ARotationIsNotBegunInsideAnother) {
  CaSecret secret;
  secret.signer = new_;
  secret.previous = {Public(old_)};
  secret.switched = kNow;
  SecretData data = Data(secret);
  data.annotations = {{"plimsoll.dev/rotate", "again"}};
  const std::vector<ReplicaReport> none;
  EXPECT_FALSE(Plan(&data, Live({both_}, kNow - kDay), &none).plan.write);
}

TEST_F(RotationTest, ASecretThatIsGoneIsMadeAgainWithoutAnOutage) {
  const std::vector<ReplicaReport> reports = {{"a", old_.info.sha256, kNow}};
  const Planned made = Plan(nullptr, Live({old_.pem.certificate}, kNow - kDay), &reports);
  ASSERT_TRUE(made.plan.write);
  EXPECT_FALSE(made.wrote.signer) << "replicas would change to a CA that nobody trusts yet";
  ASSERT_TRUE(made.wrote.next);
  EXPECT_EQ(made.wrote.previous, std::vector<Certificate>{Public(old_)});
  EXPECT_EQ(made.plan.ca_bundle, "") << "what is trusted stays trusted until the Secret says so";

  const std::string bundle = made.wrote.next->pem.certificate + old_.pem.certificate;
  const Planned waiting = Plan(made.wrote, Live({bundle}, kNow - seconds(30)), reports);
  EXPECT_FALSE(waiting.plan.write);
  EXPECT_EQ(waiting.plan.ca_bundle, bundle);
  const Planned done = Plan(made.wrote, Live({bundle}, kNow - seconds(60)), reports);
  ASSERT_TRUE(done.plan.write);
  EXPECT_EQ(done.wrote.signer, made.wrote.next);
  EXPECT_EQ(done.wrote.previous, made.wrote.previous);
}

TEST_F(RotationTest, WhatCannotSignIsReplacedInTheSameWay) {
  const LiveTrust live = Live({both_}, kNow - kDay);
  const CaPair expired = NewCa(kNow - kDay * 10, kDay * 5);
  const auto with_key = [&](std::string key) {
    CaSecret secret;
    secret.signer = old_;
    SecretData data = Data(secret);
    for (auto& [name, value] : data.entries) {
      if (name == "ca.key") value = key;
    }
    return data;
  };
  CaSecret over;
  over.signer = expired;
  CaSecret leaf;
  leaf.signer = old_;
  leaf.signer->pem =
      CertificateAuthority::FromPem(old_.pem)->IssueServerCertificate({{"x"}, {}}, kNow).value();
  const struct {
    const char* name;
    SecretData data;
  } cases[] = {
      {"no key", with_key("")},
      {"garbage", with_key("garbage")},
      {"another's key", with_key(new_.pem.private_key)},
      {"no CA", Data(leaf)},
      {"expired", Data(over)},
      {"empty", {"7", {}, {}}},
  };
  for (const auto& test : cases) {
    const std::vector<ReplicaReport> none;
    const Planned planned = Plan(&test.data, live, &none);
    ASSERT_TRUE(planned.plan.write) << test.name;
    EXPECT_EQ(planned.plan.ca_bundle, "") << test.name;
    EXPECT_FALSE(planned.wrote.signer) << test.name;
    EXPECT_TRUE(planned.wrote.next) << test.name;
    EXPECT_EQ(planned.wrote.previous.size(), 2U) << test.name;
  }
}

TEST_F(RotationTest, ABrokenNextOrPreviousIsDroppedAndTheRestGoesOn) {
  CaSecret secret;
  secret.signer = old_;
  SecretData data = Data(secret);
  data.entries.emplace_back("next.crt", "garbage");
  const std::vector<ReplicaReport> none;
  const Planned planned = Plan(&data, Live({old_.pem.certificate}, kNow - kDay), &none);
  ASSERT_TRUE(planned.plan.write);
  EXPECT_EQ(planned.wrote, secret);
  EXPECT_EQ(planned.plan.problems.size(), 1U);
}

TEST_F(RotationTest, ACaThatReplicasServeStaysTrustedWhateverTheSecretSays) {
  CaSecret secret;  // somebody put a CA of their own into it
  secret.signer = new_;
  const LiveTrust live = Live({old_.pem.certificate}, kNow - kDay);
  const Planned planned = Plan(secret, live, {{"a", old_.info.sha256, kNow}});
  ASSERT_TRUE(planned.plan.write);
  EXPECT_EQ(planned.plan.ca_bundle, new_.pem.certificate + old_.pem.certificate);
  EXPECT_EQ(planned.wrote.previous, std::vector<Certificate>{Public(old_)});
  EXPECT_EQ(planned.wrote.signer, new_);
  // Nobody serves it: it is not of ours.
  EXPECT_EQ(Plan(secret, live).plan.ca_bundle, new_.pem.certificate);
}

TEST_F(RotationTest, ACaPutInTheSignersPlaceIsPublishedBeforeItSigns) {
  CaSecret secret;
  secret.signer = old_;
  SecretData data = Data(secret);
  for (auto& [key, value] : data.entries) {
    if (key == "ca.crt") value = new_.pem.certificate;
    if (key == "ca.key") value = new_.pem.private_key;
  }
  const std::vector<ReplicaReport> reports = {{"a", old_.info.sha256, kNow}};
  const Planned planned = Plan(&data, Live({old_.pem.certificate}, kNow - kDay), &reports);
  ASSERT_TRUE(planned.plan.write);
  EXPECT_FALSE(planned.wrote.signer);
  EXPECT_EQ(planned.wrote.next, new_);
  EXPECT_EQ(planned.wrote.previous, std::vector<Certificate>{Public(old_)});
  EXPECT_EQ(planned.plan.ca_bundle,
            both_.substr(old_.pem.certificate.size()) + old_.pem.certificate);
}

TEST_F(RotationTest, ANextThatGrewOldIsReplaced) {
  CaSecret secret;
  secret.signer = NewCa(kNow - kDay * 300);
  secret.next = NewCa(kNow - kDay * 250);
  secret.generation = 2;
  const Planned planned = Plan(secret, Live({secret.signer->pem.certificate}, kNow - kDay));
  ASSERT_TRUE(planned.plan.write);
  EXPECT_EQ(planned.wrote.signer, secret.signer);
  EXPECT_NE(planned.wrote.next, secret.next);
  EXPECT_EQ(planned.wrote.generation, 3);
}

TEST(LiveTrustTest, SinceIsUnbrokenTimeEverywhere) {
  const CaPair one = NewCa();
  const CaPair two = NewCa();
  const auto configuration = [](const std::vector<std::string>& bundles) {
    WebhookConfiguration out;
    for (const std::string& bundle : bundles) {
      out.webhooks.emplace_back();
      out.webhooks.back().name = std::to_string(out.webhooks.size()) + ".plimsoll.dev";
      out.webhooks.back().ca_bundle = bundle;
    }
    out.webhooks.emplace_back();
    out.webhooks.back().name = "other.example.org";
    return out;
  };
  const std::string both = one.pem.certificate + two.pem.certificate;
  const WebhookConfiguration all = configuration({both, both});
  const WebhookConfiguration some = configuration({both, one.pem.certificate});
  const WebhookConfiguration bad = configuration({both, "garbage"});
  LiveTrust live;
  live.Observe(&all, kNow);
  live.Observe(&all, kNow + seconds(5));
  EXPECT_EQ(live.Since(two.info.sha256), kNow);
  live.Observe(&some, kNow + seconds(10));
  EXPECT_EQ(live.Since(one.info.sha256), kNow);
  EXPECT_EQ(live.Since(two.info.sha256), std::nullopt);
  EXPECT_EQ(live.anywhere().size(), 2U);
  EXPECT_EQ(live.everywhere().size(), 1U);
  live.Observe(&all, kNow + seconds(20));
  EXPECT_EQ(live.Since(two.info.sha256), kNow + seconds(20));
  live.Observe(&all, kNow + seconds(15));  // the clock was set back
  EXPECT_EQ(live.Since(two.info.sha256), kNow + seconds(15));
  live.Observe(&bad, kNow + seconds(30));
  EXPECT_TRUE(live.everywhere().empty());
  EXPECT_EQ(live.anywhere().size(), 2U);
  live.Observe(nullptr, kNow + seconds(40));
  EXPECT_EQ(live.Since(one.info.sha256), std::nullopt);
  EXPECT_FALSE(live.Accepts(both, "x", kNow));
}

}  // namespace
}  // namespace plimsoll::controllers
