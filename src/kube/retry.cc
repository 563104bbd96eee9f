#include "kube/retry.h"

#include <algorithm>
#include <charconv>

namespace plimsoll::kube {
namespace {

std::chrono::milliseconds UpTo(std::chrono::milliseconds time, std::mt19937_64& random) {
  return std::chrono::milliseconds(
      std::uniform_int_distribution<std::chrono::milliseconds::rep>(0, time.count())(random));
}

}  // namespace

std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view value) {
  int seconds = 0;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
  if (error != std::errc() || end != value.data() + value.size() || seconds < 0) {
    return std::nullopt;
  }
  return std::chrono::seconds(seconds);
}

std::chrono::milliseconds WithJitter(std::chrono::seconds retry_after, std::mt19937_64& random) {
  const std::chrono::milliseconds wait =
      std::max<std::chrono::milliseconds>(retry_after, kMinRetryWait);
  return wait + UpTo(wait / 4, random);
}

std::chrono::milliseconds Backoff::Next(Clock::time_point now, std::mt19937_64& random) {
  if (last_ && now - *last_ > reset_) next_ = first_;
  last_ = now;
  const std::chrono::milliseconds wait = next_ + UpTo(next_, random);
  next_ = std::min(next_ * 2, max_);
  return wait;
}

}  // namespace plimsoll::kube
