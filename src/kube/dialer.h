// Dial: a connection to the API server, straight or through a proxy, ready for HTTP.
//
// Thread-safety: functions; the resolver may be shared by threads.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "kube/endpoint.h"
#include "plimsoll/base/result.h"
#include "plimsoll/net/connection.h"
#include "plimsoll/net/patience.h"
#include "plimsoll/net/resolver.h"

namespace plimsoll::kube {

// Of name, connection, proxy and handshake together. client-go gives the connection 30 s and the handshake 10 s; a server
// that needs half of that is not one to work with.
inline constexpr std::chrono::milliseconds kDialTimeout{15'000};
// What a proxy may say before the tunnel stands.
inline constexpr size_t kMaxProxyAnswerBytes = 16 * 1024;

struct Route {
  Endpoint server;
  std::optional<ProxyEndpoint> proxy;
  std::string server_name;  // whom the certificate must be for
};

struct Dialed {
  std::unique_ptr<net::Connection> connection;
  bool distrusted = false;  // the certificate was refused: another CA may be what is needed
  Error error;              // where there is no connection
};

// `tls` is null for plain HTTP; then a proxy gets the requests themselves instead of being asked for a tunnel.
Dialed Dial(net::Resolver& resolver, const Route& route, std::shared_ptr<ssl_ctx_st> tls,
            const net::Patience& patience);

}  // namespace plimsoll::kube
