// CredentialSource: who we are, as of now: headers and a client certificate, from whatever a kubeconfig or a pod has.
//
// Thread-safety: all methods from any thread. Errors name files and fields, never what is in them. Semantics: client-go
// transport/token_source.go: a file that cannot be read again leaves the last good token in use.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "kube/exec_plugin.h"
#include "kube/small_file.h"
#include "plimsoll/base/result.h"
#include "plimsoll/kube/cluster_config.h"
#include "plimsoll/net/patience.h"
#include "plimsoll/tls/certificate.h"

namespace plimsoll::kube {

struct Identity {
  std::string authorization;  // the header's value; "" for none
  KeyPairPem client;          // empty: no client certificate
  uint64_t version = 0;       // of the credentials; another where they may be others
};

class CredentialSource {
 public:
  // `exec_info`: see ExecSource. `clock` may be null.
  CredentialSource(Credentials credentials, std::string exec_info, const Clock* clock,
                   std::chrono::milliseconds file_max_age);

  Result<Identity> Get(const net::Patience& patience);
  // The server has refused an identity. True if the next Get may give another.
  bool Refused(const Identity& identity);

  // Impersonation, the same for every request.
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }

 private:
  Status ReadFiles(std::chrono::milliseconds max_age);
  Status ReadToken(std::chrono::milliseconds max_age);
  Status ReadClientCertificate(std::chrono::milliseconds max_age);

  const Credentials credentials_;
  const std::chrono::milliseconds file_max_age_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::unique_ptr<ExecSource> exec_;  // null: none, or a token or a password that goes before it

  std::mutex mutex_;
  RenewedFile token_file_;
  RenewedFile certificate_file_;
  RenewedFile key_file_;
  std::string token_;
  KeyPairPem client_;
  uint64_t version_ = 0;
};

}  // namespace plimsoll::kube
