#include "links/address_policy.h"

#include <algorithm>
#include <optional>
#include <span>

namespace plimsoll::links {
namespace {

constexpr std::string_view kMetadata = "a cloud's metadata service";
constexpr std::string_view kLoopback = "a loopback address";
constexpr std::string_view kPrivate = "a private address";

// 127.0.0.1 as {127, 0, 0, 1}: without parsing, so that the table is a constant.
struct V4Block {
  uint32_t address;
  unsigned prefix;
  std::string_view what;
};

constexpr uint32_t V4(uint32_t a, uint32_t b, uint32_t c, uint32_t d) {
  return (a << 24) | (b << 16) | (c << 8) | d;
}

// In this order: the first that holds counts.
constexpr V4Block kV4Never[] = {
    {V4(169, 254, 169, 254), 32, kMetadata},
    {V4(100, 100, 100, 200), 32, kMetadata},
    {V4(168, 63, 129, 16), 32, kMetadata},
    {V4(192, 0, 0, 192), 32, kMetadata},
    {V4(0, 0, 0, 0), 8, "an address of this machine"},
    {V4(169, 254, 0, 0), 16, "a link-local address"},
    {V4(224, 0, 0, 0), 4, "a multicast address"},
    {V4(240, 0, 0, 0), 4, "a reserved address"},
    {V4(192, 88, 99, 0), 24, "a reserved address"},
};

constexpr V4Block kV4Private[] = {
    {V4(10, 0, 0, 0), 8, kPrivate},     {V4(172, 16, 0, 0), 12, kPrivate},
    {V4(192, 168, 0, 0), 16, kPrivate}, {V4(100, 64, 0, 0), 10, kPrivate},
    {V4(192, 0, 0, 0), 24, kPrivate},   {V4(192, 0, 2, 0), 24, kPrivate},
    {V4(198, 18, 0, 0), 15, kPrivate},  {V4(198, 51, 100, 0), 24, kPrivate},
    {V4(203, 0, 113, 0), 24, kPrivate},
};

constexpr V4Block kV4Loopback[] = {{V4(127, 0, 0, 0), 8, kLoopback}};

std::string_view Among(uint32_t address, std::span<const V4Block> blocks) {
  for (const V4Block& block : blocks) {
    if (((address ^ block.address) >> (32 - block.prefix)) == 0) return block.what;
  }
  return {};
}

bool IsIn(const IpAddress& address, const std::vector<IpNetwork>& networks) {
  return std::any_of(networks.begin(), networks.end(),
                     [&](const IpNetwork& network) { return network.Contains(address); });
}

bool StartsWith(const IpAddress& address, uint32_t word, unsigned prefix) {
  return ((address.Word(0) ^ word) >> (32 - prefix)) == 0;
}

// The IPv4 address that a translator on the way makes of it (RFC 6052: 64:ff9b::/96).
std::optional<IpAddress> Translated(const IpAddress& address) {
  if (address.Word(0) != 0x0064FF9B || address.Word(4) != 0 || address.Word(8) != 0) return {};
  return IpAddress::V4(address.Word(12));
}

std::string_view V6Never(const IpAddress& address) {
  const bool first_words_zero =
      address.Word(0) == 0 && address.Word(4) == 0 && address.Word(8) == 0;
  if (first_words_zero && address.Word(12) == 0) return "an address of this machine";
  // AWS fd00:ec2::254, Google fd20:ce::254.
  const bool ends_in_254 =
      address.Word(4) == 0 && address.Word(8) == 0 && address.Word(12) == 0x254;
  if (ends_in_254 && (address.Word(0) == 0xFD000EC2 || address.Word(0) == 0xFD2000CE)) {
    return kMetadata;
  }
  if (StartsWith(address, 0xFE800000, 10)) return "a link-local address";
  if (StartsWith(address, 0xFEC00000, 10)) return "a site-local address";
  if (StartsWith(address, 0xFF000000, 8)) return "a multicast address";
  // What they lead to is written inside: 6to4, Teredo, NAT64 of one's own prefix, translated (SIIT).
  if (StartsWith(address, 0x20020000, 16) || StartsWith(address, 0x20010000, 32) ||
      (address.Word(0) == 0x0064FF9B && address.Word(4) >> 16 == 1) ||
      (first_words_zero && address.Word(12) != 1) ||  // IPv4-compatible: ::10.0.0.1
      (address.Word(0) == 0 && address.Word(4) == 0 && address.Word(8) == 0xFFFF0000)) {
    return "an address that wraps another one";
  }
  if (!StartsWith(address, 0x20000000, 3) && !StartsWith(address, 0xFC000000, 7) &&
      !(first_words_zero && address.Word(12) == 1)) {
    return "a reserved address";
  }
  return {};
}

std::string_view V6Private(const IpAddress& address) {
  if (StartsWith(address, 0xFC000000, 7)) return kPrivate;
  if (StartsWith(address, 0x20010DB8, 32)) return kPrivate;  // documentation
  return {};
}

bool IsV6Loopback(const IpAddress& address) {
  return address.Word(0) == 0 && address.Word(4) == 0 && address.Word(8) == 0 &&
         address.Word(12) == 1;
}

}  // namespace

std::string_view WhyNotAsked(const IpAddress& address, const AddressRules& rules) {
  if (IsIn(address, rules.never)) return "an address of the cluster";
  if (!address.is_v4()) {
    if (const std::optional<IpAddress> inner = Translated(address)) {
      return WhyNotAsked(*inner, rules);
    }
  }
  const bool v4 = address.is_v4();
  if (const std::string_view never = v4 ? Among(address.v4(), kV4Never) : V6Never(address);
      !never.empty()) {
    return never;
  }
  const bool loopback = v4 ? !Among(address.v4(), kV4Loopback).empty() : IsV6Loopback(address);
  if (loopback) return rules.allow_loopback ? std::string_view() : kLoopback;
  const std::string_view is_private = v4 ? Among(address.v4(), kV4Private) : V6Private(address);
  return is_private.empty() || IsIn(address, rules.networks) ? std::string_view() : is_private;
}

}  // namespace plimsoll::links
