#include "plimsoll/tls/certificate_authority.h"

#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "plimsoll/tls/openssl_error.h"
#include "plimsoll/tls/x509_text.h"
#include "tls/x509_builder.h"

namespace plimsoll {

struct CertificateAuthority::State {
  X509Ptr certificate;
  EvpPkeyPtr key;
  KeyPairPem pem;
  CertificateInfo info;
};

namespace {

Result<KeyPairPem> PairToPem(const X509& certificate, const EVP_PKEY& key) {
  Result<std::string> certificate_pem = ToPem(certificate);
  if (!certificate_pem) return tl::unexpected(certificate_pem.error());
  Result<std::string> key_pem = ToPem(key);
  if (!key_pem) return tl::unexpected(key_pem.error());
  return KeyPairPem{*std::move(certificate_pem), *std::move(key_pem)};
}

// Two CAs with one name confuse path building: a client may try the wrong key and give up.
Result<std::string> DistinctCaName(Timestamp now) {
  std::array<unsigned char, 4> random{};
  if (RAND_bytes(random.data(), static_cast<int>(random.size())) != 1) {
    return OpenSslFailure(ErrorCode::kInternal, "random bytes");
  }
  std::string name = "Plimsoll CA " + FormatTimestamp(now).substr(0, 10) + " ";
  for (const unsigned char byte : random) {
    name.push_back("0123456789abcdef"[byte >> 4U]);
    name.push_back("0123456789abcdef"[byte & 0xFU]);
  }
  return name;
}

}  // namespace

CertificateAuthority::CertificateAuthority(std::unique_ptr<State> state)
    : state_(std::move(state)) {}
CertificateAuthority::CertificateAuthority(CertificateAuthority&&) noexcept = default;
CertificateAuthority& CertificateAuthority::operator=(CertificateAuthority&&) noexcept = default;
CertificateAuthority::~CertificateAuthority() = default;

const KeyPairPem& CertificateAuthority::pem() const { return state_->pem; }
const CertificateInfo& CertificateAuthority::info() const { return state_->info; }

Result<CertificateAuthority> CertificateAuthority::Create(Timestamp now,
                                                          std::chrono::seconds lifetime) {
  Result<EvpPkeyPtr> key = NewP256Key();
  if (!key) return tl::unexpected(key.error());
  Result<std::string> name = DistinctCaName(now);
  if (!name) return tl::unexpected(name.error());
  const CertificateTemplate ca{.common_name = *std::move(name),
                               .not_before = now - kCertificateBackdating,
                               .not_after = now + lifetime,
                               .names = nullptr};
  Result<X509Ptr> certificate = SignCertificate(ca, **key, nullptr, **key);
  if (!certificate) return tl::unexpected(certificate.error());
  const Result<KeyPairPem> pem = PairToPem(**certificate, **key);
  if (!pem) return tl::unexpected(pem.error());
  return FromPem(*pem);
}

Result<CertificateAuthority> CertificateAuthority::FromPem(const KeyPairPem& pem) {
  Result<std::vector<X509Ptr>> certificates = CertificatesFromPem(pem.certificate);
  if (!certificates) return tl::unexpected(certificates.error());
  Result<EvpPkeyPtr> key = PrivateKeyFromPem(pem.private_key);
  if (!key) return tl::unexpected(key.error());
  Result<CertificateInfo> info = InspectCertificate(pem.certificate);
  if (!info) return tl::unexpected(info.error());
  X509& certificate = *certificates->front();
  if (!info->is_ca) {
    return Fail(ErrorCode::kInvalidArgument,
                "the certificate of " + info->subject + " is not a CA's (basicConstraints)");
  }
  if (X509_check_private_key(&certificate, key->get()) != 1) {
    return OpenSslFailure(ErrorCode::kInvalidArgument,
                          "the private key does not belong to the CA " + info->subject);
  }
  return CertificateAuthority(std::make_unique<State>(
      State{std::move(certificates->front()), *std::move(key), pem, *std::move(info)}));
}

Result<KeyPairPem> CertificateAuthority::IssueServerCertificate(
    const SubjectAltNames& names, Timestamp now, std::chrono::seconds lifetime) const {
  if (now > state_->info.not_after) {
    return Fail(ErrorCode::kInvalidArgument, "the CA " + state_->info.subject + " expired on " +
                                                 FormatTimestamp(state_->info.not_after));
  }
  const Result<GeneralNamesPtr> general_names = ToGeneralNames(names);
  if (!general_names) return tl::unexpected(general_names.error());
  const Result<EvpPkeyPtr> key = NewP256Key();
  if (!key) return tl::unexpected(key.error());
  const CertificateTemplate leaf{
      .common_name = "plimsoll-controller",
      .not_before = std::max(now - kCertificateBackdating, state_->info.not_before),
      .not_after = std::min(now + lifetime, state_->info.not_after),
      .names = general_names->get()};
  const Result<X509Ptr> certificate =
      SignCertificate(leaf, **key, state_->certificate.get(), *state_->key);
  if (!certificate) return tl::unexpected(certificate.error());
  return PairToPem(**certificate, **key);
}

}  // namespace plimsoll
