#include "plimsoll/controllers/webhook_controller.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace plimsoll::controllers {
namespace {

// Somebody else writing at the same time is met by reading again; who loses more often than this comes again later.
constexpr int kMaxAttempts = 5;
// Whether or not anything has changed: a missed event must not last.
constexpr std::chrono::seconds kResync{60};
constexpr std::chrono::seconds kRetry{5};

bool IsRace(const Error& error) {
  return error.code == ErrorCode::kConflict || error.code == ErrorCode::kAlreadyExists ||
         error.code == ErrorCode::kNotFound;
}

}  // namespace

WebhookController::WebhookController(WebhookControllerPorts ports, WebhookControllerOptions options)
    : ports_(ports), options_(std::move(options)) {}

Result<WebhookStanding> WebhookController::Reconcile(const PolicySnapshot* policies,
                                                     Timestamp now) {
  WebhookStanding standing;
  standing.next = now + kResync;
  if (Status read = ReadOwner(); !read) return tl::unexpected(read.error());
  if (Status read = Read(now); !read) return tl::unexpected(read.error());
  if (options_.webhook.own_certificates) {
    if (Status rotated = Rotate(standing, now); !rotated) return tl::unexpected(rotated.error());
  }
  if (WaitsForAbsent(standing, now)) return standing;
  if (Status configured = Configure(policies, standing, now); !configured) {
    return tl::unexpected(configured.error());
  }
  return standing;
}

Status WebhookController::MayWrite() const {
  if (!options_.may_write || options_.may_write()) return {};
  return Fail(ErrorCode::kUnavailable, "another replica leads now");
}

Status WebhookController::ReadOwner() {
  if (options_.webhook.owner || ports_.own_namespace == nullptr) return {};
  Result<OwnerReference> owner = ports_.own_namespace->Read();
  if (!owner) return tl::unexpected(owner.error());
  options_.webhook.owner = *std::move(owner);
  return {};
}

Status WebhookController::Read(Timestamp now) {
  Result<WebhookConfiguration> live = ports_.configuration->Read();
  if (live) {
    live_ = *std::move(live);
    absent_since_.reset();
  } else if (live.error().code == ErrorCode::kNotFound) {
    live_.reset();
    if (!absent_since_ || *absent_since_ > now) absent_since_ = now;
  } else {
    return tl::unexpected(live.error());
  }
  trust_.Observe(live_ ? &*live_ : nullptr, now);
  return {};
}

// ---- certificates ----

Status WebhookController::Rotate(WebhookStanding& standing, Timestamp now) {
  std::string done;
  for (int attempt = 0;; ++attempt) {
    const Result<SecretData> secret = ports_.secret->Read();
    if (!secret && secret.error().code != ErrorCode::kNotFound) {
      return tl::unexpected(secret.error());
    }
    const Result<std::vector<ReplicaReport>> reports = ports_.reports->List();
    const Result<RotationPlan> plan = PlanRotation(
        secret ? &*secret : nullptr, trust_, reports ? &*reports : nullptr, options_.rotation, now);
    if (!plan) return tl::unexpected(plan.error());
    ca_bundle_ = plan->ca_bundle;
    standing.phase = plan->phase;
    standing.signer = plan->signer;
    standing.rotation = done.empty() ? plan->why : done;
    standing.next = std::min(standing.next, plan->next);
    standing.problems = plan->problems;
    if (!reports) standing.problems.push_back("replicas' reports: " + reports.error().message);
    if (!plan->write) return {};
    Status written = attempt < kMaxAttempts
                         ? WriteSecret(*plan, secret.has_value())
                         : Fail(ErrorCode::kConflict, "the Secret changes faster than it is read");
    if (written) {
      done = plan->why;
    } else if (attempt >= kMaxAttempts || !IsRace(written.error())) {
      // What is trusted goes on being trusted; the rest waits until the Secret can be written.
      standing.problems.push_back("Secret: " + written.error().message);
      standing.next = std::min(standing.next, now + kRetry);
      return {};
    }
  }
}

