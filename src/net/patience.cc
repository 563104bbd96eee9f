#include "plimsoll/net/patience.h"

#include <poll.h>

#include <algorithm>
#include <cerrno>

namespace plimsoll::net {

Patience Patience::AtMost(std::chrono::milliseconds time) const {
  Patience shorter = *this;
  shorter.deadline = std::min(deadline, Clock::now() + time);
  return shorter;
}

std::chrono::milliseconds Patience::left() const {
  const auto time = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
  return std::max(time, std::chrono::milliseconds(0));
}

Wait WaitForSocket(int socket, short events, const Patience& patience) {
  const auto silent_at = Patience::Clock::now() + patience.silence;
  while (true) {
    if (patience.stopped()) return Wait::kStopped;
    const auto now = Patience::Clock::now();
    const auto end = std::min(patience.deadline, silent_at);
    const auto slice = std::chrono::ceil<std::chrono::milliseconds>(
        std::min<Patience::Clock::duration>(end - now, kStopInterval));
    pollfd entry{socket, events, 0};
    const int ready = ::poll(&entry, 1, std::max(0, static_cast<int>(slice.count())));
    if (ready > 0) return (entry.revents & POLLNVAL) != 0 ? Wait::kFailed : Wait::kReady;
    if (ready < 0 && errno != EINTR) return Wait::kFailed;
    if (now >= patience.deadline) return Wait::kDeadline;
    if (now >= silent_at) return Wait::kSilence;
  }
}

tl::unexpected<Error> WaitError(Wait wait, const std::string& doing) {
  switch (wait) {
    case Wait::kDeadline:
      return Fail(ErrorCode::kUnavailable, "timed out while " + doing);
    case Wait::kSilence:
      return Fail(ErrorCode::kUnavailable, "the peer fell silent while " + doing);
    case Wait::kStopped:
      return Fail(ErrorCode::kUnavailable, "stopped while " + doing);
    default:
      return Fail(ErrorCode::kUnavailable, "cannot wait for the socket while " + doing);
  }
}

}  // namespace plimsoll::net
