#include "plimsoll/controllers/certificate_rotation.h"

#include <algorithm>
#include <utility>

namespace plimsoll::controllers {
namespace {

// Nothing else to wait for: certificates are looked at this often.
constexpr std::chrono::seconds kLookAgain = std::chrono::hours(1);

bool ValidAt(const CertificateInfo& info, Timestamp now) {
  return info.not_before <= now && now <= info.not_after;
}

// Two thirds of its life are over, or all of it. One that is not yet valid is left alone: the clock is wrong, here or where
// it was made, and a new CA of every clock would not make that better.
bool IsOld(const CertificateInfo& info, Timestamp now) {
  const RotationReason reason = NeedsRotation(info, now);
  return reason == RotationReason::kExpired || reason == RotationReason::kExpiresSoon;
}

class Planner {
 public:
  Planner(const SecretData* secret, const LiveTrust& live,
          const std::vector<ReplicaReport>* reports, const RotationOptions& options, Timestamp now)
      : data_(secret),
        live_(live),
        options_(options),
        now_(now),
        reports_known_(reports != nullptr) {
    if (reports != nullptr) reports_ = *reports;
    if (data_ != nullptr) state_ = ReadCaSecret(*data_, plan_.problems);
  }

  Result<RotationPlan> Plan() {
    before_ = state_;
    plan_.next = now_ + kLookAgain;
    plan_.phase = state_.next               ? RotationPhase::kPublishing
                  : state_.previous.empty() ? RotationPhase::kStable
                                            : RotationPhase::kOverlap;
    Adopt();
    plan_.ca_bundle = Bundle();
    if (Status decided = Decide(); !decided) return tl::unexpected(decided.error());
    if (state_.signer) plan_.signer = state_.signer->info;
    if (data_ == nullptr || state_ != before_ || !plan_.problems.empty()) Write();
    return std::move(plan_);
  }

 private:
  Status Decide() {
    const bool signs = state_.signer && now_ <= state_.signer->info.not_after;
    if (!signs && !state_.next) return Replace();
    if (state_.next) return Promote(signs);
    if (!state_.previous.empty()) {
      Retire();
      return {};
    }
    const std::string_view wish =
        data_ == nullptr ? std::string_view() : data_->Annotation(kRotateAnnotation);
    const bool wished = !wish.empty() && wish != state_.rotated_for;
    if (!wished && !IsOld(state_.signer->info, now_)) return {};
    state_.rotated_for = wish;
    plan_.why = wished ? "a rotation was asked for; publishing a new CA"
                       : "two thirds of the CA's life are over; publishing a new CA";
    return MakeNext();
  }

  // CAs of replicas that nobody has written down, such as after the Secret was lost, stay trusted.
  void Adopt() {
    for (const Certificate& one : live_.anywhere()) {
      if (!Known(one.info.sha256) && ReportedNow(one.info.sha256)) {
        AddPrevious(one);
      }
    }
  }

  // There is no CA that could sign.
  Status Replace() {
    state_.signer.reset();
    // Also what is over by our clock: it may be the clock that is wrong.
    for (const Certificate& one : live_.anywhere()) AddPrevious(one);
    // What can be read of the Secret may be less than what is trusted now.
    plan_.ca_bundle.clear();
    plan_.why = "no CA can sign; publishing a new one";
    if (Status made = MakeNext(); !made || AnyTrusted()) return made;
    // No client trusts anything of ours that is valid: there is nobody to wait for.
    plan_.why = "no CA can sign and none is trusted; a new one signs at once";
    SwitchToNext();
    return {};
  }

  Status Promote(bool signs) {
    if (!state_.next) return {};
    const CaPair& next = *state_.next;
    if (IsOld(next.info, now_)) {
      plan_.why = "the next CA has grown old before it could sign; publishing another one";
      return MakeNext();
    }
    const std::optional<Timestamp> since = live_.Since(next.info.sha256);
    const bool published = since && now_ - *since >= options_.bundle_delay;
    if (!published && (signs || AnyTrusted())) {
      plan_.next = since ? *since + options_.bundle_delay : now_ + options_.bundle_delay;
      plan_.why = since ? "waiting until every API server trusts the next CA"
                        : "waiting until the next CA is in every caBundle";
      return {};
    }
    plan_.why = "the next CA is trusted everywhere and signs from now on";
    SwitchToNext();
    return {};
  }

