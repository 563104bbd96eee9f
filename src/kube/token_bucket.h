// TokenBucket: a number of actions at once, then so many a second.
//
// Thread-safety: none. Time is an argument and never goes back (where it does, nothing is refilled).
#pragma once

#include <algorithm>
#include <chrono>

namespace plimsoll::kube {

class TokenBucket {
 public:
  using Time = std::chrono::steady_clock::time_point;
  using Seconds = std::chrono::duration<double>;

  TokenBucket(double per_second, double burst)
      : per_second_(per_second), burst_(std::max(burst, 1.0)), tokens_(burst_) {}

  // Takes a token in any case, if need be one that does not exist yet; returns how long until it does. With no rate at all
  // that is never.
  Seconds Reserve(Time now) {
    Refill(now);
    tokens_ -= 1;
    if (tokens_ >= 0) return Seconds(0);
    return per_second_ > 0 ? Seconds(-tokens_ / per_second_) : Seconds::max();
  }

  // Takes a token where there is one.
  bool Take(Time now) {
    Refill(now);
    if (tokens_ < 1) return false;
    tokens_ -= 1;
    return true;
  }

 private:
  void Refill(Time now) {
    if (now > last_) {
      // An untouched bucket is full, however far its first use is from the clock's beginning.
      const double gained = Seconds(now - last_).count() * std::max(per_second_, 0.0);
      tokens_ = std::min(burst_, tokens_ + gained);
      last_ = now;
    }
  }

  double per_second_;
  double burst_;
  double tokens_;
  Time last_{};
};

}  // namespace plimsoll::kube
