#include "plimsoll/base/ip_address.h"

#include <gtest/gtest.h>

#include <string>

namespace plimsoll {
namespace {

std::string RoundTrip(std::string_view text) {
  const std::optional<IpAddress> address = ParseIpAddress(text);
  return address ? FormatIpAddress(*address) : "none";
}

TEST(IpAddressTest, IsReadAndWritten) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"127.0.0.1", "127.0.0.1"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"::1", "::1"},
      {"fd00::", "fd00::"},
      {"2001:DB8::1:0:0:1", "2001:db8::1:0:0:1"},
      {"2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"},
      {"1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8"},
      {"::ffff:10.0.0.1", "10.0.0.1"},
      {"::ffff:a00:1", "10.0.0.1"},
      {"64:ff9b::192.0.2.33", "64:ff9b::c000:221"},
      // What only some programs read is none.
      {"127.1", "none"},
      {"2130706433", "none"},
      {"0x7f.0.0.1", "none"},
      {"0177.0.0.1", "none"},
      {"010.0.0.1", "none"},
      {"256.0.0.1", "none"},
      {"1.2.3", "none"},
      {"1.2.3.4.5", "none"},
      {"1.2.3.", "none"},
      {"", "none"},
      {":", "none"},
      {":::", "none"},
      {"::1::", "none"},
      {"1:2:3:4:5:6:7", "none"},
      {"1:2:3:4:5:6:7:8:9", "none"},
      {"1:2:3:4:5:6:7::8", "none"},
      {"12345::", "none"},
      {"fe80::1%eth0", "none"},
      {"[::1]", "none"},
      {"::10.0.0.1:1", "none"},
      {" 10.0.0.1", "none"},
  };
  for (const auto& [text, expected] : cases) EXPECT_EQ(RoundTrip(text), expected) << text;
}

TEST(IpNetworkTest, ContainsWhatBeginsLikeIt) {
  struct Case {
    std::string_view network;
    std::string_view address;
    bool inside;
  };
  for (const Case& c : {Case{"10.0.0.0/8", "10.255.0.1", true},
                        {"10.0.0.0/8", "11.0.0.1", false},
                        {"10.20.16.0/20", "10.20.31.255", true},
                        {"10.20.16.0/20", "10.20.32.0", false},
                        {"10.1.2.3/32", "10.1.2.3", true},
                        {"10.1.2.3/32", "10.1.2.2", false},
                        {"0.0.0.0/0", "8.8.8.8", true},
                        {"0.0.0.0/0", "fd00::1", false},
                        {"fd00::/8", "fdff::1", true},
                        {"fd00::/8", "10.0.0.1", false},
                        {"::/0", "10.0.0.1", true},
                        {"2001:db8::/33", "2001:db8:7fff::", true},
                        {"2001:db8::/33", "2001:db8:8000::", false}}) {
    const std::optional<IpNetwork> network = ParseIpNetwork(c.network);
    const std::optional<IpAddress> address = ParseIpAddress(c.address);
    ASSERT_TRUE(network && address) << c.network;
    EXPECT_EQ(network->Contains(*address), c.inside) << c.network << " " << c.address;
  }
}

TEST(IpNetworkTest, IsNoneWhereItIsNotItsFirstAddressOrNoNetworkAtAll) {
  for (const std::string_view text : {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0", "10.0.0.0/", "/8",
                                      "fd00::1/64", "fd00::/129", "10.0.0.0/-1", "10.0.0.0/8x"}) {
    EXPECT_FALSE(ParseIpNetwork(text).has_value()) << text;
  }
}

}  // namespace
}  // namespace plimsoll
