#include "kube/dialer.h"

#include <array>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/net/connect.h"

namespace plimsoll::kube {
namespace {

// "HTTP/1.1 200 Connection established" and headers, up to the empty line.
Status ReadProxyAnswer(net::Connection& connection, const net::Patience& patience) {
  std::string answer;
  while (answer.find("\r\n\r\n") == std::string::npos) {
    if (answer.size() >= kMaxProxyAnswerBytes) {
      return Fail(ErrorCode::kUnavailable, "the proxy's answer has no end");
    }
    std::array<char, 1024> piece{};
    const Result<size_t> got = connection.Read(piece.data(), piece.size(), patience);
    if (!got) return tl::unexpected(got.error());
    if (*got == 0) return Fail(ErrorCode::kUnavailable, "the proxy closed the connection");
    answer.append(piece.data(), *got);
  }
  const std::string_view line = std::string_view(answer).substr(0, answer.find("\r\n"));
  const bool http = line.starts_with("HTTP/1.0 ") || line.starts_with("HTTP/1.1 ");
  if (!http || line.substr(9, 1) != "2") {
    constexpr size_t kMaxShown = 200;
    return Fail(ErrorCode::kUnavailable,
                "the proxy refused the tunnel: " + SanitizeLine(line, kMaxShown));
  }
  if (!answer.ends_with("\r\n\r\n") || answer.find("\r\n\r\n") + 4 != answer.size()) {
    return Fail(ErrorCode::kUnavailable, "the proxy sent something before the server could");
  }
  return {};
}

Status OpenTunnel(net::Connection& connection, const std::string& target,
                  const std::string& authorization, const net::Patience& patience) {
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!authorization.empty()) request += "Proxy-Authorization: " + authorization + "\r\n";
  request += "\r\n";
  if (const Status status = connection.Write(request, patience); !status) return status;
  return ReadProxyAnswer(connection, patience);
}

}  // namespace

Dialed Dial(net::Resolver& resolver, const Route& route, std::shared_ptr<ssl_ctx_st> tls,
            const net::Patience& patience) {
  const net::Patience dialing = patience.AtMost(kDialTimeout);
  const std::string& host = route.proxy ? route.proxy->host : route.server.host;
  const uint16_t port = route.proxy ? route.proxy->port : route.server.port;
  const std::string peer =
      route.proxy ? "proxy " + route.proxy->Authority() : route.server.Authority();
  const Result<std::vector<net::SocketAddress>> addresses = resolver.Resolve(host, port, dialing);
  if (!addresses) return {nullptr, false, addresses.error()};
  const Result<int> socket = net::ConnectAny(*addresses, peer, dialing);
  if (!socket) return {nullptr, false, socket.error()};
  Dialed dialed;
  dialed.connection = std::make_unique<net::Connection>(*socket, route.server.Authority());
  Status status;
  if (tls != nullptr && route.proxy) {
    status = OpenTunnel(*dialed.connection, route.server.Authority(), route.proxy->authorization,
                        dialing);
    if (!status) status = Fail(status.error().code, status.error().message + " (" + peer + ")");
  }
  if (status && tls != nullptr) {
    status = dialed.connection->StartTls(std::move(tls), route.server_name, dialing);
  }
  if (!status) {
    dialed.distrusted = dialed.connection->distrusted();
    dialed.error = status.error();
    dialed.connection.reset();
  }
  return dialed;
}

}  // namespace plimsoll::kube
