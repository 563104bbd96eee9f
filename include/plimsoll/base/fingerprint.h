// Fingerprint: 128 bits that stand for a value where only "the same or not" is asked. A record takes kilobytes, its
// fingerprint 16 bytes.
//
// Equal values have equal fingerprints in every process of every version; of different ones nobody knows how to find two
// with the same but by trying 2^64. Thread-safety: value types and pure functions. Semantics: SipHash-2-4 with 128 bits
// (Aumasson, Bernstein: "SipHash: a fast short-input PRF"), under a fixed key.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll {

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
    std::array<char, 8> bytes{};
    for (char& byte : bytes) {
      byte = static_cast<char>(number & 0xFFU);
      number >>= 8U;
    }
    bytes_.append(bytes.data(), bytes.size());
  }
  Fingerprint Finish() const { return FingerprintOf(bytes_); }
  // Begins anew and keeps its memory.
  void Clear() { bytes_.clear(); }

 private:
  std::string bytes_;
};

}  // namespace plimsoll
