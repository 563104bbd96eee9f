// What a certificate says, as a value, and whether it is time to replace it.
//
// Pure: PEM text in, values out; time is an argument. Thread-safety: functions and value types. Semantics: RFC 5280.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"

namespace plimsoll {

// A bundle carries an old and a new CA while one replaces the other; a chain a few intermediates. Hundreds are a system
// trust store given by mistake.
inline constexpr size_t kMaxCertificatesInBundle = 64;

// Who a server certificate is for. Clients compare these and nothing else: a common name is ignored (Go since 1.15).
struct SubjectAltNames {
  std::vector<std::string> dns_names;     // "plimsoll.plimsoll.svc", "*.example.org"
  std::vector<std::string> ip_addresses;  // "127.0.0.1", "::1"
  friend bool operator==(const SubjectAltNames&, const SubjectAltNames&) = default;
};

// A certificate (or a chain, leaf first) and its private key, both PEM. The key is a secret: mode 0600, never logged.
struct KeyPairPem {
  std::string certificate;
  std::string private_key;
  friend bool operator==(const KeyPairPem&, const KeyPairPem&) = default;
};

struct CertificateInfo {
  std::string subject;  // RFC 2253, such as "CN=plimsoll-controller"
  std::string issuer;
  std::string serial;  // hexadecimal
  Timestamp not_before;
  Timestamp not_after;  // the last second at which it is valid
  SubjectAltNames names;
  // Hexadecimal; "" where the extension is missing. A leaf's authority is the CA whose subject key id it names.
  std::string subject_key_id;
  std::string authority_key_id;
  std::string sha256;  // of the DER form, hexadecimal
  bool is_ca = false;
  friend bool operator==(const CertificateInfo&, const CertificateInfo&) = default;
};

// The first certificate of the text (of a chain: the leaf). Text around PEM blocks is skipped, as OpenSSL does.
Result<CertificateInfo> InspectCertificate(std::string_view pem);
// All of them, at least one.
Result<std::vector<CertificateInfo>> InspectCertificates(std::string_view pem);

enum class RotationReason {
  kNone,
  kNotYetValid,  // or the clock is wrong
  kExpired,
  kExpiresSoon,   // two thirds of its life are over
  kNamesDiffer,   // a name that is wanted is missing
  kIssuerDiffers  // made by another CA than the one that signs now
};
// "", "not yet valid", "expired", "two thirds of its life are over", ...
std::string_view RotationReasonText(RotationReason reason);

// Whether `certificate` should be replaced at `now`. The last third of its life is what is left to notice and repair a
// rotation that fails (cert-manager rotates at the same point). `issuer` may be null: then any will do. Names beyond the
// wanted ones do no harm.
RotationReason NeedsRotation(const CertificateInfo& certificate, Timestamp now,
                             const SubjectAltNames& wanted,
                             const CertificateInfo* issuer = nullptr);

// For a CA: the same without names and issuer.
RotationReason NeedsRotation(const CertificateInfo& certificate, Timestamp now);

}  // namespace plimsoll
