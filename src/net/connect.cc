#include "plimsoll/net/connect.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace plimsoll::net {
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

}  // namespace

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

}  // namespace plimsoll::net
