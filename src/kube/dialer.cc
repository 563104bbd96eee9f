#include "kube/dialer.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll::kube {
namespace {

// A socket until somebody takes it over.
class OpenSocket {
 public:
  explicit OpenSocket(int family)
      : socket_(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)) {}
  ~OpenSocket() {
    if (socket_ >= 0) ::close(socket_);
  }
  OpenSocket(const OpenSocket&) = delete;
  OpenSocket& operator=(const OpenSocket&) = delete;
  int get() const { return socket_; }
  int Release() { return std::exchange(socket_, -1); }

 private:
  int socket_;
};

void Set(int socket, int level, int option, int value) {
  static_cast<void>(::setsockopt(socket, level, option, &value, sizeof(value)));
}

// A peer whose machine is gone answers nothing: the kernel asks after 30 s of silence and gives up a minute after that, long
// before a watch would.
void Configure(int socket) {
  Set(socket, IPPROTO_TCP, TCP_NODELAY, 1);
  Set(socket, SOL_SOCKET, SO_KEEPALIVE, 1);
  Set(socket, IPPROTO_TCP, TCP_KEEPIDLE, 30);
  Set(socket, IPPROTO_TCP, TCP_KEEPINTVL, 15);
  Set(socket, IPPROTO_TCP, TCP_KEEPCNT, 4);
}

tl::unexpected<Error> CannotConnect(const std::string& peer, int error) {
  return Fail(ErrorCode::kUnavailable,
              "cannot connect to " + peer + ": " + std::generic_category().message(error));
}

Result<int> ConnectOne(const SocketAddress& address, const std::string& peer,
                       const Patience& patience) {
  OpenSocket socket(address.family());
  if (socket.get() < 0) return CannotConnect(peer, errno);
  Configure(socket.get());
  if (::connect(socket.get(), address.get(), address.size) == 0) return socket.Release();
  if (errno != EINPROGRESS && errno != EINTR) return CannotConnect(peer, errno);
  const Wait wait = WaitForSocket(socket.get(), POLLOUT, patience);
  if (wait != Wait::kReady) return WaitError(wait, "connecting to " + peer);
  int error = 0;
  socklen_t size = sizeof(error);
  if (::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) error = errno;
  if (error != 0) return CannotConnect(peer, error);
  return socket.Release();
}

// One address after the other; each gets its share of the time that is left.
Result<int> ConnectAny(const std::vector<SocketAddress>& addresses, const std::string& peer,
                       const Patience& patience) {
  Result<int> socket = Fail(ErrorCode::kUnavailable, "no address of " + peer);
  for (size_t i = 0; i < addresses.size(); ++i) {
    const auto share = patience.left() / static_cast<int64_t>(addresses.size() - i);
    socket = ConnectOne(addresses[i], peer, patience.AtMost(share));
    if (socket || patience.stopped()) break;
  }
  return socket;
}

// "HTTP/1.1 200 Connection established" and headers, up to the empty line.
Status ReadProxyAnswer(Connection& connection, const Patience& patience) {
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

Status OpenTunnel(Connection& connection, const std::string& target,
                  const std::string& authorization, const Patience& patience) {
  std::string request = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!authorization.empty()) request += "Proxy-Authorization: " + authorization + "\r\n";
  request += "\r\n";
  if (const Status status = connection.Write(request, patience); !status) return status;
  return ReadProxyAnswer(connection, patience);
}

}  // namespace

Dialed Dial(Resolver& resolver, const Route& route, std::shared_ptr<ssl_ctx_st> tls,
            const Patience& patience) {
  const Patience dialing = patience.AtMost(kDialTimeout);
  const std::string& host = route.proxy ? route.proxy->host : route.server.host;
  const uint16_t port = route.proxy ? route.proxy->port : route.server.port;
  const std::string peer =
      route.proxy ? "proxy " + route.proxy->Authority() : route.server.Authority();
  const Result<std::vector<SocketAddress>> addresses = resolver.Resolve(host, port, dialing);
  if (!addresses) return {nullptr, false, addresses.error()};
  const Result<int> socket = ConnectAny(*addresses, peer, dialing);
  if (!socket) return {nullptr, false, socket.error()};
  Dialed dialed;
  dialed.connection = std::make_unique<Connection>(*socket, route.server.Authority());
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
