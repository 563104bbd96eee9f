// TextIndex: small numbers filed under the hashes of texts, for look-ups that mostly miss and must then cost one look into
// memory. A look-up may also give numbers of another text whose hash is the same: whoever asks looks at what it is given.
//
// A TextHasher hashes a text piece by piece, so that all beginnings of a name are hashed in one go.
//
// Memory: 16 bytes a slot, two to four slots a text, 4 bytes a number. Thread-safety: immutable after Build.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll {

// FNV-1a with 64 bits, and a mixer. Somebody who makes five thousand names collide (kMaxAlertsPerObject) makes look-ups
// near them read 80 KB, which is microseconds: no reason for a keyed hash.
class TextHasher {
 public:
  TextHasher& Add(char c) {
    state_ = (state_ ^ static_cast<unsigned char>(c)) * kPrime;
    return *this;
  }
  TextHasher& Add(std::string_view text) {
    for (const char c : text) Add(c);
    return *this;
  }
  uint64_t Value() const {
    const uint64_t mixed = (state_ ^ state_ >> 32) * 0x9E3779B97F4A7C15U;
    return mixed ^ mixed >> 29;
  }

 private:
  static constexpr uint64_t kPrime = 1099511628211U;
  uint64_t state_ = 14695981039346656037U;
};

inline uint64_t HashOfText(std::string_view text) { return TextHasher().Add(text).Value(); }

class TextIndex {
 public:
  // Before Build; the same number under the same hash counts once.
  void Add(uint64_t hash, uint32_t number) { filed_.emplace_back(hash, number); }
  void Build();

  // In rising order; empty where there are none.
  std::span<const uint32_t> Find(uint64_t hash) const {
    if (slots_.empty()) return {};
    for (size_t at = hash & mask_;; at = (at + 1) & mask_) {
      const Slot& slot = slots_[at];
      if (slot.count == 0) return {};
      if (slot.hash == hash) return {&numbers_[slot.first], slot.count};
    }
  }
  bool empty() const { return slots_.empty(); }

 private:
  struct Slot {
    uint64_t hash = 0;
    uint32_t first = 0;  // of its numbers
    uint32_t count = 0;  // 0: a free slot
  };

  std::vector<std::pair<uint64_t, uint32_t>> filed_;  // until Build
  std::vector<Slot> slots_;                           // a power of two; at least half of them free
  std::vector<uint32_t> numbers_;
  size_t mask_ = 0;
};

}  // namespace plimsoll
