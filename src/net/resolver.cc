#include "plimsoll/net/resolver.h"

#include <netdb.h>

#include <algorithm>
#include <condition_variable>
#include <cstring>
#include <optional>
#include <system_error>
#include <thread>

namespace plimsoll::net {
namespace {

using Answer = Result<std::vector<SocketAddress>>;

Answer LookUp(const std::string& host, uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = ::getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (error != 0) {
    return Fail(error == EAI_NONAME ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                "cannot resolve the name " + host + ": " + ::gai_strerror(error));
  }
  std::vector<SocketAddress> addresses;
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    SocketAddress address;
    if (entry->ai_addrlen > sizeof(address.storage)) continue;
    std::memcpy(&address.storage, entry->ai_addr, entry->ai_addrlen);
    address.size = entry->ai_addrlen;
    addresses.push_back(address);
  }
  ::freeaddrinfo(found);
  if (addresses.empty()) return Fail(ErrorCode::kNotFound, "the name " + host + " has no address");
  return addresses;
}

}  // namespace

struct Resolver::Lookup {
  std::mutex mutex;
  std::condition_variable done;
  std::optional<Answer> answer;
};

std::shared_ptr<Resolver::Lookup> Resolver::Join(const std::string& host, uint16_t port) {
  const std::lock_guard lock(mutex_);
  std::shared_ptr<Lookup>& entry = running_[host + ":" + std::to_string(port)];
  if (entry != nullptr) {
    const std::lock_guard inner(entry->mutex);
    if (!entry->answer) return entry;
  }
  entry = std::make_shared<Lookup>();
  try {
    std::thread([lookup = entry, host, port] {
      Answer answer = LookUp(host, port, AI_ADDRCONFIG);
      const std::lock_guard inner(lookup->mutex);
      lookup->answer = std::move(answer);
      lookup->done.notify_all();
    }).detach();
  } catch (const std::system_error& error) {
    entry->answer = Fail(ErrorCode::kUnavailable,
                         std::string("no thread to resolve a name in: ") + error.what());
  }
  return entry;
}

Result<std::vector<SocketAddress>> Resolver::Resolve(const std::string& host, uint16_t port,
                                                     const Patience& patience) {
  Answer numeric = LookUp(host, port, AI_NUMERICHOST);
  if (numeric) return numeric;
  const std::shared_ptr<Lookup> lookup = Join(host, port);
  std::unique_lock lock(lookup->mutex);
  while (true) {
    if (const std::optional<Answer>& answer = lookup->answer) return *answer;
    if (patience.stopped()) return WaitError(Wait::kStopped, "resolving the name " + host);
    const auto now = Patience::Clock::now();
    if (now >= patience.deadline) return WaitError(Wait::kDeadline, "resolving the name " + host);
    lookup->done.wait_until(lock, std::min(patience.deadline, now + kStopInterval));
  }
}

}  // namespace plimsoll::net
