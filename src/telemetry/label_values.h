// The values of one label, bounded: the first so many keep their name, later ones are "other", an empty one is "none".
//
// Thread-safety: every method from any thread; known values are found without a lock.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <string>
#include <string_view>

#include "plimsoll/base/text.h"
#include "plimsoll/telemetry/metrics.h"
#include "telemetry/bounded_table.h"

namespace plimsoll {

inline constexpr std::string_view kOtherLabel = "other";
inline constexpr std::string_view kNoLabel = "none";

class LabelValues {
 public:
  explicit LabelValues(size_t max_values) : values_(max_values) {}

  std::string_view Bounded(std::string_view text) {
    if (text.empty()) return kNoLabel;
    const std::string* found = nullptr;
    if (IsPlain(text)) {
      found = values_.FindOrAdd(text, [&] { return std::string(text); });
    } else {
      const std::string clean = SanitizeLine(text, kMaxLabelValueBytes);
      found = values_.FindOrAdd(clean, [&] { return std::string(clean); });
    }
    if (found != nullptr) return *found;
    overflowed_.store(true, std::memory_order_relaxed);
    return kOtherLabel;
  }

  bool overflowed() const { return overflowed_.load(std::memory_order_relaxed); }

 private:
  static bool IsPlain(std::string_view text) {
    return text.size() <= kMaxLabelValueBytes &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7F; });
  }

  BoundedTable<std::string> values_;
  std::atomic<bool> overflowed_{false};
};

}  // namespace plimsoll
