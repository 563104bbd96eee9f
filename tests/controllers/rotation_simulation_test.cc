// Months of a cluster in which everything happens at the wrong moment: leaders that stop between two writes or are paused
// in the middle of a pass, calls that fail before or after they took effect, replicas that restart or see old objects, and
// people who delete and edit. At every moment every replica that serves must be accepted by every API server, each of
// which may still have a webhook configuration that was replaced up to a minute ago.
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <set>

#include "plimsoll/controllers/leaf_keeper.h"
#include "plimsoll/controllers/webhook_controller.h"
#include "tests/controllers/fake_cluster.h"
#include "tests/controllers/policies.h"

namespace plimsoll::controllers {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr Timestamp kBegin = std::chrono::sys_days(std::chrono::year(2026) / 11 / 24);
constexpr const char* kServer = "webhook.plimsoll.svc";
constexpr seconds kInformerLag = kBundleDelay;
constexpr size_t kReplicas = 3;
constexpr int kSteps = 250;
constexpr uint32_t kSeeds = 4;

WebhookControllerOptions Options() {
  WebhookControllerOptions options;
  options.webhook.own_namespace = "plimsoll";
  options.webhook.service_name = "webhook";
  options.rotation.ca_lifetime = hours(24 * 30);  // so that many CAs come and go
  return options;
}

// A version of the configuration and until when an API server may have it.
struct Version {
  WebhookConfiguration configuration;
  Timestamp until = Timestamp::max();
};

class Replica {
 public:
  Replica(std::string name, testing::FakeCluster& cluster, Timestamp now)
      : name_(std::move(name)), reporter_(name_, cluster), cluster_(cluster) {
    keeper_ =
        LeafKeeper::Create({.service_name = "webhook", .own_namespace = "plimsoll"}, now).value();
  }

  // `fresh`: informers that are up to date; else they may be behind.
  void Act(bool sees_secret, bool sees_configuration, Timestamp now) {
    if (sees_secret) secret_ = cluster_.secret;
    if (sees_configuration) configuration_ = cluster_.configuration;
    trust_.Observe(configuration_ ? &*configuration_ : nullptr, now);
    EXPECT_TRUE(keeper_->Update(secret_ ? &*secret_ : nullptr, trust_, now));
    (void)reporter_.Pass(keeper_->ca(), now);
    serves_ = serves_ || (reporter_.reported() &&
                          trust_.Accepts(keeper_->certificate(), kServer, now).has_value());
  }

  const std::string& name() const { return name_; }
  const std::string& certificate() const { return keeper_->certificate(); }
  const std::string& ca() const { return keeper_->ca(); }
  // In the service's endpoints.
  bool serves() const { return serves_; }

 private:
  std::string name_;
  ReplicaReporter reporter_;
  testing::FakeCluster& cluster_;
  std::unique_ptr<LeafKeeper> keeper_;
  LiveTrust trust_;
  std::optional<SecretData> secret_;
  std::optional<WebhookConfiguration> configuration_;
  bool serves_ = false;
};

class Simulation {
 public:
  explicit Simulation(uint32_t seed) : random_(seed) {
    cluster_.configuration = WebhookConfiguration{};
    cluster_.configuration->uid = "chart";
    cluster_.Touch(*cluster_.configuration);
    cluster_.before = [this](const std::string& call) { return Fault(call, true); };
    cluster_.after = [this](const std::string& call) { return Fault(call, false); };
    check_.answer = [this](const std::string& bundle) {
      return VerifyServerCertificate(replicas_[0]->certificate(), bundle, kServer, now_);
    };
    for (size_t i = 0; i < kReplicas; ++i) StartReplica(i);
    for (auto& leader : leaders_) leader = NewLeader();
  }

  void Run() {
    for (int step = 0; step < kSteps && !::testing::Test::HasFailure(); ++step) {
      Advance();
      if (Chance(4)) Meddle();
      Note();
      Lead();
      Note();
      for (size_t i = 0; i < kReplicas; ++i) {
        if (Chance(10)) StartReplica(i);
        if (long_step_ || !Chance(30)) replicas_[i]->Act(!Chance(20), !Chance(20), now_);
        Log(replicas_[i]->name() + " serves" + Issuer(*replicas_[i]));
        Verify(step);
      }
    }
  }

