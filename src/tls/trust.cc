#include "plimsoll/tls/trust.h"

#include <utility>

#include "plimsoll/tls/openssl_handles.h"
#include "plimsoll/tls/openssl_error.h"
#include "plimsoll/tls/x509_text.h"

namespace plimsoll {
namespace {

using StorePtr = OpenSslHandle<X509_STORE, X509_STORE_free>;
using StoreContextPtr = OpenSslHandle<X509_STORE_CTX, X509_STORE_CTX_free>;

// Frees the stack, not the certificates in it.
struct StackDeleter {
  void operator()(STACK_OF(X509) * stack) const { sk_X509_free(stack); }
};
using StackPtr = std::unique_ptr<STACK_OF(X509), StackDeleter>;

Status Prepare(X509_STORE_CTX& context, const std::string& dns_name, Timestamp now) {
  X509_VERIFY_PARAM* parameters = X509_STORE_CTX_get0_param(&context);
  X509_VERIFY_PARAM_set_time(parameters, static_cast<time_t>(now.time_since_epoch().count()));
  X509_VERIFY_PARAM_set_hostflags(
      parameters, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT | X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (X509_STORE_CTX_set_purpose(&context, X509_PURPOSE_SSL_SERVER) != 1 ||
      X509_VERIFY_PARAM_set1_host(parameters, dns_name.data(), dns_name.size()) != 1) {
    return OpenSslFailure(ErrorCode::kInternal, "verifying a certificate");
  }
  return {};
}

}  // namespace

Result<std::vector<Certificate>> SplitCertificates(std::string_view pem) {
  const Result<std::vector<X509Ptr>> certificates = CertificatesFromPem(pem);
  if (!certificates) return tl::unexpected(certificates.error());
  std::vector<Certificate> out;
  out.reserve(certificates->size());
  for (const X509Ptr& certificate : *certificates) {
    Result<std::string> text = ToPem(*certificate);
    if (!text) return tl::unexpected(text.error());
    Result<CertificateInfo> info = InspectCertificate(*text);
    if (!info) return tl::unexpected(info.error());
    out.push_back({*std::move(text), *std::move(info)});
  }
  return out;
}

Status VerifyServerCertificate(std::string_view chain, std::string_view roots,
                               const std::string& dns_name, Timestamp now) {
  const Result<std::vector<X509Ptr>> sent = CertificatesFromPem(chain);
  if (!sent) return tl::unexpected(sent.error());
  const Result<std::vector<X509Ptr>> trusted = CertificatesFromPem(roots);
  if (!trusted) return tl::unexpected(trusted.error());
  const StorePtr store(X509_STORE_new());
  const StackPtr intermediates(sk_X509_new_null());
  const StoreContextPtr context(X509_STORE_CTX_new());
  if (store == nullptr || intermediates == nullptr || context == nullptr) {
    return OpenSslFailure(ErrorCode::kInternal, "verifying a certificate");
  }
  for (const X509Ptr& root : *trusted) X509_STORE_add_cert(store.get(), root.get());
  for (size_t i = 1; i < sent->size(); ++i) sk_X509_push(intermediates.get(), (*sent)[i].get());
  if (X509_STORE_CTX_init(context.get(), store.get(), sent->front().get(), intermediates.get()) !=
      1) {
    return OpenSslFailure(ErrorCode::kInternal, "verifying a certificate");
  }
  if (Status ready = Prepare(*context, dns_name, now); !ready) return ready;
  if (X509_verify_cert(context.get()) == 1) return {};
  return Fail(ErrorCode::kInvalidArgument,
              "the certificate for " + dns_name + " is not accepted: " +
                  X509_verify_cert_error_string(X509_STORE_CTX_get_error(context.get())));
}

}  // namespace plimsoll
