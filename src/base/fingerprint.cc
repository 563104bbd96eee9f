#include "plimsoll/base/fingerprint.h"

#include <bit>
#include <cstddef>

namespace plimsoll {
namespace {

// Up to eight bytes, the first one lowest.
uint64_t LittleEndian(const char* bytes, size_t count) {
  uint64_t word = 0;
  for (size_t i = 0; i < count; ++i) {
    word |= static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  }
  return word;
}

// The state of SipHash; names as in its paper.
struct Sip {
  uint64_t v0;
  uint64_t v1;
  uint64_t v2;
  uint64_t v3;

  void Rounds(int count) {
    for (int i = 0; i < count; ++i) {
      v0 += v1;
      v1 = std::rotl(v1, 13) ^ v0;
      v0 = std::rotl(v0, 32);
      v2 += v3;
      v3 = std::rotl(v3, 16) ^ v2;
      v0 += v3;
      v3 = std::rotl(v3, 21) ^ v0;
      v2 += v1;
      v1 = std::rotl(v1, 17) ^ v2;
      v2 = std::rotl(v2, 32);
    }
  }
  void Take(uint64_t word) {
    v3 ^= word;
    Rounds(2);
    v0 ^= word;
  }
  uint64_t Fold() const { return v0 ^ v1 ^ v2 ^ v3; }
};

}  // namespace

Fingerprint FingerprintOf(std::string_view bytes) {
  // The key of the paper's test vectors: bytes 0 to 15.
  constexpr uint64_t kKey0 = 0x0706050403020100U;
  constexpr uint64_t kKey1 = 0x0f0e0d0c0b0a0908U;
  Sip sip{kKey0 ^ 0x736f6d6570736575U, kKey1 ^ 0x646f72616e646f6dU ^ 0xeeU,
          kKey0 ^ 0x6c7967656e657261U, kKey1 ^ 0x7465646279746573U};
  const uint64_t size = bytes.size();
  while (bytes.size() >= 8) {
    sip.Take(LittleEndian(bytes.data(), 8));  // one load, once compiled
    bytes.remove_prefix(8);
  }
  sip.Take(LittleEndian(bytes.data(), bytes.size()) | (size << 56U));
  sip.v2 ^= 0xeeU;
  sip.Rounds(4);
  Fingerprint out;
  out.low = sip.Fold();
  sip.v1 ^= 0xddU;
  sip.Rounds(4);
  out.high = sip.Fold();
  return out;
}

}  // namespace plimsoll
