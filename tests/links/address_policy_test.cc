#include "links/address_policy.h"

#include <gtest/gtest.h>

#include <string>

namespace plimsoll::links {
namespace {

struct Case {
  std::string_view address;
  std::string_view why;  // "" if it may be asked
};

class AddressPolicyTest : public testing::TestWithParam<Case> {};

TEST_P(AddressPolicyTest, WithoutAnythingAllowed) {
  const std::optional<IpAddress> address = ParseIpAddress(GetParam().address);
  ASSERT_TRUE(address) << GetParam().address;
  EXPECT_EQ(WhyNotAsked(*address, {}), GetParam().why) << GetParam().address;
}

constexpr std::string_view kMachine = "an address of this machine";
constexpr std::string_view kLoopback = "a loopback address";
constexpr std::string_view kLinkLocal = "a link-local address";
constexpr std::string_view kPrivate = "a private address";
constexpr std::string_view kMetadata = "a cloud's metadata service";
constexpr std::string_view kMulticast = "a multicast address";
constexpr std::string_view kReserved = "a reserved address";
constexpr std::string_view kWraps = "an address that wraps another one";

INSTANTIATE_TEST_SUITE_P(
    All, AddressPolicyTest,
    testing::Values(
        Case{"8.8.8.8", ""}, Case{"1.1.1.1", ""}, Case{"172.15.255.255", ""},
        Case{"172.32.0.0", ""}, Case{"100.63.255.255", ""}, Case{"100.128.0.0", ""},
        Case{"2606:4700::1111", ""}, Case{"2a00:1450:4001::200e", ""}, Case{"0.0.0.0", kMachine},
        Case{"0.1.2.3", kMachine}, Case{"127.0.0.1", kLoopback}, Case{"127.255.255.254", kLoopback},
        Case{"10.0.0.1", kPrivate}, Case{"172.16.0.1", kPrivate}, Case{"172.31.255.255", kPrivate},
        Case{"192.168.1.1", kPrivate}, Case{"100.64.0.1", kPrivate}, Case{"192.0.0.8", kPrivate},
        Case{"192.0.2.1", kPrivate}, Case{"198.19.0.1", kPrivate}, Case{"203.0.113.9", kPrivate},
        Case{"169.254.169.254", kMetadata}, Case{"100.100.100.200", kMetadata},
        Case{"168.63.129.16", kMetadata}, Case{"192.0.0.192", kMetadata},
        Case{"169.254.170.2", kLinkLocal}, Case{"224.0.0.1", kMulticast},
        Case{"239.255.255.250", kMulticast}, Case{"240.0.0.1", kReserved},
        Case{"255.255.255.255", kReserved}, Case{"::", kMachine}, Case{"::1", kLoopback},
        Case{"fe80::1", kLinkLocal}, Case{"febf::1", kLinkLocal},
        Case{"fec0::1", "a site-local address"}, Case{"fd00::1", kPrivate},
        Case{"fc00::1", kPrivate}, Case{"fd00:ec2::254", kMetadata},
        Case{"fd20:ce::254", kMetadata}, Case{"ff02::1", kMulticast}, Case{"2001:db8::1", kPrivate},
        // An address in another one's clothes.
        Case{"::ffff:127.0.0.1", kLoopback}, Case{"::ffff:169.254.169.254", kMetadata},
        Case{"::ffff:8.8.8.8", ""}, Case{"::127.0.0.1", kWraps}, Case{"::10.0.0.1", kWraps},
        Case{"::ffff:0:127.0.0.1", kWraps}, Case{"64:ff9b::127.0.0.1", kLoopback},
        Case{"64:ff9b::169.254.169.254", kMetadata}, Case{"64:ff9b::10.0.0.1", kPrivate},
        Case{"64:ff9b::8.8.8.8", ""}, Case{"64:ff9b:1::10.0.0.1", kWraps},
        Case{"2002:7f00:1::", kWraps}, Case{"2002:a9fe:a9fe::1", kWraps},
        Case{"2001:0:53aa:64c::1", kWraps}, Case{"100::1", kReserved}, Case{"4000::1", kReserved},
        Case{"::2:0:0:0", kReserved}));

IpNetwork Network(std::string_view text) { return ParseIpNetwork(text).value(); }

std::string_view Why(std::string_view address, const AddressRules& rules) {
  return WhyNotAsked(ParseIpAddress(address).value(), rules);
}

TEST(AddressPolicyTest, ANetworkOpensPrivateAddressesAndNothingElse) {
  AddressRules rules;
  rules.networks = {Network("10.20.0.0/16"), Network("fd12::/16"), Network("0.0.0.0/0"),
                    Network("::/0")};
  for (const std::string_view open :
       {"10.20.1.1", "192.168.1.1", "fd12::1", "64:ff9b::10.20.1.1"}) {
    EXPECT_EQ(Why(open, rules), "") << open;
  }
  EXPECT_EQ(Why("127.0.0.1", rules), kLoopback);
  EXPECT_EQ(Why("::1", rules), kLoopback);
  EXPECT_EQ(Why("169.254.169.254", rules), kMetadata);
  EXPECT_EQ(Why("169.254.1.1", rules), kLinkLocal);
  EXPECT_EQ(Why("fe80::1", rules), kLinkLocal);
  EXPECT_EQ(Why("fd00:ec2::254", rules), kMetadata);
  EXPECT_EQ(Why("0.0.0.0", rules), kMachine);
  rules.networks = {Network("10.20.0.0/16")};
  EXPECT_EQ(Why("10.21.0.1", rules), kPrivate);
  EXPECT_EQ(Why("fd12::1", rules), kPrivate);
}

TEST(AddressPolicyTest, TheApiServerIsNeverAsked) {
  AddressRules rules;
  rules.networks = {Network("10.0.0.0/8")};
  rules.never = {Network("10.96.0.1/32"), Network("8.8.8.8/32")};
  EXPECT_EQ(Why("10.96.0.1", rules), "an address of the cluster");
  EXPECT_EQ(Why("64:ff9b::10.96.0.1", rules), "an address of the cluster");
  EXPECT_EQ(Why("8.8.8.8", rules), "an address of the cluster");
  EXPECT_EQ(Why("10.96.0.2", rules), "");
}

TEST(AddressPolicyTest, LoopbackIsForTests) {
  AddressRules rules;
  rules.allow_loopback = true;
  EXPECT_EQ(Why("127.0.0.1", rules), "");
  EXPECT_EQ(Why("::1", rules), "");
  EXPECT_EQ(Why("10.0.0.1", rules), kPrivate);
}

}  // namespace
}  // namespace plimsoll::links