  void Retire() {
    // Written by a clock that was ahead, or by nobody: count from now, the safe side.
    if (!state_.switched || *state_.switched > now_) state_.switched = now_;
    const Timestamp expired = *state_.switched + options_.leaf_lifetime + options_.bundle_delay;
    const bool reported = std::any_of(reports_.begin(), reports_.end(),
                                      [&](const ReplicaReport& report) { return Counts(report); });
    const Timestamp due = reported ? *state_.switched + options_.overlap : expired;
    plan_.next = std::max(due, now_ + std::chrono::minutes(1));
    if (now_ < std::min(due, expired)) {
      plan_.why = "the old CA stays trusted until " + FormatTimestamp(std::min(due, expired));
      return;
    }
    if (!reports_known_) {
      plan_.why = "the old CA stays trusted until the replicas' reports can be read";
      return;
    }
    const std::string signer = state_.signer ? state_.signer->info.sha256 : "";
    for (const ReplicaReport& report : reports_) {
      if (!Counts(report) || report.ca == signer) continue;
      plan_.why = "replica " + report.replica + " serves a certificate of an old CA";
      return;
    }
    plan_.why = "no certificate of the old CA is left; it is no longer trusted";
    state_.previous.clear();
  }

  Status MakeNext() {
    Result<CertificateAuthority> ca = CertificateAuthority::Create(now_, options_.ca_lifetime);
    if (!ca) return tl::unexpected(ca.error());
    state_.next = CaPair{ca->pem(), ca->info()};
    ++state_.generation;
    return {};
  }

  void SwitchToNext() {
    if (state_.signer) AddPrevious({state_.signer->pem.certificate, state_.signer->info});
    state_.signer = std::move(state_.next);
    state_.next.reset();
    state_.switched = now_;
  }

  void AddPrevious(Certificate one) {
    if (Holds(state_.previous, one.info.sha256)) return;
    state_.previous.push_back(std::move(one));
    if (state_.previous.size() > kMaxPreviousCas) state_.previous.erase(state_.previous.begin());
  }

  // A certificate ends at most one lifetime after its replica last said that it serves it.
  bool Counts(const ReplicaReport& report) const {
    return report.renewed + options_.leaf_lifetime + options_.bundle_delay > now_;
  }

  bool ReportedNow(std::string_view sha256) const {
    return std::any_of(reports_.begin(), reports_.end(), [&](const ReplicaReport& report) {
      return report.ca == sha256 && Counts(report);
    });
  }

  static bool Holds(const std::vector<Certificate>& list, std::string_view sha256) {
    return std::any_of(list.begin(), list.end(),
                       [&](const Certificate& one) { return one.info.sha256 == sha256; });
  }

  bool Known(std::string_view sha256) const {
    return (state_.signer && state_.signer->info.sha256 == sha256) ||
           (state_.next && state_.next->info.sha256 == sha256) || Holds(state_.previous, sha256);
  }

  bool AnyTrusted() const {
    return std::any_of(live_.anywhere().begin(), live_.anywhere().end(),
                       [&](const Certificate& one) { return ValidAt(one.info, now_); });
  }

  std::string Bundle() const {
    std::string bundle;
    if (state_.signer) bundle += state_.signer->pem.certificate;
    if (state_.next) bundle += state_.next->pem.certificate;
    for (const Certificate& one : state_.previous) bundle += one.pem;
    return bundle;
  }

  void Write() {
    SecretData data;
    if (data_ != nullptr) data.resource_version = data_->resource_version;
    data.entries = CaSecretEntries(state_);
    if (data_ != nullptr && data.entries == data_->entries) return;
    if (plan_.why.empty()) plan_.why = "putting the Secret right";
    plan_.write = std::move(data);
  }

  const SecretData* data_;
  const LiveTrust& live_;
  const RotationOptions& options_;
  Timestamp now_;
  bool reports_known_;
  std::vector<ReplicaReport> reports_;
  CaSecret state_;
  CaSecret before_;
  RotationPlan plan_;
};

}  // namespace

std::string_view RotationPhaseName(RotationPhase phase) {
  switch (phase) {
    case RotationPhase::kStable:
      return "stable";
    case RotationPhase::kPublishing:
      return "publishing";
    case RotationPhase::kOverlap:
      return "overlap";
  }
  return "";
}

Result<RotationPlan> PlanRotation(const SecretData* secret, const LiveTrust& live,
                                  const std::vector<ReplicaReport>* reports,
                                  const RotationOptions& options, Timestamp now) {
  return Planner(secret, live, reports, options, now).Plan();
}

}  // namespace plimsoll::controllers
