#include "plimsoll/base/ip_address.h"

#include <algorithm>
#include <charconv>
#include <vector>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr size_t kMappedPrefixBytes = 12;
constexpr IpAddress::Bytes kMappedPrefix = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
constexpr unsigned kMappedPrefixBits = 96;
constexpr unsigned kAllBits = 128;

// A whole number of at most `digits` digits and at most `maximum`.
std::optional<unsigned> ParseNumber(std::string_view text, int base, size_t digits,
                                    unsigned maximum) {
  if (text.empty() || text.size() > digits) return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc() || end != text.data() + text.size() || value > maximum) {
    return std::nullopt;
  }
  return value;
}

std::optional<uint32_t> ParseV4(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, '.');
  if (parts.size() != 4) return std::nullopt;
  uint32_t address = 0;
  for (const std::string_view part : parts) {
    const std::optional<unsigned> value = ParseNumber(part, 10, 3, 255);
    // "010" is 8 to some and 10 to others.
    if (!value || (part.size() > 1 && part.front() == '0')) return std::nullopt;
    address = (address << 8) | *value;
  }
  return address;
}

// The groups of one side of "::"; false where one is none. An IPv4 address may stand for the last two.
bool ParseGroups(std::string_view text, bool last, std::vector<uint16_t>& groups) {
  if (text.empty()) return true;
  const std::vector<std::string_view> parts = Split(text, ':');
  for (size_t i = 0; i < parts.size(); ++i) {
    if (last && i + 1 == parts.size() && parts[i].find('.') != std::string_view::npos) {
      const std::optional<uint32_t> v4 = ParseV4(parts[i]);
      if (!v4) return false;
      groups.push_back(static_cast<uint16_t>(*v4 >> 16));
      groups.push_back(static_cast<uint16_t>(*v4 & 0xFFFFu));
      continue;
    }
    const std::optional<unsigned> value = ParseNumber(parts[i], 16, 4, 0xFFFF);
    if (!value) return false;
    groups.push_back(static_cast<uint16_t>(*value));
  }
  return true;
}

std::optional<IpAddress> ParseV6(std::string_view text) {
  constexpr size_t kGroups = 8;
  const size_t gap = text.find("::");
  std::vector<uint16_t> front;
  std::vector<uint16_t> back;
  const bool has_gap = gap != std::string_view::npos;
  if (has_gap && text.find("::", gap + 1) != std::string_view::npos) return std::nullopt;
  if (!ParseGroups(text.substr(0, gap), !has_gap, front)) return std::nullopt;
  if (has_gap && !ParseGroups(text.substr(gap + 2), true, back)) return std::nullopt;
  const size_t count = front.size() + back.size();
  if (has_gap ? count >= kGroups : count != kGroups) return std::nullopt;
  front.resize(kGroups - back.size());
  front.insert(front.end(), back.begin(), back.end());
  IpAddress::Bytes bytes{};
  for (size_t i = 0; i < kGroups; ++i) {
    bytes[2 * i] = static_cast<uint8_t>(front[i] >> 8);
    bytes[2 * i + 1] = static_cast<uint8_t>(front[i] & 0xFF);
  }
  return IpAddress(bytes);
}

}  // namespace

IpAddress IpAddress::V4(uint32_t address) {
  IpAddress mapped(kMappedPrefix);
  for (size_t i = 0; i < 4; ++i) {
    mapped.bytes_[kMappedPrefixBytes + i] = static_cast<uint8_t>(address >> (24 - 8 * i));
  }
  return mapped;
}

bool IpAddress::is_v4() const {
  return std::equal(bytes_.begin(), bytes_.begin() + kMappedPrefixBytes, kMappedPrefix.begin());
}

uint32_t IpAddress::Word(size_t first) const {
  uint32_t word = 0;
  for (size_t i = first; i < first + 4; ++i) word = (word << 8) | bytes_[i];
  return word;
}

std::optional<IpAddress> ParseIpAddress(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return ParseV6(text);
  const std::optional<uint32_t> v4 = ParseV4(text);
  if (!v4) return std::nullopt;
  return IpAddress::V4(*v4);
}

std::string FormatIpAddress(const IpAddress& address) {
  if (address.is_v4()) {
    std::string text;
    for (unsigned shift = 32; shift > 0;) {
      shift -= 8;
      if (!text.empty()) text += '.';
      text += std::to_string((address.v4() >> shift) & 0xFF);
    }
    return text;
  }
  // The first of the longest runs of zeros is left out (RFC 5952), where it is longer than one.
  std::array<unsigned, 8> groups{};
  for (size_t i = 0; i < groups.size(); ++i) {
    groups[i] = (unsigned{address.bytes()[2 * i]} << 8) | address.bytes()[2 * i + 1];
  }
  size_t gap = groups.size();
  size_t gap_length = 1;
  for (size_t begin = 0; begin < groups.size(); ++begin) {
    size_t length = 0;
    while (begin + length < groups.size() && groups[begin + length] == 0) ++length;
    if (length > gap_length) {
      gap = begin;
      gap_length = length;
    }
  }
  std::string text;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (i == gap) {
      text += "::";
      i += gap_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    std::array<char, 4> hex{};
    const auto end = std::to_chars(hex.data(), hex.data() + hex.size(), groups[i], 16).ptr;
    text.append(hex.data(), end);
  }
  return text;
}

bool IpNetwork::Contains(const IpAddress& other) const {
  for (unsigned bit = 0; bit < prefix; bit += 8) {
    const unsigned bits = std::min(8u, prefix - bit);
    const auto mask = static_cast<uint8_t>(0xFF00u >> bits);
    if (((address.bytes()[bit / 8] ^ other.bytes()[bit / 8]) & mask) != 0) return false;
  }
  return true;
}

std::optional<IpNetwork> ParseIpNetwork(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const std::optional<IpAddress> address = ParseIpAddress(text.substr(0, slash));
  if (!address) return std::nullopt;
  const bool v4 = text.find(':') == std::string_view::npos;
  const std::optional<unsigned> prefix =
      ParseNumber(text.substr(slash + 1), 10, 3, v4 ? kAllBits - kMappedPrefixBits : kAllBits);
  if (!prefix) return std::nullopt;
  IpNetwork network{*address, v4 ? *prefix + kMappedPrefixBits : *prefix};
  for (unsigned bit = network.prefix; bit < kAllBits; ++bit) {
    if ((address->bytes()[bit / 8] & (0x80u >> (bit % 8))) != 0) return std::nullopt;
  }
  return network;
}

}  // namespace plimsoll
