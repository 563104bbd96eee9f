// ReloadableServerContext: the TLS settings and the certificate a listener serves with, replaceable while it serves.
//
// A new handshake takes what Current() gives; connections that are open keep the context they began with and are not
// disturbed. TLS 1.2 and 1.3, ECDHE with AEAD only, ALPN http/1.1 only, no compression, no renegotiation, client
// certificates neither asked for nor looked at. Sessions resume by tickets, whose key lives as long as one context: after a
// reload clients shake hands in full and see the new certificate.
//
// Thread-safety: all methods from any thread. Semantics: OpenSSL's SSL_CTX.
#pragma once

#include <memory>
#include <mutex>

#include "plimsoll/base/result.h"
#include "plimsoll/tls/certificate.h"

// OpenSSL's SSL_CTX, without its headers.
struct ssl_ctx_st;

namespace plimsoll {

class ReloadableServerContext {
 public:
  // `pair`: the server's certificate, after it any intermediates, and its key.
  static Result<std::unique_ptr<ReloadableServerContext>> Create(const KeyPairPem& pair);

  // Serves with `pair` from now on. On an error everything stays as it was.
  Status Reload(const KeyPairPem& pair);

  // Never null.
  std::shared_ptr<ssl_ctx_st> Current() const;
  // Of the certificate served now.
  CertificateInfo info() const;

 private:
  ReloadableServerContext() = default;

  // Held for the copy of a pointer, once a handshake (which costs a thousand times as much), never for a request.
  mutable std::mutex mutex_;
  std::shared_ptr<ssl_ctx_st> context_;
  CertificateInfo info_;
};

}  // namespace plimsoll
