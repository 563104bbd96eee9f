// The small parts: URLs, base64, waits.
#include "kube/api_status.h"
#include "kube/endpoint.h"
#include "kube/retry.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/base64.h"
#include "tests/kube/support.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Base64, GoesThereAndBack) {
  for (const auto& [bytes, text] :
       std::vector<std::pair<std::string, std::string>>{{"", ""},
                                                        {"f", "Zg=="},
                                                        {"fo", "Zm8="},
                                                        {"foo", "Zm9v"},
                                                        {"foob", "Zm9vYg=="},
                                                        {std::string("\0\xFF\xFB", 3), "AP/7"}}) {
    EXPECT_EQ(Base64Encode(bytes), text);
    EXPECT_EQ(Base64Decode(text), bytes);
  }
  EXPECT_EQ(Base64Decode("Zm9\nv\r\n"), "foo");
  for (const char* text : {"Z", "Zg", "Zg=", "Zg===", "=", "Zm9v=", "Zg==Zg==", "Zm 9v", "Zm-v"}) {
    EXPECT_EQ(Base64Decode(text), std::nullopt) << text;
  }
}

TEST(EndpointTest, IsTakenOutOfAUrl) {
  struct Case {
    std::string url;
    Endpoint expected;
    std::string authority;
    std::string host_header;
  };
  for (const Case& one : std::vector<Case>{
           {"https://10.0.0.1:6443",
            {true, "10.0.0.1", 6443, ""},
            "10.0.0.1:6443",
            "10.0.0.1:6443"},
           {"HTTPS://a.b", {true, "a.b", 443, ""}, "a.b:443", "a.b"},
           {"http://localhost", {false, "localhost", 80, ""}, "localhost:80", "localhost"},
           {"https://[fd00::1]:443/", {true, "fd00::1", 443, ""}, "[fd00::1]:443", "[fd00::1]"},
           {"https://a:1/k8s/c-1//", {true, "a", 1, "/k8s/c-1"}, "a:1", "a:1"}}) {
    const Result<Endpoint> endpoint = ParseServerUrl(one.url);
    ASSERT_TRUE(endpoint.has_value()) << one.url << endpoint.error().message;
    EXPECT_EQ(*endpoint, one.expected) << one.url;
    EXPECT_EQ(endpoint->Authority(), one.authority);
    EXPECT_EQ(endpoint->HostHeader(), one.host_header);
  }
}

TEST(EndpointTest, IsNotTakenOutOfAnythingElse) {
  for (const char* url : {"",
                          "a",
                          "a:1",
                          "ftp://a",
                          "https://",
                          "https://:1",
                          "https://a:",
                          "https://a:0",
                          "https://a:65536",
                          "https://a:1x",
                          "https://[a]:1",
                          "https://[::1",
                          "https://[127.0.0.1]",
                          "https://fd00::1",
                          "https://a b",
                          "https://a\r\n",
                          "https://a?x",
                          "https://a/#x",
                          "https://u@a",
                          "https://a%eth0",
                          "https://[fe80::1%25eth0]:1",
                          "//a",
                          "https:///a"}) {
    EXPECT_FALSE(ParseServerUrl(url).has_value()) << url;
  }
  for (const char* url : {"https://a", "socks5://a", "http://", "a:1"}) {
    EXPECT_FALSE(ParseProxyUrl(url).has_value()) << url;
  }
}

TEST(EndpointTest, OfAProxyMayHaveCredentials) {
  EXPECT_EQ(*ParseProxyUrl("http://p"), (ProxyEndpoint{"p", 80, ""}));
  EXPECT_EQ(*ParseProxyUrl("http://a:b@p:3128/"), (ProxyEndpoint{"p", 3128, "Basic YTpi"}));
  EXPECT_EQ(*ParseProxyUrl("http://a@p:3128"), (ProxyEndpoint{"p", 3128, "Basic YTo="}));
  EXPECT_EQ(*ParseProxyUrl("http://a:%2@p:3128"), (ProxyEndpoint{"p", 3128, "Basic YTolMg=="}));
}

TEST(RetryAfter, IsANumberOfSeconds) {
  EXPECT_EQ(ParseRetryAfter("0"), seconds(0));
  EXPECT_EQ(ParseRetryAfter("32"), seconds(32));
  for (const char* value : {"", " 1", "1.5", "-1", "1s", "99999999999999", "Wed, 21 Oct 2026"}) {
    EXPECT_EQ(ParseRetryAfter(value), std::nullopt) << value;
  }
}

TEST(BackoffTest, DoublesUpToItsCapAndBeginsAnewAfterQuiet) {
  std::mt19937_64 random(1);  // a fixed seed: the same waits each time
  Backoff backoff(milliseconds(800), seconds(30), seconds(120));
  const Backoff::Clock::time_point start{};
  // Lower ends; each wait is up to twice as long.
  milliseconds low(800);
  for (int i = 0; i < 10; ++i) {
    const milliseconds wait = backoff.Next(start + seconds(i), random);
    EXPECT_GE(wait, low) << i;
    EXPECT_LE(wait, 2 * low) << i;
    low = std::min<milliseconds>(2 * low, seconds(30));
  }
  EXPECT_GE(backoff.Next(start + seconds(9 + 120), random), seconds(30)) << "not quiet for longer";
  EXPECT_LE(backoff.Next(start + seconds(9 + 120 + 121), random), milliseconds(1600));
}

TEST(ApiStatusTest, IsReadFromWatchesAndAnswers) {
  std::string text = R"({"kind":"Status","code":504,"reason":"Timeout","message":"Too large",
    "details":{"retryAfterSeconds":3,"causes":[{"reason":"X"},{"reason":"ResourceVersionTooLarge"}]}})";
  JsonParser parser;
  const ApiStatus status = ReadApiStatus(*parser.Parse(text));
  EXPECT_EQ(status.code, 504);
  EXPECT_EQ(status.reason, "Timeout");
  EXPECT_EQ(status.message, "Too large");
  EXPECT_EQ(status.retry_after, seconds(3));
  EXPECT_TRUE(status.resource_version_too_large);

  // The answer's own code counts, whatever its body says.
  EXPECT_EQ(ApiStatusFromBody(403, text).code, 403);
  EXPECT_EQ(ApiStatusFromBody(502, "<html>\n").message, "<html>");
  EXPECT_EQ(ApiError(ApiStatusFromBody(500, ""), "GET /x").message, "GET /x: 500");
}

}  // namespace
}  // namespace plimsoll::kube
