#include "plimsoll/base/fingerprint.h"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace plimsoll {
namespace {

std::string Hex(const Fingerprint& fingerprint) {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string out;
  for (uint64_t word : {fingerprint.low, fingerprint.high}) {
    for (int i = 0; i < 8; ++i, word >>= 8U) {
      out += kHex[(word >> 4U) & 0xFU];
      out += kHex[word & 0xFU];
    }
  }
  return out;
}

// As `openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt size:16 SIPHASH` has them.
TEST(FingerprintTest, IsSipHash) {
  std::string bytes;
  const std::vector<std::pair<size_t, std::string>> known = {
      {0, "a3817f04ba25a8e66df67214c7550293"},
      {1, "da87c1d86b99af44347659119b22fc45"},
      {8, "3b62a9ba6258f5610f83e264f31497b4"},
      {63, "5150d1772f50834a503e069a973fbd7c"}};
  for (const auto& [size, hex] : known) {
    while (bytes.size() < size) bytes += static_cast<char>(bytes.size());
    EXPECT_EQ(Hex(FingerprintOf(bytes)), hex) << size;
  }
}

TEST(FingerprintTest, TextsDoNotRunIntoEachOther) {
  FingerprintText a;
  a.Add("ab");
  a.Add("c");
  FingerprintText b;
  b.Add("a");
  b.Add("bc");
  EXPECT_FALSE(a.Finish() == b.Finish());
}

}  // namespace
}  // namespace plimsoll
