#include "plimsoll/net/tls_context.h"

#include <openssl/err.h>

#include <array>
#include <vector>

#include "plimsoll/tls/openssl_error.h"
#include "plimsoll/tls/openssl_handles.h"
#include "plimsoll/tls/x509_text.h"

namespace plimsoll::net {
namespace {

// ALPN's wire form: length, name. The API server would speak HTTP/2 with whoever does not choose.
constexpr std::array<unsigned char, 9> kHttp11 = {8, 'h', 't', 't', 'p', '/', '1', '.', '1'};

Status TrustCa(SSL_CTX& context, const std::string& ca) {
  if (ca.empty()) {
    if (SSL_CTX_set_default_verify_paths(&context) == 1) return {};
    return OpenSslFailure(ErrorCode::kInternal, "the system's trusted certificates");
  }
  const Result<std::vector<X509Ptr>> certificates = CertificatesFromPem(ca, kMaxCaCertificates);
  if (!certificates) {
    return Fail(certificates.error().code,
                "certificate authority: " + certificates.error().message);
  }
  X509_STORE* store = SSL_CTX_get_cert_store(&context);
  for (const X509Ptr& certificate : *certificates) {
    if (X509_STORE_add_cert(store, certificate.get()) != 1) {
      return OpenSslFailure(ErrorCode::kInvalidArgument, "certificate authority");
    }
  }
  return {};
}

Status UseClientCertificate(SSL_CTX& context, const KeyPairPem& pair) {
  if (pair.certificate.empty() && pair.private_key.empty()) return {};
  const Result<std::vector<X509Ptr>> chain = CertificatesFromPem(pair.certificate);
  if (!chain) return Fail(chain.error().code, "client certificate: " + chain.error().message);
  const Result<EvpPkeyPtr> key = PrivateKeyFromPem(pair.private_key);
  if (!key) return Fail(key.error().code, "client certificate: " + key.error().message);
  ERR_clear_error();
  if (SSL_CTX_use_certificate(&context, chain->front().get()) != 1) {
    return OpenSslFailure(ErrorCode::kInvalidArgument, "client certificate");
  }
  if (SSL_CTX_use_PrivateKey(&context, key->get()) != 1 ||
      SSL_CTX_check_private_key(&context) != 1) {
    return OpenSslFailure(ErrorCode::kInvalidArgument,
                          "the client's key does not belong to its certificate");
  }
  for (size_t i = 1; i < chain->size(); ++i) {
    if (SSL_CTX_add1_chain_cert(&context, (*chain)[i].get()) != 1) {
      return OpenSslFailure(ErrorCode::kInvalidArgument, "client certificate's chain");
    }
  }
  return {};
}

void SetVerification(SSL_CTX& context, bool verify) {
  SSL_CTX_set_verify(&context, verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, nullptr);
  X509_VERIFY_PARAM* parameters = SSL_CTX_get0_param(&context);
  X509_VERIFY_PARAM_set_flags(parameters, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_hostflags(
      parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
}

}  // namespace

Result<std::shared_ptr<ssl_ctx_st>> MakeTlsContext(const TlsSettings& settings) {
  ERR_clear_error();
  std::shared_ptr<ssl_ctx_st> context(SSL_CTX_new(TLS_client_method()), SSL_CTX_free);
  if (context == nullptr || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1 ||
      SSL_CTX_set_alpn_protos(context.get(), kHttp11.data(), kHttp11.size()) != 0) {
    return OpenSslFailure(ErrorCode::kInternal, "TLS settings");
  }
  SSL_CTX_set_options(context.get(), SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SetVerification(*context, settings.verify);
  if (settings.verify) {
    if (const Status status = TrustCa(*context, settings.ca); !status) {
      return tl::unexpected(status.error());
    }
  }
  if (const Status status = UseClientCertificate(*context, settings.client); !status) {
    return tl::unexpected(status.error());
  }
  return context;
}

}  // namespace plimsoll::net