Status WebhookController::WriteSecret(const RotationPlan& plan, bool exists) {
  const std::optional<SecretData>& write = plan.write;
  if (!write) return {};
  if (Status may = MayWrite(); !may) return may;
  const Result<SecretData> written =
      exists ? ports_.secret->Update(*write) : ports_.secret->Create(*write);
  if (!written) return tl::unexpected(written.error());
  Tell(ClusterEvent::Type::kNormal, "CertificateRotation", plan.why, true);
  return {};
}

// ---- configuration ----

bool WebhookController::WaitsForAbsent(WebhookStanding& standing, Timestamp now) {
  if (!absent_since_) return false;
  const Timestamp until = *absent_since_ + options_.absent_grace;
  if (now >= until) return false;
  standing.why = "there is no webhook configuration; it is made at " + FormatTimestamp(until);
  standing.next = std::min(standing.next, until);
  return true;
}

Status WebhookController::Configure(const PolicySnapshot* policies, WebhookStanding& standing,
                                    Timestamp now) {
  if (options_.webhook.own_certificates && ca_bundle_.empty()) {
    standing.why = "there is no CA yet";
    standing.next = std::min(standing.next, now + kRetry);
    return {};
  }
  const bool own = options_.webhook.own_certificates;
  // A configuration that is new is tried before it asks for anything, hence twice; once more for somebody in between.
  for (int attempt = 0; attempt < kMaxAttempts; ++attempt) {
    const PolicySnapshot none({});
    const WebhookConfiguration wish = DesiredConfiguration(
        policies == nullptr ? none : *policies, options_.webhook, ca_bundle_, policies != nullptr);
    standing.ready = policies != nullptr && live_ && !Differs(wish, *live_, own);
    standing.why.clear();
    if (standing.ready) {
      applied_ = wish;
      return {};
    }
    const Status may = MayChangeRules(policies, wish);
    const WebhookConfiguration wanted = may ? wish : Kept(wish, policies != nullptr);
    if (!may) standing.why = may.error().message;
    if (live_ && !Differs(wanted, *live_, own)) {
      standing.next = std::min(standing.next, now + kRetry);
      return {};
    }
    if (IsContested(wanted, now)) {
      StandContested(wish, wanted, policies != nullptr, standing);
      return {};
    }
    Status applied = Apply(wanted, now);
    if (applied) continue;
    if (!IsRace(applied.error())) return applied;
    if (Status read = Read(now); !read) return read;
    // Gone meanwhile: that has a grace of its own.
    if (WaitsForAbsent(standing, now)) return {};
  }
  return Fail(ErrorCode::kConflict, "somebody else keeps changing the webhook configuration " +
                                        options_.configuration_name);
}

bool WebhookController::IsContested(const WebhookConfiguration& wanted, Timestamp now) const {
  return contested_until_ && now < *contested_until_ && now >= *contested_until_ - kResync &&
         live_ && live_->resource_version == applied_version_ && applied_ && *applied_ == wanted;
}

void WebhookController::StandContested(const WebhookConfiguration& wish,
                                       const WebhookConfiguration& wanted, bool policies_known,
                                       WebhookStanding& standing) const {
  if (!live_ || !contested_until_) return;
  const bool own = options_.webhook.own_certificates;
  const std::string what = "somebody changes what is applied: " + WhatDiffers(wanted, *live_, own);
  standing.why += (standing.why.empty() ? "" : "; ") + what;
  standing.problems.push_back(what);
  standing.ready = policies_known && CallsUs(wish, *live_, own);
  standing.next = std::min(standing.next, *contested_until_);
}

Status WebhookController::MayChangeRules(const PolicySnapshot* policies,
                                         const WebhookConfiguration& wish) const {
  if (policies == nullptr) return Fail(ErrorCode::kUnavailable, "policies are not known yet");
  if (!live_) return Fail(ErrorCode::kUnavailable, "there is no webhook configuration");
  std::vector<std::string> bundles;
  for (const Webhook& webhook : live_->webhooks) {
    if (IsOurWebhook(webhook.name)) bundles.push_back(webhook.ca_bundle);
  }
  if (!options_.webhook.own_certificates) {
    for (const Webhook& webhook : wish.webhooks) {
      const Webhook* have = live_->Find(webhook.name);
      // Calls to an entry whose caBundle nobody has written yet would fail.
      if (have == nullptr) bundles.emplace_back();
    }
  }
  std::sort(bundles.begin(), bundles.end());
  bundles.erase(std::unique(bundles.begin(), bundles.end()), bundles.end());
  if (bundles.empty() || bundles.front().empty()) {
    return Fail(ErrorCode::kUnavailable, "caBundle is not written yet");
  }
  for (const std::string& bundle : bundles) {
    if (Status checked = ports_.check->Check(bundle); !checked) return checked;
  }
  return {};
}