  // What happened, so that a simulation in which nothing does is noticed.
  std::set<std::string> signers;
  int serving = 0;
  int asked = 0;  // versions that asked for something, looked at

 private:
  std::unique_ptr<WebhookController> NewLeader() {
    return std::make_unique<WebhookController>(
        WebhookControllerPorts{&cluster_, &check_, &cluster_.secrets, &cluster_, nullptr},
        Options());
  }

  bool Chance(int percent) { return std::uniform_int_distribution<int>(0, 99)(random_) < percent; }
  size_t Below(size_t limit) {
    return std::uniform_int_distribution<size_t>(0, limit - 1)(random_);
  }

  void Advance() {
    constexpr seconds kChoices[] = {seconds(1),  seconds(5),  seconds(15), seconds(31),
                                    seconds(61), minutes(11), hours(7)};
    const size_t choice = Below(std::size(kChoices));
    long_step_ = choice + 1 == std::size(kChoices);
    now_ += kChoices[choice];
  }

  void StartReplica(size_t index) {
    // The Lease of a pod that is gone goes with it, mostly soon.
    if (replicas_[index] && !Chance(30)) cluster_.reports.erase(replicas_[index]->name());
    replicas_[index] = std::make_unique<Replica>("pod-" + std::to_string(++pods_), cluster_, now_);
    replicas_[index]->Act(true, true, now_);
  }

  // Calls fail; leaders stop after what they have just done; another one leads while this one is paused.
  Status Fault(const std::string& call, bool before) {
    Note();
    if (before && !nested_ && Chance(3)) {
      nested_ = true;
      (void)leaders_[1 - leading_]->Reconcile(&policies_, now_);
      nested_ = false;
      Note();
    }
    if (Chance(before ? 4 : 3)) return Fail(ErrorCode::kUnavailable, call + " failed");
    return {};
  }

  void Lead() {
    if (Chance(5)) leading_ = 1 - leading_;
    const Result<WebhookStanding> standing = leaders_[leading_]->Reconcile(&policies_, now_);
    if (!standing && Chance(50)) leaders_[leading_] = NewLeader();
    if (Chance(3)) leaders_[leading_] = NewLeader();
    if (standing && standing->signer) signers.insert(standing->signer->sha256);
  }

  void Meddle() {
    switch (Below(7)) {
      case 0:
        cluster_.secret.reset();
        break;
      case 1:
        if (cluster_.secret && !cluster_.secret->entries.empty()) {
          cluster_.EditSecret([&](SecretData& data) {
            data.entries[Below(data.entries.size())].second = "garbage";
          });
        }
        break;
      case 2:
        if (cluster_.secret) {
          cluster_.EditSecret([&](SecretData& data) {
            data.annotations = {{std::string(kRotateAnnotation), std::to_string(++wishes_)}};
          });
        }
        break;
      case 3:
        SwapSigner();
        break;
      case 4:
        // Not together with the Secret: then nobody knows any more what was trusted, should the leader stop as well.
        if (cluster_.secret && leaders_[leading_]->Reconcile(&policies_, now_)) {
          Note();
          cluster_.configuration.reset();
        }
        break;
      case 5:
        EditConfiguration([](Webhook& webhook) { webhook.rules.clear(); });
        break;
      default:
        // This is an outage by definition until it is repaired; what must not happen is that it lasts.
        EditConfiguration([](Webhook& webhook) { webhook.ca_bundle = "garbage"; });
        break;
    }
  }

  void SwapSigner() {
    if (!cluster_.secret) return;
    const auto ca = CertificateAuthority::Create(now_, hours(24 * 30));
    cluster_.EditSecret([&](SecretData& data) {
      for (auto& [key, value] : data.entries) {
        if (key == "ca.crt") value = ca->pem().certificate;
        if (key == "ca.key") value = ca->pem().private_key;
      }
    });
  }

  void EditConfiguration(const std::function<void(Webhook&)>& edit) {
    if (!cluster_.configuration || cluster_.configuration->webhooks.empty()) return;
    Note();
    cluster_.Edit([&](WebhookConfiguration& live) {
      for (Webhook& webhook : live.webhooks) edit(webhook);
    });
  }

