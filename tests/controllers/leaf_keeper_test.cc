#include "plimsoll/controllers/leaf_keeper.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/controllers/fake_cluster.h"

namespace plimsoll::controllers {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;
using ::testing::HasSubstr;

constexpr Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24) + hours(9);
constexpr hours kDay(24);
constexpr const char* kServer = "webhook.plimsoll.svc";

class LeafKeeperTest : public ::testing::Test {
 protected:
  static CaPair NewCa(Timestamp made = kNow) {
    const CertificateAuthority ca =
        std::move(CertificateAuthority::Create(made, kClusterCaLifetime).value());
    return {ca.pem(), ca.info()};
  }
  static SecretData SecretOf(const CaPair& signer) {
    CaSecret secret;
    secret.signer = signer;
    return {"1", CaSecretEntries(secret), {}};
  }
  void Trust(const std::string& bundle, Timestamp now) {
    WebhookConfiguration configuration;
    configuration.webhooks.emplace_back();
    configuration.webhooks.back().name = "validate.plimsoll.dev";
    configuration.webhooks.back().ca_bundle = bundle;
    live_.Observe(&configuration, now);
  }
  bool Update(const CaPair& signer, Timestamp now) {
    const SecretData secret = SecretOf(signer);
    const Result<bool> changed = keeper_->Update(&secret, live_, now);
    EXPECT_TRUE(changed) << changed.error().message;
    return changed.value_or(false);
  }
  Status Verify(const CaPair& ca, Timestamp now) {
    return VerifyServerCertificate(keeper_->certificate(), ca.pem.certificate, kServer, now);
  }

  const CaPair old_ = NewCa();
  const CaPair new_ = NewCa();
  const std::string both_ = old_.pem.certificate + new_.pem.certificate;
  LiveTrust live_;
  std::unique_ptr<LeafKeeper> keeper_ =
      LeafKeeper::Create({.service_name = "webhook", .own_namespace = "plimsoll"}, kNow).value();
};

TEST_F(LeafKeeperTest, ServesSomethingBeforeThereIsACa) {
  EXPECT_NE(keeper_->context().Current(), nullptr);
  EXPECT_EQ(keeper_->ca(), "");
  EXPECT_EQ(keeper_->certificate(), "");
  EXPECT_FALSE(keeper_->Update(nullptr, live_, kNow).value());
  EXPECT_THAT(keeper_->waiting(), HasSubstr("no Secret"));
  const SecretData empty{"1", {}, {}};
  EXPECT_FALSE(keeper_->Update(&empty, live_, kNow).value());
  EXPECT_THAT(keeper_->waiting(), HasSubstr("no CA signs"));
}

TEST_F(LeafKeeperTest, MintsForTheNamesOfTheService) {
  EXPECT_TRUE(Update(old_, kNow));
  EXPECT_EQ(keeper_->ca(), old_.info.sha256);
  EXPECT_TRUE(Verify(old_, kNow));
  const CertificateInfo leaf = keeper_->context().info();
  EXPECT_EQ(leaf.names.dns_names, (std::vector<std::string>{"webhook", "webhook.plimsoll", kServer,
                                                            "webhook.plimsoll.svc.cluster.local"}));
  EXPECT_EQ(leaf.not_after, kNow + kClusterLeafLifetime);
  EXPECT_EQ(leaf.not_before, kNow - kCertificateBackdating + hours(0));
  EXPECT_FALSE(Update(old_, kNow + minutes(1)));
}

TEST_F(LeafKeeperTest, MintsAnewAfterTwoThirds) {
  Trust(old_.pem.certificate, kNow);
  ASSERT_TRUE(Update(old_, kNow));
  const std::string serial = keeper_->context().info().serial;
  EXPECT_FALSE(Update(old_, kNow + kDay * 4));
  EXPECT_TRUE(Update(old_, kNow + kDay * 5));
  EXPECT_NE(keeper_->context().info().serial, serial);
  EXPECT_TRUE(Verify(old_, kNow + kDay * 11));
}