// What is live, with what can be put right without asking for anything new; and entries that are wished for, without
// rules. Where policies are not known, the wish does not say what is no longer wanted.
WebhookConfiguration WebhookController::Kept(const WebhookConfiguration& wish,
                                             bool policies_known) const {
  WebhookConfiguration kept;
  kept.owners = wish.owners;
  if (live_ && policies_known) {
    kept.webhooks = StillWanted(wish, *live_);
  } else if (live_) {
    std::copy_if(live_->webhooks.begin(), live_->webhooks.end(), std::back_inserter(kept.webhooks),
                 [](const Webhook& have) { return IsOurWebhook(have.name); });
  }
  for (Webhook& webhook : kept.webhooks) webhook.ca_bundle = ca_bundle_;
  // caBundle of what is new is not for us to write where it is somebody else's; the entry of the policies is for both.
  for (const Webhook& wished : wish.webhooks) {
    const bool needed = wished.name == kPoliciesWebhook || !options_.webhook.own_certificates;
    if (!needed || kept.Find(wished.name) != nullptr) continue;
    kept.webhooks.push_back(wished);
    kept.webhooks.back().rules.clear();
  }
  return kept;
}

Status WebhookController::Apply(const WebhookConfiguration& wanted, Timestamp now) {
  if (Status may = MayWrite(); !may) return may;
  const bool own = options_.webhook.own_certificates;
  const bool gone = !live_ && applied_;
  // What our own Apply left nobody has edited since.
  const bool ours = live_ && applied_ && live_->resource_version == applied_version_;
  const bool edited = live_ && applied_ && !ours && Differs(*applied_, *live_, own);
  const bool again = ours && *applied_ == wanted;
  const std::string before = live_ ? live_->resource_version : "";
  Result<WebhookConfiguration> result =
      ports_.configuration->Apply(wanted, live_ ? &*live_ : nullptr);
  if (!result) return tl::unexpected(result.error());
  const bool nothing_changed = result->resource_version == before;
  if (gone) {
    Tell(ClusterEvent::Type::kWarning, "WebhookConfigurationRecreated",
         "it was deleted while Plimsoll was running", false);
  } else if (edited && !nothing_changed) {
    Tell(ClusterEvent::Type::kWarning, "WebhookConfigurationRepaired",
         "it was edited; Plimsoll writes its own entries, and policies say what they ask for",
         false);
  }
  live_ = *std::move(result);
  absent_since_.reset();
  trust_.Observe(&*live_, now);
  applied_ = wanted;
  applied_version_ = live_->resource_version;
  contested_until_.reset();
  if ((nothing_changed || again) && Differs(wanted, *live_, own)) contested_until_ = now + kResync;
  return {};
}

void WebhookController::Tell(ClusterEvent::Type type, std::string reason, std::string note,
                             bool about_secret) const {
  if (ports_.events == nullptr) return;
  ClusterEvent event;
  event.type = type;
  event.reason = std::move(reason);
  event.note = std::move(note);
  event.action = about_secret ? "Rotating" : "Applying";
  event.api_version = about_secret ? "v1" : "admissionregistration.k8s.io/v1";
  event.kind = about_secret ? "Secret" : "ValidatingWebhookConfiguration";
  event.regarding = about_secret
                        ? ObjectKey{options_.webhook.own_namespace, std::string(kCaSecretName)}
                        : ObjectKey{"", options_.configuration_name};
  if (!about_secret && live_) event.uid = live_->uid;
  ports_.events->Emit(event);
}

}  // namespace plimsoll::controllers