  // The configuration as it is now becomes a version that API servers may have.
  // A failure is explained by what came before it.
  void Log(const std::string& what) {
    constexpr size_t kKept = 60;
    log_.push_back(FormatTimestamp(now_) + " " + what);
    if (log_.size() > kKept) log_.erase(log_.begin());
  }
  std::string Story() const {
    std::string out;
    for (const std::string& line : log_) out += line + "\n";
    return out;
  }
  static std::string Short(std::string_view bundle) {
    std::string out;
    const auto certificates = SplitCertificates(bundle);
    for (const auto& one : certificates.value_or(std::vector<Certificate>{})) {
      out += " " + one.info.sha256.substr(0, 4);
    }
    return out.empty() ? " -" : out;
  }

  void Note() {
    std::erase_if(versions_, [&](const Version& version) { return version.until <= now_; });
    if (secret_seen_ != cluster_.secret) {
      secret_seen_ = cluster_.secret;
      Log(!secret_seen_ ? "secret gone"
                        : "secret signer" + Short(secret_seen_->Entry("ca.crt")) + " next" +
                              Short(secret_seen_->Entry("next.crt")) + " previous" +
                              Short(secret_seen_->Entry("previous.crt")));
    }
    const bool same = cluster_.configuration && !versions_.empty() &&
                      versions_.back().until == Timestamp::max() &&
                      versions_.back().configuration == *cluster_.configuration;
    if (same) return;
    if (!versions_.empty() && versions_.back().until == Timestamp::max()) {
      versions_.back().until = now_ + kInformerLag;
    }
    if (!cluster_.configuration) Log("configuration gone");
    if (cluster_.configuration) {
      versions_.push_back({*cluster_.configuration});
      const auto& webhooks = cluster_.configuration->webhooks;
      Log("configuration" + (webhooks.empty() ? " empty" : Short(webhooks[0].ca_bundle)) +
          (webhooks.empty() || webhooks[0].rules.empty() ? " inert" : ""));
    }
  }

  static std::string Issuer(const Replica& replica) {
    return " " + replica.ca().substr(0, 4) + (replica.serves() ? "" : ", not ready");
  }

  void Verify(int step) {
    Note();
    for (const auto& replica : replicas_) {
      if (!replica->serves()) continue;
      ++serving;
      for (const Version& version : versions_) {
        for (const Webhook& webhook : version.configuration.webhooks) {
          if (webhook.rules.empty() || webhook.ca_bundle == "garbage") continue;
          ++asked;
          const Status accepted = Accepted(replica->certificate(), webhook.ca_bundle);
          ASSERT_TRUE(accepted) << "step " << step << ", " << replica->name() << ": "
                                << accepted.error().message << "\n"
                                << Story();
        }
      }
    }
  }

  Status Accepted(const std::string& certificate, const std::string& bundle) {
    auto& known = accepted_[{certificate, bundle}];
    if (known <= now_) {
      if (Status accepted = VerifyServerCertificate(certificate, bundle, kServer, now_);
          !accepted) {
        return accepted;
      }
      known = InspectCertificate(certificate)->not_after;
    }
    return {};
  }

  std::mt19937 random_;
  Timestamp now_ = kBegin;
  bool long_step_ = false;
  PolicySnapshot policies_ = plimsoll::testing::MakePolicies({{"a", "  failurePolicy: Fail\n"}});
  testing::FakeCluster cluster_;
  testing::FakeCheck check_;
  std::unique_ptr<Replica> replicas_[kReplicas];
  std::unique_ptr<WebhookController> leaders_[2];
  size_t leading_ = 0;
  bool nested_ = false;
  int pods_ = 0;
  int wishes_ = 0;
  std::vector<Version> versions_;
  std::optional<SecretData> secret_seen_;
  std::vector<std::string> log_;
  std::map<std::pair<std::string, std::string>, Timestamp> accepted_;
};

TEST(RotationSimulationTest, EveryServingReplicaIsAcceptedAtEveryMoment) {
  for (uint32_t seed = 1; seed <= kSeeds; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Simulation simulation(seed);
    simulation.Run();
    if (HasFailure()) return;
    EXPECT_GT(simulation.signers.size(), 1U);
    EXPECT_GT(simulation.serving, kSteps);
    EXPECT_GT(simulation.asked, kSteps);
  }
}

}  // namespace
}  // namespace plimsoll::controllers
