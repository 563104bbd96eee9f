// Patience: how long something that waits for a peer may take, and who may end it before.
//
// Thread-safety: one thread. Times are of the monotonic clock.
#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "plimsoll/base/result.h"

namespace plimsoll::net {

// How long a request to stop may go unnoticed; ApiCaller promises a second.
inline constexpr std::chrono::milliseconds kStopInterval{200};

struct Patience {
  using Clock = std::chrono::steady_clock;

  Clock::time_point deadline;
  // The longest wait for the next byte.
  std::chrono::milliseconds silence = std::chrono::hours(24);
  // Asked at least every kStopInterval; true ends it. Null: nobody asks. Must outlive this.
  const std::function<bool()>* stop = nullptr;

  static Patience For(std::chrono::milliseconds time) { return {Clock::now() + time}; }
  // The same, but until `time` from now at most.
  Patience AtMost(std::chrono::milliseconds time) const;
  bool stopped() const { return stop != nullptr && *stop && (*stop)(); }
  std::chrono::milliseconds left() const;
};

enum class Wait { kReady, kDeadline, kSilence, kStopped, kFailed };

// Until the socket can do one of `events` (POLLIN, POLLOUT), or has failed.
Wait WaitForSocket(int socket, short events, const Patience& patience);

// What is to be said when the wait has not ended in kReady: "timed out while <doing>". kStopped is kUnavailable, too: whoever
// asked to stop knows.
tl::unexpected<Error> WaitError(Wait wait, const std::string& doing);

}  // namespace plimsoll::net
