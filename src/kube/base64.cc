#include "plimsoll/kube/base64.h"

#include <cstdint>

namespace plimsoll::kube {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string Base64Encode(std::string_view bytes) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    for (size_t k = 0; k < 3; ++k) {
      group = (group << 8U) | (i + k < bytes.size() ? static_cast<unsigned char>(bytes[i + k]) : 0);
    }
    for (size_t k = 0; k < 4; ++k) {
      const bool padding = i + k > bytes.size();
      text += padding ? '=' : kAlphabet[(group >> (18 - 6 * k)) & 0x3FU];
    }
  }
  return text;
}

std::optional<std::string> Base64Decode(std::string_view text) {
  std::string bytes;
  bytes.reserve(text.size() / 4 * 3);
  uint32_t group = 0;
  size_t digits = 0;   // in this group
  size_t padding = 0;  // at the end
  for (const char c : text) {
    if (c == '\n' || c == '\r') continue;
    if (c == '=') {
      ++padding;
      continue;
    }
    const size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos || padding > 0) return std::nullopt;
    group = (group << 6U) | static_cast<uint32_t>(value);
    if (++digits < 4) continue;
    for (const unsigned shift : {16U, 8U, 0U}) bytes += static_cast<char>((group >> shift) & 0xFFU);
    group = 0;
    digits = 0;
  }
  if (digits == 1 || padding != (digits == 0 ? 0 : 4 - digits)) return std::nullopt;
  if (digits == 2) bytes += static_cast<char>((group >> 4U) & 0xFFU);
  if (digits == 3) {
    bytes += static_cast<char>((group >> 10U) & 0xFFU);
    bytes += static_cast<char>((group >> 2U) & 0xFFU);
  }
  return bytes;
}

}  // namespace plimsoll::kube
