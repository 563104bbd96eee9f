// Between OpenSSL's objects and our values: PEM, addresses, times.
//
// Thread-safety: functions without state; what they return belongs to the caller. Errors name what could not be read and
// never quote it: a key is a secret.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/tls/certificate.h"
#include "plimsoll/tls/openssl_handles.h"

namespace plimsoll {

// At least one certificate, in the order of the text. Errors say which of them cannot be read.
Result<std::vector<X509Ptr>> CertificatesFromPem(std::string_view pem,
                                                 size_t max = kMaxCertificatesInBundle);
// An unencrypted private key. Never asks for a passphrase on a terminal.
Result<EvpPkeyPtr> PrivateKeyFromPem(std::string_view pem);

Result<std::string> ToPem(const X509& certificate);
Result<std::string> ToPem(const EVP_PKEY& key);  // PKCS #8

Result<Timestamp> TimeFromAsn1(const ASN1_TIME& time);

// The 4 or 16 bytes of an address; "" if `text` is none.
std::string AddressBytes(const std::string& text);
// The inverse, in canonical spelling.
std::string AddressText(std::string_view bytes);

}  // namespace plimsoll
