#include "plimsoll/controllers/leaf_keeper.h"

#include <algorithm>
#include <utility>

namespace plimsoll::controllers {
namespace {

// The CA nobody trusts lives as long as what it makes; the next Update makes a new one.
constexpr std::chrono::seconds kProvisionalLifetime = std::chrono::hours(24);

constexpr std::string_view kTlsCertificate = "tls.crt";
constexpr std::string_view kTlsKey = "tls.key";

}  // namespace

SubjectAltNames ServiceNames(const LeafOptions& options) {
  const std::string in_namespace = options.service_name + "." + options.own_namespace;
  return {{options.service_name, in_namespace, in_namespace + ".svc",
           in_namespace + ".svc.cluster.local"},
          {}};
}

LeafKeeper::LeafKeeper(LeafOptions options)
    : options_(std::move(options)),
      names_(ServiceNames(options_)),
      server_name_(options_.service_name + "." + options_.own_namespace + ".svc") {}

Result<std::unique_ptr<LeafKeeper>> LeafKeeper::Create(LeafOptions options, Timestamp now) {
  std::unique_ptr<LeafKeeper> keeper(new LeafKeeper(std::move(options)));
  const Result<CertificateAuthority> nobody =
      CertificateAuthority::Create(now, kProvisionalLifetime);
  if (!nobody) return tl::unexpected(nobody.error());
  const Result<KeyPairPem> pair = nobody->IssueServerCertificate(keeper->names_, now);
  if (!pair) return tl::unexpected(pair.error());
  Result<std::unique_ptr<ReloadableServerContext>> context = ReloadableServerContext::Create(*pair);
  if (!context) return tl::unexpected(context.error());
  keeper->context_ = *std::move(context);
  return keeper;
}

Result<bool> LeafKeeper::Update(const SecretData* secret, const LiveTrust& live, Timestamp now) {
  Result<bool> exchanged = Renew(secret, live, now);
  Note(live, now);
  return exchanged;
}

Result<bool> LeafKeeper::Serve(const SecretData& secret, const LiveTrust& live, Timestamp now) {
  Result<bool> exchanged = Take(secret);
  Note(live, now);
  return exchanged;
}

void LeafKeeper::Note(const LiveTrust& live, Timestamp now) {
  if (served_.certificate.empty()) return;
  const Status accepted = live.Accepts(served_.certificate, server_name_, now);
  rejected_ = accepted ? std::nullopt : std::optional<Error>(accepted.error());
  accepted_ = accepted_ || accepted;
}

Result<bool> LeafKeeper::Renew(const SecretData* secret, const LiveTrust& live, Timestamp now) {
  waiting_.clear();
  if (secret == nullptr) {
    waiting_ = "there is no Secret with a CA";
    return false;
  }
  if (secret->entries != seen_) {
    std::vector<std::string> problems;
    signer_ = ReadCaSecret(*secret, problems).signer;
    problem_ = problems.empty() ? "no CA signs yet" : problems.front();
    seen_ = secret->entries;
  }
  if (!signer_) {
    waiting_ = problem_;
    return false;
  }
  const CertificateInfo& ca = signer_->info;
  const bool none = served_.certificate.empty();
  if (!none && NeedsRotation(context_->info(), now, names_, &ca) == RotationReason::kNone) {
    return false;
  }
  const bool over = none || now > context_->info().not_after;
  if (!over) waiting_ = WhyNot(ca, live, now);
  if (!waiting_.empty()) return false;
  const Result<CertificateAuthority> authority = CertificateAuthority::FromPem(signer_->pem);
  if (!authority) return tl::unexpected(authority.error());
  Result<KeyPairPem> pair = authority->IssueServerCertificate(names_, now, options_.lifetime);
  if (!pair) return tl::unexpected(pair.error());
  if (const Status accepted = live.Accepts(pair->certificate, server_name_, now);
      !over && !accepted) {
    waiting_ = accepted.error().message;
    return false;
  }
  return Exchange(*std::move(pair), &ca);
}

std::string LeafKeeper::WhyNot(const CertificateInfo& ca, const LiveTrust& live,
                               Timestamp now) const {
  const std::optional<Timestamp> since = live.Since(ca.sha256);
  if (!since) return "the CA that signs now is not in every caBundle yet";
  if (ca.sha256 == ca_.sha256 || now - *since >= options_.bundle_delay) return {};
  // Nothing to lose: what is served is accepted by nobody.
  if (!live.Accepts(served_.certificate, server_name_, now)) return {};
  return "waiting until every API server trusts the CA that signs now";
}

Result<bool> LeafKeeper::Take(const SecretData& secret) {
  waiting_.clear();
  KeyPairPem pair{std::string(secret.Entry(kTlsCertificate)), std::string(secret.Entry(kTlsKey))};
  if (pair.certificate.empty() || pair.private_key.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "the Secret with the serving certificate needs tls.crt and tls.key, as of type "
                "kubernetes.io/tls");
  }
  if (pair == served_) return false;
  return Exchange(std::move(pair), nullptr);
}

Result<bool> LeafKeeper::Exchange(KeyPairPem pair, const CertificateInfo* ca) {
  if (Status reloaded = context_->Reload(pair); !reloaded) {
    return tl::unexpected(reloaded.error());
  }
  served_ = std::move(pair);
  ca_ = ca == nullptr ? CertificateInfo{} : *ca;
  return true;
}

Status ReplicaReporter::Pass(const std::string& ca, Timestamp now) {
  if (ca.empty()) return {};
  const bool fresh = now >= last_.renewed && now - last_.renewed < kReportInterval;
  if (ca == last_.ca && fresh) return {};
  ReplicaReport report{replica_, ca, now};
  Status done = reports_.Report(report);
  if (done) last_ = std::move(report);
  return done;
}

}  // namespace plimsoll::controllers
