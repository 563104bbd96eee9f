// Builds and signs X.509 certificates, piece by piece with OpenSSL's typed functions: no configuration strings, into
// which a name could smuggle an extension of its own.
#pragma once

#include <string>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/tls/certificate.h"
#include "plimsoll/tls/openssl_handles.h"

namespace plimsoll {

struct CertificateTemplate {
  std::string common_name;
  Timestamp not_before;
  Timestamp not_after;
  // Null: a CA.
  GENERAL_NAMES* names = nullptr;
};

Result<EvpPkeyPtr> NewP256Key();

// Checks and converts; at least one name, at most kMaxSubjectAltNames.
Result<GeneralNamesPtr> ToGeneralNames(const SubjectAltNames& names);

// `issuer` null: self-signed.
Result<X509Ptr> SignCertificate(const CertificateTemplate& wanted, EVP_PKEY& key, X509* issuer,
                                EVP_PKEY& issuer_key);

}  // namespace plimsoll
