// IP addresses and networks as values: what is asked of an address before somebody connects to it.
//
// An IPv4 address is kept as its IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2), and an address that was written in that
// form is the same address.
//
// Pure. Thread-safety: value types.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

class IpAddress {
 public:
  using Bytes = std::array<uint8_t, 16>;

  IpAddress() = default;
  explicit IpAddress(const Bytes& bytes) : bytes_(bytes) {}
  static IpAddress V4(uint32_t address);  // in the order of its digits: 0x7F000001 is 127.0.0.1

  bool is_v4() const;
  // Of an IPv4 address.
  uint32_t v4() const { return Word(12); }
  // Four bytes from `first` on, as a number.
  uint32_t Word(size_t first) const;
  const Bytes& bytes() const { return bytes_; }

  friend auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  Bytes bytes_{};
};

// "10.0.0.1" (four decimal numbers without leading zeros, nothing that only browsers read) or "fd00::1", without brackets
// and zone.
std::optional<IpAddress> ParseIpAddress(std::string_view text);
std::string FormatIpAddress(const IpAddress& address);

struct IpNetwork {
  IpAddress address;
  unsigned prefix = 0;  // of 128 bits, also for IPv4: 10.0.0.0/8 has 104

  bool Contains(const IpAddress& other) const;
  friend auto operator<=>(const IpNetwork&, const IpNetwork&) = default;
};

// "10.20.0.0/16", "fd00::/8". What is not the network's first address ("10.20.0.1/16") is none: one of the two is a slip.
std::optional<IpNetwork> ParseIpNetwork(std::string_view text);

}  // namespace plimsoll
