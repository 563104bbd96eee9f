// What a client does with a bundle of CAs: take it apart, and verify a server's certificate by it.
//
// Pure: PEM text in, values out; time is an argument. Thread-safety: functions. Semantics: RFC 5280 and RFC 6125 as Go's
// crypto/x509 has them: subject alternative names only, a common name is ignored.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/tls/certificate.h"

namespace plimsoll {

// One certificate in PEM, spelled as OpenSSL spells it, and what it says.
struct Certificate {
  std::string pem;
  CertificateInfo info;
  friend bool operator==(const Certificate&, const Certificate&) = default;
};

// The certificates of a bundle in their order; at least one, at most kMaxCertificatesInBundle.
Result<std::vector<Certificate>> SplitCertificates(std::string_view pem);

// Whether a client that trusts `roots` and nothing else accepts `chain` (leaf first, then any intermediates) of the server
// `dns_name` at `now`. The error says why not, in OpenSSL's words.
Status VerifyServerCertificate(std::string_view chain, std::string_view roots,
                               const std::string& dns_name, Timestamp now);

}  // namespace plimsoll
