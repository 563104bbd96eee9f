// KeySet: keys that have been met, by their hash. Asked on every review, so it has no lock and never grows: full, it forgets
// to remember, and its user does some work again.
//
// Thread-safety: all methods from any thread. A key that was never added may seem to be there with a chance of one in 2^64 for
// each key that is.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace plimsoll::controller {

class KeySet {
 public:
  bool Contains(uint64_t hash) const {
    for (size_t step = 0; step < kSteps; ++step) {
      const uint64_t there = slots_[Place(hash, step)].load(std::memory_order_relaxed);
      if (there == Name(hash)) return true;
      if (there == 0) return false;
    }
    return false;
  }

  void Add(uint64_t hash) {
    for (size_t step = 0; step < kSteps; ++step) {
      uint64_t there = 0;
      if (slots_[Place(hash, step)].compare_exchange_strong(there, Name(hash),
                                                            std::memory_order_relaxed) ||
          there == Name(hash)) {
        return;
      }
    }
  }

 private:
  // Twice the workloads of a large cluster; 1 MiB.
  static constexpr size_t kSlots = size_t{1} << 17U;
  static constexpr size_t kSteps = 16;

  static size_t Place(uint64_t hash, size_t step) { return (hash + step) & (kSlots - 1); }
  static uint64_t Name(uint64_t hash) { return hash == 0 ? 1 : hash; }

  std::vector<std::atomic<uint64_t>> slots_ = std::vector<std::atomic<uint64_t>>(kSlots);
};

}  // namespace plimsoll::controller
