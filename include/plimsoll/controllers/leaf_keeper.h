// LeafKeeper: the certificate one replica serves with. It mints its own from the CA of the Secret and keeps it in memory,
// mints anew when two thirds of its life are over or another CA signs, and changes over only to what the API server accepts,
// whatever the Secret says. Until there is a CA it serves a certificate that nobody trusts.
//
// Thread-safety: context() and what it gives from any thread; everything else from one. Time is an argument. Errors: what
// was served goes on being served.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/certificate_rotation.h"
#include "plimsoll/controllers/live_trust.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/tls/reloadable_server_context.h"

namespace plimsoll::controllers {

struct LeafOptions {
  std::string service_name;
  std::string own_namespace;
  std::chrono::seconds lifetime = kClusterLeafLifetime;
  std::chrono::seconds bundle_delay = kBundleDelay;
};

// The service's names, shortest first: "plimsoll", "plimsoll.plimsoll", "plimsoll.plimsoll.svc" (what the API server
// asks for), "plimsoll.plimsoll.svc.cluster.local".
SubjectAltNames ServiceNames(const LeafOptions& options);

class LeafKeeper {
 public:
  static Result<std::unique_ptr<LeafKeeper>> Create(LeafOptions options, Timestamp now);

  // For the listener; never null, and the same for ever.
  ReloadableServerContext& context() { return *context_; }

  // `secret`: the CA's Secret as last seen, null where there is none. True if another certificate is served from now on. Call
  // it when the Secret or the configuration has changed, and every few seconds.
  Result<bool> Update(const SecretData* secret, const LiveTrust& live, Timestamp now);
  // The alternative: serves what somebody else made (tls.crt, tls.key), such as cert-manager.
  Result<bool> Serve(const SecretData& secret, const LiveTrust& live, Timestamp now);

  // CertificateInfo::sha256 of the CA that made what is served; "" before there was one, and after Serve.
  const std::string& ca() const { return ca_.sha256; }
  // The certificate chain served now, PEM.
  const std::string& certificate() const { return served_.certificate; }
  // Whether what was served has ever been what the API server accepts: before, every call to us would fail. Afterwards it
  // stays: a configuration that is deleted must not take all replicas out of service.
  bool accepted() const { return accepted_; }
  // Why the API server would not accept what is served now; nothing where it would, and where nothing was served yet.
  const std::optional<Error>& rejected() const { return rejected_; }
  // Why something better than what is served is not served yet; "" where there is nothing better.
  const std::string& waiting() const { return waiting_; }

 private:
  explicit LeafKeeper(LeafOptions options);
  Result<bool> Renew(const SecretData* secret, const LiveTrust& live, Timestamp now);
  Result<bool> Take(const SecretData& secret);
  void Note(const LiveTrust& live, Timestamp now);
  Result<bool> Exchange(KeyPairPem pair, const CertificateInfo* ca);
  // "" if a certificate of `ca` may take the place of what is served.
  std::string WhyNot(const CertificateInfo& ca, const LiveTrust& live, Timestamp now) const;

  LeafOptions options_;
  SubjectAltNames names_;
  std::string server_name_;
  std::unique_ptr<ReloadableServerContext> context_;
  KeyPairPem served_;
  CertificateInfo ca_;
  std::string waiting_;
  bool accepted_ = false;
  std::optional<Error> rejected_;
  // Of the Secret as last seen: reading it takes milliseconds.
  std::optional<std::vector<std::pair<std::string, std::string>>> seen_;
  std::optional<CaPair> signer_;
  std::string problem_;
};

// A replica says which CA its certificate is from: at once when that changes, and again often enough to be believed.
inline constexpr std::chrono::seconds kReportInterval = std::chrono::minutes(5);

class ReplicaReporter {
 public:
  // `replica`: the pod's name. `reports` must outlive this.
  ReplicaReporter(std::string replica, ReplicaReports& reports)
      : replica_(std::move(replica)), reports_(reports) {}

  // Reports if it is time to.
  Status Pass(const std::string& ca, Timestamp now);
  // Whether the cluster has ever heard of us. A replica is not ready before: an old CA is dropped when every replica that
  // reports has left it, and one that has never been heard of would be forgotten.
  bool reported() const { return !last_.ca.empty(); }

 private:
  std::string replica_;
  ReplicaReports& reports_;
  ReplicaReport last_;
};

}  // namespace plimsoll::controllers
