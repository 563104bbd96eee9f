#include "kube/tls_source.h"

#include <utility>
#include <vector>

#include "plimsoll/tls/x509_text.h"

namespace plimsoll::kube {
namespace {

RenewedFile CaFile(const ClusterConfig& config) {
  return config.ca.empty() && !config.ca_file.empty()
             ? RenewedFile(config.ca_file, "certificate authority")
             : RenewedFile::Fixed(config.ca);
}

}  // namespace

TlsSource::TlsSource(const ClusterConfig& config, std::chrono::milliseconds file_max_age)
    : verify_(!config.insecure_skip_tls_verify),
      file_max_age_(file_max_age),
      ca_file_(CaFile(config)),
      ca_(config.ca) {}

// A file that is missing, empty or half written leaves the last good CA; nothing ever turns into "the system's roots".
Status TlsSource::ReadCa(std::chrono::milliseconds max_age) {
  if (ca_file_.path().empty()) return {};
  const Result<bool> changed = ca_file_.Renew(max_age);
  Status status;
  if (!changed) {
    status = tl::unexpected(changed.error());
  } else if (*changed || ca_.empty()) {
    const Result<std::vector<X509Ptr>> read =
        CertificatesFromPem(ca_file_.text(), net::kMaxCaCertificates);
    if (!read) {
      status = Fail(read.error().code,
                    "certificate authority " + ca_file_.path() + ": " + read.error().message);
    } else {
      ca_ = ca_file_.text();
    }
  }
  return ca_.empty() ? status : Status();
}

Result<std::shared_ptr<ssl_ctx_st>> TlsSource::Get(const KeyPairPem& client) {
  const std::lock_guard lock(mutex_);
  if (const Status status = ReadCa(file_max_age_); !status) return tl::unexpected(status.error());
  if (context_ != nullptr && ca_ == settings_.ca && client == settings_.client) return context_;
  net::TlsSettings wanted{ca_, verify_, client};
  Result<std::shared_ptr<ssl_ctx_st>> fresh = net::MakeTlsContext(wanted);
  if (!fresh) return fresh;
  settings_ = std::move(wanted);
  context_ = *fresh;
  return fresh;
}

bool TlsSource::Distrusted() {
  const std::lock_guard lock(mutex_);
  const std::string before = ca_;
  static_cast<void>(ReadCa(std::chrono::milliseconds(0)));
  return ca_ != before;
}

Result<std::string> TlsSource::ca() {
  const std::lock_guard lock(mutex_);
  if (const Status status = ReadCa(file_max_age_); !status) return tl::unexpected(status.error());
  return ca_;
}

}  // namespace plimsoll::kube
