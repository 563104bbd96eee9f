#include "serving_certificates.h"

#include <utility>
#include <vector>

#include "plimsoll/controllers/certificate_rotation.h"

namespace plimsoll::controller {

Result<std::unique_ptr<ServingCertificates>> ServingCertificates::Create(
    CertificatePorts ports, CertificateOptions options) {
  auto leaf = controllers::LeafKeeper::Create(options.leaf, ports.clock->Now());
  if (!leaf) return tl::unexpected(leaf.error());
  return std::unique_ptr<ServingCertificates>(
      new ServingCertificates(ports, std::move(options), std::move(*leaf)));
}

ServingCertificates::ServingCertificates(CertificatePorts ports, CertificateOptions options,
                                         std::unique_ptr<controllers::LeafKeeper> leaf)
    : ports_(ports),
      options_(std::move(options)),
      leaf_(std::move(leaf)),
      reporter_(options_.replica, *ports_.reports) {
  ports_.metrics->Read("plimsoll_certificate_trusted", [this] { return trusted_ ? 1.0 : 0.0; });
}

std::chrono::milliseconds ServingCertificates::Pass() {
  const Timestamp now = ports_.clock->Now();
  const std::string before = leaf_->certificate();
  ReadAll();
  const Status status = Update(now);
  Say(status, leaf_->certificate() != before);
  SayRejected();
  const bool settled = status && served_ && leaf_->accepted() && leaf_->waiting().empty();
  return settled ? kCertificateInterval : kCertificateRetry;
}

void ServingCertificates::ReadAll() {
  Result<controllers::SecretData> secret = ports_.secret->Read();
  if (secret) {
    secret_ = std::move(*secret);
  } else if (secret.error().code == ErrorCode::kNotFound) {
    secret_.reset();
  }
  const Result<controllers::WebhookConfiguration> live = ports_.configuration->Read();
  if (live) {
    trust_.Observe(&*live, ports_.clock->Now());
  } else if (live.error().code == ErrorCode::kNotFound) {
    trust_.Observe(nullptr, ports_.clock->Now());
  }
}

Status ServingCertificates::Update(Timestamp now) {
  const controllers::SecretData* secret = secret_ ? &*secret_ : nullptr;
  if (!options_.own) {
    if (secret == nullptr)
      return Fail(ErrorCode::kNotFound, "the certificate's Secret is not there");
    const Result<bool> served = leaf_->Serve(*secret, trust_, now);
    if (!served) return tl::unexpected(served.error());
    served_ = true;
    return {};
  }
  if (secret != nullptr) {
    std::vector<std::string> problems;  // the leader says them, once
    const controllers::CaSecret ca = controllers::ReadCaSecret(*secret, problems);
    if (ca.signer) ports_.metrics->SetCertificateExpiry("ca", ca.signer->info.not_after);
  }
  const Result<bool> updated = leaf_->Update(secret, trust_, now);
  if (!updated) return tl::unexpected(updated.error());
  served_ = !leaf_->ca().empty();
  return served_ ? reporter_.Pass(leaf_->ca(), now) : Status();
}

void ServingCertificates::Say(const Status& status, bool exchanged) {
  const CertificateInfo info = leaf_->context().info();
  const std::string expires = FormatTimestamp(info.not_after);
  ports_.metrics->SetCertificateExpiry("serving", info.not_after);
  if (exchanged) {
    ports_.logger->Log(LogLevel::kInfo, "serving certificate loaded",
                       {{"subject", info.subject},
                        {"issuer", info.issuer},
                        {"serial", info.serial},
                        {"expires", expires}});
  }
  // It is tried again every second; one line tells as much as a thousand.
  if (!status && status.error().message != last_error_) {
    ports_.logger->Log(LogLevel::kError, "certificate: trying again; what is served stays",
                       {{"error", status.error().message}});
  }
  last_error_ = status ? "" : status.error().message;
  if (!served_) {
    SetReadiness(false, status ? "waiting for the leader to make a CA" : last_error_);
  } else if (options_.own && !reporter_.reported()) {
    SetReadiness(false, "not reported yet; " + last_error_);
  } else if (!leaf_->accepted()) {
    const std::optional<Error>& rejected = leaf_->rejected();
    SetReadiness(false, "the webhook configuration does not trust it yet" +
                            (rejected ? ": " + rejected->message : ""));
  } else {
    SetReadiness(true, "expires " + expires);
  }
}

void ServingCertificates::SayRejected() {
  const std::optional<Error>& rejected = leaf_->rejected();
  trusted_ = served_ && !rejected;
  // While there is nothing of ours that could trust it, nobody is asked for it either.
  const bool tells = rejected && rejected->code != ErrorCode::kUnavailable;
  const std::string reason = tells ? rejected->message : "";
  if (reason == last_rejection_) return;
  if (tells) {
    ports_.logger->Log(LogLevel::kWarning,
                       "the API server would not accept the serving certificate",
                       {{"error", reason}});
  } else if (trusted_) {
    ports_.logger->Log(LogLevel::kInfo, "the API server accepts the serving certificate again");
  }
  last_rejection_ = reason;
}

void ServingCertificates::SetReadiness(bool ok, std::string detail) {
  const std::lock_guard lock(mutex_);
  readiness_.ok = ok;
  readiness_.detail = std::move(detail);
}

Check ServingCertificates::Readiness() const {
  const std::lock_guard lock(mutex_);
  return readiness_;
}

}  // namespace plimsoll::controller
