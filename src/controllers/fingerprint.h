// Fingerprint: 128 bits that stand for a value where only "the same or not" is asked. A record takes kilobytes, its
// fingerprint 16 bytes.
//
// Equal values have equal fingerprints in every process of every version; of different ones nobody knows how to find two
// with the same but by trying 2^64. Thread-safety: value types and pure functions. Semantics: SipHash-2-4 with 128 bits
// (Aumasson, Bernstein: "SipHash: a fast short-input PRF"), under a fixed key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::controllers {

struct Fingerprint {
  uint64_t low = 0;
  uint64_t high = 0;
  friend bool operator==(const Fingerprint&, const Fingerprint&) = default;
};

Fingerprint FingerprintOf(std::string_view bytes);

// Puts values one after the other so that no two lists of values look the same.
class FingerprintText {
 public:
  void Add(std::string_view text) {
    Add(text.size());
    bytes_ += text;
  }
  void Add(uint64_t number) {
    for (int shift = 0; shift < 64; shift += 8) {
      bytes_ += static_cast<char>((number >> shift) & 0xFFU);
    }
  }
  Fingerprint Finish() const { return FingerprintOf(bytes_); }

 private:
  std::string bytes_;
};

}  // namespace plimsoll::controllers
