// When to try again.
//
// Thread-safety: one thread. Times are durations and points of the monotonic clock, given by the caller. Semantics: client-go
// rest/with_retry.go, tools/cache/reflector.go.
#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <string_view>

namespace plimsoll::kube {

// client-go's number of retries of one request.
inline constexpr int kMaxRetries = 10;
// `Retry-After: 0` is asked for, too, and ten requests at once help nobody.
inline constexpr std::chrono::milliseconds kMinRetryWait{100};

// The header's value in seconds; nothing for a date, which would need a clock that agrees with the server's.
std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value);

// Waiting what the server has asked for, and up to a quarter more, so that those it has turned away together do not come
// back together.
std::chrono::milliseconds WithJitter(std::chrono::seconds retry_after, std::mt19937_64& random);

// Waits that grow: first, twice that, and so on up to `max`, each up to doubled at random; from the beginning again where
// the last one was longer than `reset` ago.
class Backoff {
 public:
  using Clock = std::chrono::steady_clock;
  Backoff(std::chrono::milliseconds first, std::chrono::milliseconds max,
          std::chrono::milliseconds reset)
      : first_(first), max_(max), reset_(reset), next_(first) {}

  std::chrono::milliseconds Next(Clock::time_point now, std::mt19937_64& random);
  // The next trouble is a first one again.
  void Reset() { next_ = first_; }

 private:
  std::chrono::milliseconds first_;
  std::chrono::milliseconds max_;
  std::chrono::milliseconds reset_;
  std::chrono::milliseconds next_;
  std::optional<Clock::time_point> last_;
};

}  // namespace plimsoll::kube