TEST_F(LeafKeeperTest, ChangesToAnotherCaOnlyWhenEveryApiServerTrustsIt) {
  Trust(old_.pem.certificate, kNow);
  ASSERT_TRUE(Update(old_, kNow));
  EXPECT_FALSE(Update(new_, kNow + seconds(10)));
  EXPECT_THAT(keeper_->waiting(), HasSubstr("not in every caBundle"));
  Trust(both_, kNow + seconds(20));
  EXPECT_FALSE(Update(new_, kNow + seconds(20)));
  Trust(both_, kNow + seconds(79));
  EXPECT_FALSE(Update(new_, kNow + seconds(79)));
  EXPECT_THAT(keeper_->waiting(), HasSubstr("every API server"));
  EXPECT_EQ(keeper_->ca(), old_.info.sha256);
  Trust(both_, kNow + seconds(80));
  EXPECT_TRUE(Update(new_, kNow + seconds(80)));
  EXPECT_EQ(keeper_->ca(), new_.info.sha256);
  EXPECT_EQ(keeper_->waiting(), "");
}

TEST_F(LeafKeeperTest, WithNothingToLoseItDoesNotWait) {
  ASSERT_TRUE(Update(old_, kNow));
  Trust(new_.pem.certificate, kNow);
  EXPECT_TRUE(Update(new_, kNow)) << "what it serves is accepted by nobody";

  const Timestamp over = kNow + kDay * 8;
  live_.Observe(nullptr, over);
  EXPECT_TRUE(Update(old_, over)) << "what it serves is over";
}

TEST_F(LeafKeeperTest, IsAcceptedOnceTheLiveConfigurationTrustsItAndStaysSo) {
  EXPECT_FALSE(keeper_->accepted()) << "what is served at first is trusted by nobody";
  ASSERT_TRUE(Update(old_, kNow));
  EXPECT_FALSE(keeper_->accepted()) << "there is no configuration yet";
  Trust(new_.pem.certificate, kNow);
  const SecretData secret = SecretOf(old_);
  EXPECT_FALSE(keeper_->Update(&secret, live_, kNow).value());
  EXPECT_FALSE(keeper_->accepted());
  Trust(both_, kNow);
  EXPECT_FALSE(keeper_->Update(&secret, live_, kNow).value());
  EXPECT_TRUE(keeper_->accepted());
  live_.Observe(nullptr, kNow);
  EXPECT_FALSE(keeper_->Update(nullptr, live_, kNow).value());
  EXPECT_TRUE(keeper_->accepted()) << "a deleted configuration takes nobody out of service";
}

TEST_F(LeafKeeperTest, SaysWhyTheApiServerWouldNotAcceptIt) {
  EXPECT_FALSE(keeper_->rejected()) << "nothing is served yet";
  Update(old_, kNow);
  ASSERT_TRUE(keeper_->rejected());
  EXPECT_EQ(keeper_->rejected()->code, ErrorCode::kUnavailable) << "nothing of ours is asked";
  Trust(old_.pem.certificate, kNow);
  Update(old_, kNow);
  EXPECT_FALSE(keeper_->rejected());
  // Somebody writes another CA; once accepted, it stays accepted() for readiness.
  Trust(new_.pem.certificate, kNow);
  Update(old_, kNow);
  ASSERT_TRUE(keeper_->rejected());
  EXPECT_EQ(keeper_->rejected()->code, ErrorCode::kInvalidArgument);
  EXPECT_TRUE(keeper_->accepted());
}

TEST_F(LeafKeeperTest, SaysThatACertificateOfSomebodyElseHasExpired) {
  const CertificateAuthority ca =
      std::move(CertificateAuthority::Create(kNow, kClusterCaLifetime).value());
  const KeyPairPem pair = ca.IssueServerCertificate({{kServer}, {}}, kNow, kDay).value();
  const SecretData secret{"1", {{"tls.crt", pair.certificate}, {"tls.key", pair.private_key}}, {}};
  Trust(ca.pem().certificate, kNow);
  ASSERT_TRUE(keeper_->Serve(secret, live_, kNow).value());
  EXPECT_FALSE(keeper_->rejected());
  ASSERT_FALSE(keeper_->Serve(secret, live_, kNow + kDay * 2).value());
  ASSERT_TRUE(keeper_->rejected());
  EXPECT_THAT(keeper_->rejected()->message, HasSubstr("expired"));
}

