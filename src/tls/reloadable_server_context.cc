#include "plimsoll/tls/reloadable_server_context.h"

#include <openssl/err.h>

#include <array>
#include <utility>

#include "plimsoll/tls/openssl_error.h"
#include "plimsoll/tls/openssl_handles.h"
#include "plimsoll/tls/x509_text.h"

namespace plimsoll {
namespace {

// What the API server's client (Go's crypto/tls) offers for TLS 1.2, less CBC and static RSA. TLS 1.3 has good ones only.
constexpr const char* kTls12Ciphers = "ECDHE+AESGCM:ECDHE+CHACHA20";

// ALPN's wire form: length, name. HTTP/2 is not offered: the API server pins http/1.1 for services, and would take h2 for
// URLs if it could.
constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

int SelectHttp11(SSL* /*ssl*/, const unsigned char** chosen, unsigned char* chosen_size,
                 const unsigned char* offered, unsigned offered_size, void* /*context*/) {
  unsigned char* match = nullptr;
  if (SSL_select_next_proto(&match, chosen_size, kHttp11.data(), kHttp11.size(), offered,
                            offered_size) != OPENSSL_NPN_NEGOTIATED) {
    // RFC 7301: no_application_protocol, rather than bytes of a protocol the client will not read.
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *chosen = match;
  return SSL_TLSEXT_ERR_OK;
}

Result<SslCtxPtr> NewContext() {
  SslCtxPtr context(SSL_CTX_new(TLS_server_method()));
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_cipher_list(context.get(), kTls12Ciphers) != 1) {
    return OpenSslFailure(ErrorCode::kInternal, "TLS settings");
  }
  // IGNORE_UNEXPECTED_EOF: many clients close TCP without close_notify. HTTP frames its messages, so a cut body is
  // noticed without it.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_IGNORE_UNEXPECTED_EOF);
  // RELEASE_BUFFERS: an idle connection holds no record buffers (34 KiB each). The write modes let a caller go on with
  // what a full socket did not take.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_NONE, nullptr);
  // Tickets are kept by the client; a cache would be memory that strangers fill.
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(context.get(), 1);
  SSL_CTX_set_alpn_select_cb(context.get(), SelectHttp11, nullptr);
  return context;
}

Status UsePair(SSL_CTX& context, const KeyPairPem& pair, const CertificateInfo& info) {
  const Result<std::vector<X509Ptr>> chain = CertificatesFromPem(pair.certificate);
  if (!chain) return tl::unexpected(chain.error());
  const Result<EvpPkeyPtr> key = PrivateKeyFromPem(pair.private_key);
  if (!key) return tl::unexpected(key.error());
  ERR_clear_error();
  if (SSL_CTX_use_certificate(&context, chain->front().get()) != 1) {
    return OpenSslFailure(ErrorCode::kInvalidArgument, "the certificate of " + info.subject);
  }
  if (SSL_CTX_use_PrivateKey(&context, key->get()) != 1 ||
      SSL_CTX_check_private_key(&context) != 1) {
    return OpenSslFailure(ErrorCode::kInvalidArgument,
                          "the private key does not belong to the certificate of " + info.subject);
  }
  for (size_t i = 1; i < chain->size(); ++i) {
    if (SSL_CTX_add1_chain_cert(&context, (*chain)[i].get()) != 1) {
      return OpenSslFailure(ErrorCode::kInvalidArgument,
                            "certificate " + std::to_string(i + 1) + " of the chain");
    }
  }
  return {};
}

}  // namespace

Result<std::unique_ptr<ReloadableServerContext>> ReloadableServerContext::Create(
    const KeyPairPem& pair) {
  std::unique_ptr<ReloadableServerContext> created(new ReloadableServerContext);
  if (const Status status = created->Reload(pair); !status) return tl::unexpected(status.error());
  return created;
}

Status ReloadableServerContext::Reload(const KeyPairPem& pair) {
  Result<CertificateInfo> info = InspectCertificate(pair.certificate);
  if (!info) return tl::unexpected(info.error());
  Result<SslCtxPtr> context = NewContext();
  if (!context) return tl::unexpected(context.error());
  if (const Status status = UsePair(**context, pair, *info); !status) return status;

  std::shared_ptr<ssl_ctx_st> fresh(context->release(), SSL_CTX_free);
  const std::lock_guard lock(mutex_);
  context_.swap(fresh);  // the old one is freed after the lock, or with its last connection
  info_ = *std::move(info);
  return {};
}

std::shared_ptr<ssl_ctx_st> ReloadableServerContext::Current() const {
  const std::lock_guard lock(mutex_);
  return context_;
}

CertificateInfo ReloadableServerContext::info() const {
  const std::lock_guard lock(mutex_);
  return info_;
}

}  // namespace plimsoll
