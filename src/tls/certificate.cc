#include "plimsoll/tls/certificate.h"

#include <openssl/sha.h>

#include <algorithm>
#include <array>

#include "plimsoll/base/text.h"
#include "plimsoll/tls/openssl_error.h"
#include "plimsoll/tls/x509_text.h"

namespace plimsoll {
namespace {

std::string Hex(const unsigned char* bytes, size_t size) {
  static constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(size * 2);
  for (size_t i = 0; i < size; ++i) {
    text.push_back(kDigits[bytes[i] >> 4U]);
    text.push_back(kDigits[bytes[i] & 0xFU]);
  }
  return text;
}

std::string Hex(const ASN1_STRING* text) {
  if (text == nullptr) return {};
  return Hex(ASN1_STRING_get0_data(text), static_cast<size_t>(ASN1_STRING_length(text)));
}

std::string_view BytesOf(const ASN1_STRING& text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(&text)),
          static_cast<size_t>(ASN1_STRING_length(&text))};
}

Result<std::string> NameText(const X509_NAME* name) {
  BioPtr bio(BIO_new(BIO_s_mem()));
  if (bio == nullptr || X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_RFC2253) < 0) {
    return OpenSslFailure(ErrorCode::kInvalidArgument, "a certificate's name");
  }
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &data);
  return std::string(data, size > 0 ? static_cast<size_t>(size) : 0);
}

SubjectAltNames NamesOf(const X509& certificate) {
  SubjectAltNames names;
  const GeneralNamesPtr found(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(&certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; found != nullptr && i < sk_GENERAL_NAME_num(found.get()); ++i) {
    const GENERAL_NAME& name = *sk_GENERAL_NAME_value(found.get(), i);
    if (name.type == GEN_DNS) names.dns_names.emplace_back(BytesOf(*name.d.dNSName));
    if (name.type == GEN_IPADD)
      names.ip_addresses.push_back(AddressText(BytesOf(*name.d.iPAddress)));
  }
  return names;
}

Result<CertificateInfo> Describe(X509& certificate) {
  CertificateInfo info;
  Result<std::string> subject = NameText(X509_get_subject_name(&certificate));
  if (!subject) return tl::unexpected(subject.error());
  Result<std::string> issuer = NameText(X509_get_issuer_name(&certificate));
  if (!issuer) return tl::unexpected(issuer.error());
  const Result<Timestamp> not_before = TimeFromAsn1(*X509_get0_notBefore(&certificate));
  if (!not_before) return tl::unexpected(not_before.error());
  const Result<Timestamp> not_after = TimeFromAsn1(*X509_get0_notAfter(&certificate));
  if (!not_after) return tl::unexpected(not_after.error());
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  unsigned digest_size = 0;
  if (X509_digest(&certificate, EVP_sha256(), digest.data(), &digest_size) != 1) {
    return OpenSslFailure(ErrorCode::kInternal, "hashing a certificate");
  }
  info.subject = *std::move(subject);
  info.issuer = *std::move(issuer);
  info.serial = Hex(X509_get0_serialNumber(&certificate));
  info.not_before = *not_before;
  info.not_after = *not_after;
  info.names = NamesOf(certificate);
  info.subject_key_id = Hex(X509_get0_subject_key_id(&certificate));
  info.authority_key_id = Hex(X509_get0_authority_key_id(&certificate));
  info.sha256 = Hex(digest.data(), digest_size);
  info.is_ca = X509_check_ca(&certificate) == 1;
  return info;
}

// Names compare without regard to case, addresses by their bytes.
bool HasDnsName(const CertificateInfo& certificate, std::string_view name) {
  return std::any_of(certificate.names.dns_names.begin(), certificate.names.dns_names.end(),
                     [&](const std::string& have) { return EqualsIgnoreCase(have, name); });
}

bool HasAddress(const CertificateInfo& certificate, const std::string& address) {
  const std::string canonical = AddressText(AddressBytes(address));
  const std::vector<std::string>& have = certificate.names.ip_addresses;
  return !canonical.empty() && std::find(have.begin(), have.end(), canonical) != have.end();
}

bool HasAllNames(const CertificateInfo& certificate, const SubjectAltNames& wanted) {
  return std::all_of(wanted.dns_names.begin(), wanted.dns_names.end(),
                     [&](const std::string& name) { return HasDnsName(certificate, name); }) &&
         std::all_of(wanted.ip_addresses.begin(), wanted.ip_addresses.end(),
                     [&](const std::string& name) { return HasAddress(certificate, name); });
}

}  // namespace

Result<std::vector<CertificateInfo>> InspectCertificates(std::string_view pem) {
  const Result<std::vector<X509Ptr>> certificates = CertificatesFromPem(pem);
  if (!certificates) return tl::unexpected(certificates.error());
  std::vector<CertificateInfo> infos;
  infos.reserve(certificates->size());
  for (const X509Ptr& certificate : *certificates) {
    Result<CertificateInfo> info = Describe(*certificate);
    if (!info) return tl::unexpected(info.error());
    infos.push_back(*std::move(info));
  }
  return infos;
}

Result<CertificateInfo> InspectCertificate(std::string_view pem) {
  Result<std::vector<CertificateInfo>> all = InspectCertificates(pem);
  if (!all) return tl::unexpected(all.error());
  return std::move(all->front());
}

std::string_view RotationReasonText(RotationReason reason) {
  switch (reason) {
    case RotationReason::kNone:
      return "";
    case RotationReason::kNotYetValid:
      return "not yet valid";
    case RotationReason::kExpired:
      return "expired";
    case RotationReason::kExpiresSoon:
      return "two thirds of its life are over";
    case RotationReason::kNamesDiffer:
      return "a name is missing";
    case RotationReason::kIssuerDiffers:
      return "made by another CA";
  }
  return "";
}

RotationReason NeedsRotation(const CertificateInfo& certificate, Timestamp now) {
  if (now < certificate.not_before) return RotationReason::kNotYetValid;
  if (now > certificate.not_after) return RotationReason::kExpired;
  const auto life = certificate.not_after - certificate.not_before;
  if (now >= certificate.not_before + life / 3 * 2) return RotationReason::kExpiresSoon;
  return RotationReason::kNone;
}

RotationReason NeedsRotation(const CertificateInfo& certificate, Timestamp now,
                             const SubjectAltNames& wanted, const CertificateInfo* issuer) {
  const RotationReason by_time = NeedsRotation(certificate, now);
  if (by_time != RotationReason::kNone) return by_time;
  if (issuer != nullptr &&
      (issuer->subject_key_id.empty() || certificate.authority_key_id != issuer->subject_key_id)) {
    return RotationReason::kIssuerDiffers;
  }
  if (!HasAllNames(certificate, wanted)) return RotationReason::kNamesDiffer;
  return RotationReason::kNone;
}

}  // namespace plimsoll
