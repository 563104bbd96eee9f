// Resolver: names to addresses, with a deadline.
//
// getaddrinfo has none and cannot be interrupted: it runs in a thread of its own, which is left behind where it takes too
// long. There is one such thread for a name at most; whoever asks meanwhile waits for the same answer.
//
// Thread-safety: all methods from any thread. Ownership: a thread that is left behind needs nothing of the resolver.
#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/net/patience.h"

namespace plimsoll::net {

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;

  int family() const { return storage.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

class Resolver {
 public:
  // At least one address, in the order to be tried. Numeric hosts need no thread.
  Result<std::vector<SocketAddress>> Resolve(const std::string& host, uint16_t port,
                                             const Patience& patience);

 private:
  struct Lookup;
  std::shared_ptr<Lookup> Join(const std::string& host, uint16_t port);

  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Lookup>> running_;  // by host and port
};

}  // namespace plimsoll::net
