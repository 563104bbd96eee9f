// Transport: one request and its answer, over a kept connection or a new one, as who we are.
//
// Thread-safety: all methods from any thread.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "kube/connection_pool.h"
#include "kube/credential_source.h"
#include "kube/dialer.h"
#include "kube/tls_source.h"
#include "plimsoll/base/result.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/net/http_exchange.h"
#include "plimsoll/net/patience.h"

namespace plimsoll::kube {

std::string_view MethodName(ApiMethod method);

class Transport {
 public:
  // Reads CA and credentials, as ApiClient::Create says.
  static Result<std::unique_ptr<Transport>> Create(const ClusterConfig& config,
                                                   std::string user_agent,
                                                   const ApiClientOptions& options);

  Result<Identity> Identify(const net::Patience& patience) { return credentials_.Get(patience); }
  // The server has answered 401. True if it is worth asking again with what Identify gives now.
  bool Refused(const Identity& identity);

  // See Exchange. A kept connection that turns out to be closed is replaced by a new one where that does no harm.
  net::HttpExchange Send(const ApiRequest& request, const Identity& identity,
                         net::Patience& patience,
                         const std::function<bool(const net::HttpHead&)>& on_head,
                         const std::function<bool(std::string_view)>& on_body);

 private:
  Transport(const ClusterConfig& config, std::string user_agent, const ApiClientOptions& options,
            Route route);

  struct Lease {
    std::unique_ptr<net::Connection> connection;
    bool kept = false;
    Error error;  // where there is no connection
  };
  enum class Kept { kAllowed, kNotAllowed };
  Lease Acquire(const Identity& identity, const net::Patience& patience, Kept kept);
  net::HttpRequest Describe(const ApiRequest& request, const Identity& identity) const;

  const std::string user_agent_;
  const Route route_;
  TlsSource tls_;
  CredentialSource credentials_;
  net::Resolver resolver_;
  ConnectionPool pool_;
};

}  // namespace plimsoll::kube
