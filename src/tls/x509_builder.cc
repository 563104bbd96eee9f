#include "tls/x509_builder.h"

#include <openssl/ec.h>

#include <climits>
#include <string_view>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/tls/certificate_authority.h"
#include "plimsoll/tls/openssl_error.h"
#include "plimsoll/tls/x509_text.h"

namespace plimsoll {
namespace {

// RFC 5280 allows 20 octets; 16 random ones never repeat and stay positive with the top bit cleared.
constexpr int kSerialBits = 127;
// RFC 1035: a name has at most 253 characters.
constexpr size_t kMaxDnsNameBytes = 253;

bool IsDnsName(std::string_view name) {
  if (name.substr(0, 2) == "*.") name.remove_prefix(2);
  if (name.empty() || name.size() > kMaxDnsNameBytes) return false;
  for (const std::string_view label : Split(name, '.')) {
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-') {
      return false;
    }
    const bool plain = label.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_") ==
                       std::string_view::npos;
    if (!plain) return false;
  }
  return true;
}

// Appends a name of that type with that content.
Status Append(GENERAL_NAMES& names, int type, std::string_view content) {
  GeneralNamePtr name(GENERAL_NAME_new());
  ASN1_STRING* value = type == GEN_DNS ? ASN1_IA5STRING_new() : ASN1_OCTET_STRING_new();
  if (name == nullptr || value == nullptr ||
      ASN1_STRING_set(value, content.data(), static_cast<int>(content.size())) != 1) {
    ASN1_STRING_free(value);
    return OpenSslFailure(ErrorCode::kInternal, "a subject alternative name");
  }
  GENERAL_NAME_set0_value(name.get(), type, value);
  if (sk_GENERAL_NAME_push(&names, name.get()) == 0) {
    return OpenSslFailure(ErrorCode::kInternal, "a subject alternative name");
  }
  static_cast<void>(name.release());  // now the list's
  return {};
}

bool AddExtension(X509& certificate, int nid, void* value, bool critical) {
  return X509_add1_ext_i2d(&certificate, nid, value, critical ? 1 : 0, X509V3_ADD_DEFAULT) == 1;
}

bool AddConstraints(X509& certificate, bool is_ca) {
  const OpenSslHandle<BASIC_CONSTRAINTS, BASIC_CONSTRAINTS_free> constraints(
      BASIC_CONSTRAINTS_new());
  if (constraints == nullptr) return false;
  constraints->ca = is_ca ? 0xFF : 0;
  if (is_ca) {
    // No CA below ours: whoever steals a leaf's key can sign nothing.
    constraints->pathlen = ASN1_INTEGER_new();
    if (constraints->pathlen == nullptr || ASN1_INTEGER_set(constraints->pathlen, 0) != 1) {
      return false;
    }
  }
  return AddExtension(certificate, NID_basic_constraints, constraints.get(), true);
}

bool AddKeyUsage(X509& certificate, bool is_ca) {
  // Bit numbers of RFC 5280 §4.2.1.3.
  constexpr int kDigitalSignature = 0;
  constexpr int kKeyCertSign = 5;
  constexpr int kCrlSign = 6;
  const OpenSslHandle<ASN1_BIT_STRING, ASN1_BIT_STRING_free> usage(ASN1_BIT_STRING_new());
  if (usage == nullptr) return false;
  const bool set = is_ca ? ASN1_BIT_STRING_set_bit(usage.get(), kKeyCertSign, 1) == 1 &&
                               ASN1_BIT_STRING_set_bit(usage.get(), kCrlSign, 1) == 1
                         : ASN1_BIT_STRING_set_bit(usage.get(), kDigitalSignature, 1) == 1;
  return set && AddExtension(certificate, NID_key_usage, usage.get(), true);
}

bool AddServerAuth(X509& certificate) {
  const OpenSslHandle<EXTENDED_KEY_USAGE, EXTENDED_KEY_USAGE_free> usage(EXTENDED_KEY_USAGE_new());
  // A static object of OpenSSL's table; freeing it with the stack does nothing.
  ASN1_OBJECT* server_auth = OBJ_nid2obj(NID_server_auth);
  return usage != nullptr && server_auth != nullptr &&
         sk_ASN1_OBJECT_push(usage.get(), server_auth) > 0 &&
         AddExtension(certificate, NID_ext_key_usage, usage.get(), false);
}

bool AddConfigured(X509& certificate, X509* issuer, int nid, const char* value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer == nullptr ? &certificate : issuer, &certificate, nullptr,
                 nullptr, 0);
  const X509ExtensionPtr extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value));
  return extension != nullptr && X509_add_ext(&certificate, extension.get(), -1) == 1;
}

