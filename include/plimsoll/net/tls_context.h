// The TLS settings of a client: whom it trusts and how it proves who it is.
//
// TLS 1.2 and 1.3, HTTP/1.1 by ALPN, the name verified against subject alternative names alone. Every certificate given as a
// CA is an anchor, as in Go, also one that another has signed.
//
// Thread-safety: functions; a context may be shared by connections of any threads. Errors say which part is unusable.
#pragma once

#include <memory>
#include <string>

#include "plimsoll/base/result.h"
#include "plimsoll/tls/certificate.h"

// OpenSSL's SSL_CTX, without its headers.
struct ssl_ctx_st;

namespace plimsoll::net {

// A system's trust store has 140 certificates.
inline constexpr size_t kMaxCaCertificates = 1000;

struct TlsSettings {
  std::string ca;  // PEM; "" for the system's roots
  bool verify = true;
  KeyPairPem client;  // empty: no client certificate
};

Result<std::shared_ptr<ssl_ctx_st>> MakeTlsContext(const TlsSettings& settings);

}  // namespace plimsoll::net
