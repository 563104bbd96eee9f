#include <gtest/gtest.h>

#include <string>

#include "server/listen_address.h"
#include "tests/server/client.h"
#include "tests/server/fixture.h"

namespace plimsoll {
namespace {

using testing::Client;

TEST(ListenAddress, ReadsWhatPeopleWrite) {
  const struct {
    const char* text;
    ListenAddress want;
  } good[] = {{"127.0.0.1:9443", {"127.0.0.1", 9443}},
              {"[::1]:0", {"::1", 0}},
              {":65535", {"", 65535}},
              {"localhost:80", {"localhost", 80}}};
  for (const auto& test : good) {
    const auto parsed = ParseListenAddress(test.text);
    ASSERT_TRUE(parsed) << test.text;
    EXPECT_EQ(*parsed, test.want) << test.text;
  }
  const struct {
    const char* text;
    const char* why;
  } bad[] = {{"localhost", "no port"},
             {"", "no port"},
             {"h:", "the port is not a number from 0 to 65535"},
             {"h:65536", "the port is not a number from 0 to 65535"},
             {"h:-1", "the port is not a number from 0 to 65535"},
             {"h:80x", "the port is not a number from 0 to 65535"},
             {"::1:80", "an IPv6 address needs brackets"},
             {"[::1:80", "\"[\" without \"]\""},
             {"[]:80", "nothing between \"[\" and \"]\""}};
  for (const auto& test : bad) {
    const auto parsed = ParseListenAddress(test.text);
    ASSERT_FALSE(parsed) << test.text;
    EXPECT_EQ(parsed.error().message,
              "listen address \"" + std::string(test.text) + "\": " + test.why +
                  "; expected HOST:PORT such as 127.0.0.1:9443, [::1]:9443 or :9443");
  }
}

Result<std::unique_ptr<HttpServer>> Start(const std::string& address) {
  HttpServerOptions options;
  options.address = address;
  options.timeouts = testing::FineTimeouts();
  options.routes.push_back(GetRoute("/", [](HttpResponse&) {}));
  return HttpServer::Start(std::move(options));
}

TEST(Listen, APortInUseIsAnErrorThatSaysSo) {
  const auto first = Start("127.0.0.1:0");
  ASSERT_TRUE(first) << first.error().message;
  const std::string address = (*first)->address();
  const auto second = Start(address);
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().message, "cannot listen on " + address + ": Address already in use");
  EXPECT_EQ(second.error().code, ErrorCode::kUnavailable);
}

TEST(Listen, APortIsFreeAgainAtOnce) {
  std::string address;
  {
    const auto first = Start("127.0.0.1:0");
    ASSERT_TRUE(first);
    address = (*first)->address();
    Client client = Client::Plain((*first)->port());
    ASSERT_TRUE(client.Send(testing::Get("/")));
    EXPECT_EQ(client.Read()->status, 200);
  }
  EXPECT_TRUE(Start(address));
}

TEST(Listen, SpeaksIpv6AndBothFamilies) {
  const auto v6 = Start("[::1]:0");
  if (!v6) GTEST_SKIP() << "no IPv6 here: " << v6.error().message;
  EXPECT_EQ((*v6)->address(), "[::1]:" + std::to_string((*v6)->port()));
  EXPECT_TRUE(Client::Plain((*v6)->port(), "::1").connected());
  EXPECT_FALSE(Client::Plain((*v6)->port(), "127.0.0.1").connected());
  const auto both = Start(":0");
  ASSERT_TRUE(both);
  EXPECT_TRUE(Client::Plain((*both)->port(), "::1").connected());
  EXPECT_TRUE(Client::Plain((*both)->port(), "127.0.0.1").connected());
}

TEST(Listen, ErrorsNameTheAddress) {
  const auto host = Start("no-such-host.invalid:0");
  ASSERT_FALSE(host);
  EXPECT_EQ(host.error().message.substr(0, 57),
            "cannot listen on no-such-host.invalid:0: no such host: Ho");
  const auto foreign = Start("192.0.2.1:0");
  ASSERT_FALSE(foreign);
  EXPECT_EQ(foreign.error().message,
            "cannot listen on 192.0.2.1:0: Cannot assign requested address");
}

}  // namespace
}  // namespace plimsoll
