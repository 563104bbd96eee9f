// ServingCertificates: the certificate this replica serves with in a cluster, kept by passes that read the CA's Secret and
// the webhook configuration: a leaf of its own from the installation's CA, or what somebody else (cert-manager) has put
// into a Secret.
//
// Thread-safety: Pass from one thread, the rest from any. Ownership: what the ports point to must outlive it.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "health.h"
#include "plimsoll/controllers/leaf_keeper.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/telemetry/logger.h"
#include "plimsoll/telemetry/metrics.h"

namespace plimsoll::controller {

// A watch tells when there is something to see; looking anyway costs two small requests.
inline constexpr std::chrono::milliseconds kCertificateInterval = std::chrono::seconds(30);
// While something is not as it should be yet.
inline constexpr std::chrono::milliseconds kCertificateRetry = std::chrono::seconds(1);

struct CertificatePorts {
  controllers::SecretStore* secret = nullptr;
  controllers::WebhookConfigurationStore* configuration = nullptr;
  controllers::ReplicaReports* reports = nullptr;
  const Clock* clock = nullptr;
  Logger* logger = nullptr;
  Metrics* metrics = nullptr;
};

struct CertificateOptions {
  controllers::LeafOptions leaf;
  std::string replica;  // the pod's name
  bool own = true;      // false: somebody else makes the certificate
};

class ServingCertificates {
 public:
  static Result<std::unique_ptr<ServingCertificates>> Create(CertificatePorts ports,
                                                             CertificateOptions options);

  // For the listener; the same for ever.
  ReloadableServerContext& context() { return leaf_->context(); }
  // Returns when to make the next pass.
  std::chrono::milliseconds Pass();
  // Whether the API server can trust what is served.
  Check Readiness() const;

 private:
  ServingCertificates(CertificatePorts ports, CertificateOptions options,
                      std::unique_ptr<controllers::LeafKeeper> leaf);
  // What is there; nothing where it is not there, the last known where the API server does not say.
  void ReadAll();
  Status Update(Timestamp now);
  void Say(const Status& status, bool exchanged);
  // Once for each reason: whoever keeps the Secret or writes caBundle must put it right, or the leader does.
  void SayRejected();
  void SetReadiness(bool ok, std::string detail);

  CertificatePorts ports_;
  CertificateOptions options_;
  std::unique_ptr<controllers::LeafKeeper> leaf_;
  controllers::ReplicaReporter reporter_;
  controllers::LiveTrust trust_;
  std::optional<controllers::SecretData> secret_;
  bool served_ = false;
  std::string last_error_;
  std::string last_rejection_;
  std::atomic<bool> trusted_{false};
  mutable std::mutex mutex_;
  Check readiness_{"serving certificate", false, "not made yet"};  // guarded by mutex_
};

}  // namespace plimsoll::controller
