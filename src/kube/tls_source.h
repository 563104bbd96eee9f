// TlsSource: the TLS settings that hold now: the CA from a file that may change, the client certificate of an identity.
//
// Thread-safety: all methods from any thread. Contexts live on with the connections made with them.
#pragma once

#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "kube/small_file.h"
#include "plimsoll/base/result.h"
#include "plimsoll/kube/cluster_config.h"
#include "plimsoll/net/tls_context.h"
#include "plimsoll/tls/certificate.h"

namespace plimsoll::kube {

class TlsSource {
 public:
  TlsSource(const ClusterConfig& config, std::chrono::milliseconds file_max_age);

  // The same context as before while nothing has changed.
  Result<std::shared_ptr<ssl_ctx_st>> Get(const KeyPairPem& client);
  // A server was not trusted. True if the CA file has changed, so that trying again may help.
  bool Distrusted();

  // For exec plugins.
  Result<std::string> ca();

 private:
  Status ReadCa(std::chrono::milliseconds max_age);

  const bool verify_;
  const std::chrono::milliseconds file_max_age_;
  std::mutex mutex_;
  RenewedFile ca_file_;
  std::string ca_;             // the last good one; "" for the system's roots
  net::TlsSettings settings_;  // of context_
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace plimsoll::kube
