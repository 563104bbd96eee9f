#include "kube/base64.h"

#include <cstddef>
#include <cstdint>

namespace plimsoll::kube {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kPad = '=';

std::optional<uint32_t> ValueOf(char c) {
  const auto from = [c](char first, uint32_t base) {
    return base + static_cast<uint32_t>(c - first);
  };
  if (c >= 'A' && c <= 'Z') return from('A', 0);
  if (c >= 'a' && c <= 'z') return from('a', 26);
  if (c >= '0' && c <= '9') return from('0', 52);
  if (c == '+') return 62;
  if (c == '/') return 63;
  return std::nullopt;
}

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

std::string EncodeBase64(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (size_t at = 0; at < bytes.size(); at += 3) {
    uint32_t group = 0;
    for (size_t i = 0; i < 3; ++i) {
      const size_t place = at + i;
      group = group << 8U | (place < bytes.size() ? static_cast<unsigned char>(bytes[place]) : 0U);
    }
    for (size_t i = 0; i < 4; ++i) {
      const bool used = i <= bytes.size() - at;  // n bytes fill n + 1 characters
      out += used ? kAlphabet[group >> (18U - 6U * i) & 0x3FU] : kPad;
    }
  }
  return out;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  std::string out;
  out.reserve(text.size() / 4 * 3);
  uint32_t group = 0;
  size_t characters = 0;
  size_t padding = 0;
  for (const char c : text) {
    if (IsSpace(c)) continue;
    const std::optional<uint32_t> value = ValueOf(c);
    const bool pad = c == kPad;
    // Padding ends the text, and takes the place of the last character or the last two of a group.
    if (pad ? characters % 4 < 2 : !value || padding > 0) return std::nullopt;
    padding += pad ? 1 : 0;
    group = group << 6U | value.value_or(0);
    if (++characters % 4 != 0) continue;
    for (size_t i = 0; i < 3 - padding; ++i)
      out += static_cast<char>(group >> (16U - 8U * i) & 0xFFU);
    // Bits that no byte took must be zero, else two texts would stand for the same bytes.
    if ((group & ((1U << (8U * padding)) - 1U)) != 0) return std::nullopt;
    group = 0;
  }
  if (characters % 4 != 0) return std::nullopt;
  return out;
}

}  // namespace plimsoll::kube