bool AddExtensions(X509& certificate, const CertificateTemplate& wanted, X509* issuer) {
  const bool is_ca = wanted.names == nullptr;
  return AddConstraints(certificate, is_ca) && AddKeyUsage(certificate, is_ca) &&
         (is_ca || AddServerAuth(certificate)) &&
         AddConfigured(certificate, issuer, NID_subject_key_identifier, "hash") &&
         AddConfigured(certificate, issuer, NID_authority_key_identifier, "keyid:always") &&
         (is_ca || AddExtension(certificate, NID_subject_alt_name, wanted.names, false));
}

bool SetSerial(X509& certificate) {
  const BignumPtr number(BN_new());
  return number != nullptr &&
         BN_rand(number.get(), kSerialBits, BN_RAND_TOP_ANY, BN_RAND_BOTTOM_ANY) == 1 &&
         BN_add_word(number.get(), 1) == 1 &&  // never zero
         BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(&certificate)) != nullptr;
}

bool SetSubjectAndIssuer(X509& certificate, const std::string& common_name, X509* issuer) {
  X509_NAME* subject = X509_get_subject_name(&certificate);
  return X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8,
                                    reinterpret_cast<const unsigned char*>(common_name.data()),
                                    static_cast<int>(common_name.size()), -1, 0) == 1 &&
         X509_set_issuer_name(&certificate,
                              issuer == nullptr ? subject : X509_get_subject_name(issuer)) == 1;
}

bool SetTimes(X509& certificate, Timestamp not_before, Timestamp not_after) {
  return ASN1_TIME_set(X509_getm_notBefore(&certificate), not_before.time_since_epoch().count()) !=
             nullptr &&
         ASN1_TIME_set(X509_getm_notAfter(&certificate), not_after.time_since_epoch().count()) !=
             nullptr;
}

}  // namespace

Result<EvpPkeyPtr> NewP256Key() {
  EvpPkeyPtr key(EVP_EC_gen("P-256"));
  if (key == nullptr) return OpenSslFailure(ErrorCode::kInternal, "making a P-256 key");
  return key;
}

Result<GeneralNamesPtr> ToGeneralNames(const SubjectAltNames& names) {
  const size_t count = names.dns_names.size() + names.ip_addresses.size();
  if (count == 0) {
    return Fail(ErrorCode::kInvalidArgument,
                "a server certificate needs at least one DNS name or IP address");
  }
  if (count > kMaxSubjectAltNames) {
    return Fail(ErrorCode::kLimitExceeded, std::to_string(count) +
                                               " names for one certificate; at most " +
                                               std::to_string(kMaxSubjectAltNames));
  }
  GeneralNamesPtr list(GENERAL_NAMES_new());
  if (list == nullptr) return OpenSslFailure(ErrorCode::kInternal, "a list of names");
  for (const std::string& name : names.dns_names) {
    if (!IsDnsName(name)) {
      return Fail(ErrorCode::kInvalidArgument, "\"" + SanitizeLine(name, kMaxDnsNameBytes) +
                                                   "\" is not a DNS name for a certificate");
    }
    if (const Status status = Append(*list, GEN_DNS, name); !status) {
      return tl::unexpected(status.error());
    }
  }
  for (const std::string& address : names.ip_addresses) {
    const std::string bytes = AddressBytes(address);
    if (bytes.empty()) {
      return Fail(ErrorCode::kInvalidArgument, "\"" + SanitizeLine(address, kMaxDnsNameBytes) +
                                                   "\" is not an IPv4 or IPv6 address");
    }
    if (const Status status = Append(*list, GEN_IPADD, bytes); !status) {
      return tl::unexpected(status.error());
    }
  }
  return list;
}

Result<X509Ptr> SignCertificate(const CertificateTemplate& wanted, EVP_PKEY& key, X509* issuer,
                                EVP_PKEY& issuer_key) {
  if (wanted.not_after <= wanted.not_before) {
    return Fail(ErrorCode::kInvalidArgument, "a certificate must end after it begins");
  }
  X509Ptr certificate(X509_new());
  if (certificate == nullptr || X509_set_version(certificate.get(), X509_VERSION_3) != 1 ||
      !SetSerial(*certificate) || !SetTimes(*certificate, wanted.not_before, wanted.not_after) ||
      !SetSubjectAndIssuer(*certificate, wanted.common_name, issuer) ||
      X509_set_pubkey(certificate.get(), &key) != 1 ||
      !AddExtensions(*certificate, wanted, issuer) ||
      X509_sign(certificate.get(), &issuer_key, EVP_sha256()) == 0) {
    return OpenSslFailure(ErrorCode::kInternal, "making a certificate");
  }
  return certificate;
}

}  // namespace plimsoll