TEST_F(LeafKeeperTest, ABrokenSecretChangesNothing) {
  Trust(old_.pem.certificate, kNow);
  ASSERT_TRUE(Update(old_, kNow));
  const std::string served = keeper_->certificate();
  SecretData broken = SecretOf(old_);
  for (auto& [key, value] : broken.entries) value = "garbage";
  for (const SecretData* secret :
       {static_cast<const SecretData*>(nullptr), &std::as_const(broken)}) {
    EXPECT_FALSE(keeper_->Update(secret, live_, kNow + kDay * 6).value());
    EXPECT_NE(keeper_->waiting(), "");
    EXPECT_EQ(keeper_->certificate(), served);
  }
}

TEST_F(LeafKeeperTest, ServesWhatSomebodyElseMade) {
  const KeyPairPem pair = CertificateAuthority::FromPem(old_.pem)
                              ->IssueServerCertificate({{kServer}, {}}, kNow)
                              .value();
  const SecretData secret{
      "1", {{"ca.crt", "x"}, {"tls.crt", pair.certificate}, {"tls.key", pair.private_key}}, {}};
  EXPECT_TRUE(keeper_->Serve(secret, live_, kNow).value());
  EXPECT_FALSE(keeper_->Serve(secret, live_, kNow).value());
  EXPECT_FALSE(keeper_->accepted());
  Trust(old_.pem.certificate, kNow);
  EXPECT_FALSE(keeper_->Serve(secret, live_, kNow).value());
  EXPECT_TRUE(keeper_->accepted());
  EXPECT_TRUE(Verify(old_, kNow));
  EXPECT_EQ(keeper_->ca(), "");
  const SecretData incomplete{"1", {{"tls.crt", pair.certificate}}, {}};
  EXPECT_THAT(keeper_->Serve(incomplete, live_, kNow).error().message,
              HasSubstr("tls.crt and tls.key"));
  const SecretData mixed{
      "1", {{"tls.crt", pair.certificate}, {"tls.key", new_.pem.private_key}}, {}};
  EXPECT_FALSE(keeper_->Serve(mixed, live_, kNow));
  EXPECT_TRUE(Verify(old_, kNow));
}

TEST(ReplicaReporterTest, AtOnceAndEveryFewMinutes) {
  testing::FakeCluster cluster;
  ReplicaReporter reporter("pod-1", cluster);
  EXPECT_TRUE(reporter.Pass("", kNow));
  EXPECT_FALSE(reporter.reported()) << "there is nothing to say yet";
  const struct {
    const char* ca;
    seconds at;
    bool reports;
  } passes[] = {{"a", seconds(0), true},    {"a", seconds(10), false}, {"b", seconds(11), true},
                {"b", seconds(310), false}, {"b", seconds(311), true}, {"b", seconds(-60), true}};
  for (const auto& pass : passes) {
    cluster.reports.clear();
    ASSERT_TRUE(reporter.Pass(pass.ca, kNow + pass.at));
    EXPECT_EQ(cluster.reports.count("pod-1"), pass.reports ? 1U : 0U) << pass.at.count();
  }
  EXPECT_TRUE(reporter.reported());
}

TEST(ReplicaReporterTest, WhatFailedIsTriedAgain) {
  testing::FakeCluster cluster;
  cluster.before = [](const std::string&) { return Fail(ErrorCode::kUnavailable, "away"); };
  ReplicaReporter reporter("pod-1", cluster);
  EXPECT_FALSE(reporter.Pass("a", kNow));
  EXPECT_FALSE(reporter.reported());
  cluster.before = {};
  EXPECT_TRUE(reporter.Pass("a", kNow));
  EXPECT_TRUE(reporter.reported());
  EXPECT_EQ(cluster.reports.at("pod-1"), (ReplicaReport{"pod-1", "a", kNow}));
}

}  // namespace
}  // namespace plimsoll::controllers
