#include "kube/credential_source.h"

#include <optional>

#include "kube/credential_text.h"
#include "plimsoll/base/text.h"
#include "plimsoll/kube/base64.h"
#include "plimsoll/kube/resources.h"
#include "plimsoll/tls/x509_text.h"

namespace plimsoll::kube {
namespace {

std::vector<std::pair<std::string, std::string>> ImpersonationHeaders(
    const Credentials& credentials) {
  std::vector<std::pair<std::string, std::string>> headers;
  if (!credentials.impersonate_user.empty()) {
    headers.emplace_back("Impersonate-User", credentials.impersonate_user);
  }
  if (!credentials.impersonate_uid.empty()) {
    headers.emplace_back("Impersonate-Uid", credentials.impersonate_uid);
  }
  for (const std::string& group : credentials.impersonate_groups) {
    headers.emplace_back("Impersonate-Group", group);
  }
  for (const auto& [key, value] : credentials.impersonate_extra) {
    headers.emplace_back("Impersonate-Extra-" + PercentEncode(ToLowerAscii(key)), value);
  }
  return headers;
}

RenewedFile FileOr(const std::string& path, const std::string& what, const std::string& text) {
  return path.empty() ? RenewedFile::Fixed(text) : RenewedFile(path, what);
}

// A certificate and its key are written one after the other: a pair that does not match is one half-way.
Status CheckPair(const KeyPairPem& pair) {
  const Result<std::vector<X509Ptr>> chain = CertificatesFromPem(pair.certificate);
  if (!chain) return Fail(chain.error().code, "client-certificate: " + chain.error().message);
  const Result<EvpPkeyPtr> key = PrivateKeyFromPem(pair.private_key);
  if (!key) return Fail(key.error().code, "client-key: " + key.error().message);
  if (X509_check_private_key(chain->front().get(), key->get()) == 1) return {};
  return Fail(ErrorCode::kInvalidArgument, "client-key does not belong to client-certificate");
}

}  // namespace

CredentialSource::CredentialSource(Credentials credentials, std::string exec_info,
                                   const Clock* clock, std::chrono::milliseconds file_max_age)
    : credentials_(std::move(credentials)),
      file_max_age_(file_max_age),
      headers_(ImpersonationHeaders(credentials_)),
      token_file_(FileOr(credentials_.token_file, "token file", "")),
      certificate_file_(FileOr(credentials_.client_certificate_file, "client certificate",
                               credentials_.client_certificate)),
      key_file_(FileOr(credentials_.client_key_file, "client key", credentials_.client_key)),
      token_(credentials_.token) {
  const bool other = !credentials_.token.empty() || !credentials_.token_file.empty() ||
                     !credentials_.username.empty() || !credentials_.password.empty();
  if (credentials_.exec && !other) {
    exec_ = std::make_unique<ExecSource>(*credentials_.exec, std::move(exec_info), clock);
  }
}

Status CredentialSource::ReadToken(std::chrono::milliseconds max_age) {
  const Result<bool> changed = token_file_.Renew(max_age);
  if (!changed) return token_.empty() ? Status(tl::unexpected(changed.error())) : Status();
  if (!*changed) return {};
  Result<std::string> token = TokenFromText(token_file_.text(), "token file " + token_file_.path());
  if (!token) return token_.empty() ? Status(tl::unexpected(token.error())) : Status();
  if (*token != token_) ++version_;
  token_ = *std::move(token);
  return {};
}

Status CredentialSource::ReadClientCertificate(std::chrono::milliseconds max_age) {
  const bool usable = !client_.certificate.empty();
  for (RenewedFile* file : {&certificate_file_, &key_file_}) {
    const Result<bool> changed = file->Renew(max_age);
    if (!changed && !usable) return tl::unexpected(changed.error());
  }
  KeyPairPem fresh{certificate_file_.text(), key_file_.text()};
  if (fresh == client_) return {};
  if (const Status status = CheckPair(fresh); !status) return usable ? Status() : status;
  client_ = std::move(fresh);
  ++version_;
  return {};
}

Status CredentialSource::ReadFiles(std::chrono::milliseconds max_age) {
  if (const Status status = ReadToken(max_age); !status) return status;
  return ReadClientCertificate(max_age);
}

Result<Identity> CredentialSource::Get(const net::Patience& patience) {
  std::optional<ExecSource::Current> plugin;
  if (exec_ != nullptr) {
    Result<ExecSource::Current> current = exec_->Get(patience);
    if (!current) return tl::unexpected(current.error());
    plugin = *std::move(current);
  }
  const std::lock_guard lock(mutex_);
  if (const Status status = ReadFiles(file_max_age_); !status) {
    return tl::unexpected(status.error());
  }
  Identity identity{"", client_, version_};
  if (plugin) {
    const ExecCredential& credential = plugin->credential;
    if (!credential.token.empty()) identity.authorization = "Bearer " + credential.token;
    if (!credential.client.certificate.empty()) identity.client = credential.client;
    identity.version = plugin->version;
  } else if (!token_.empty()) {
    identity.authorization = "Bearer " + token_;
  } else if (!credentials_.username.empty() || !credentials_.password.empty()) {
    identity.authorization =
        "Basic " + Base64Encode(credentials_.username + ":" + credentials_.password);
  }
  return identity;
}

bool CredentialSource::Refused(const Identity& identity) {
  if (exec_ != nullptr) {
    exec_->Refused(identity.version);
    return true;
  }
  const std::lock_guard lock(mutex_);
  // What cannot be read now can be read later; the last good credentials stay.
  static_cast<void>(ReadFiles(std::chrono::milliseconds(0)));
  return version_ != identity.version;
}

}  // namespace plimsoll::kube
