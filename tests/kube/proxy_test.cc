// Proxies: a tunnel for TLS, plain requests as they are, and clear words where either fails.
#include "tests/fakes/test_pki.h"
#include "tests/kube/support.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;
using testing::Answering;
using ::testing::HasSubstr;
using testing::InOrder;
using testing::TestPki;

class ProxyTest : public ::testing::Test {
 protected:
  TestPki pki_;

  ClusterConfig ThroughProxy(const FakeApiServer& proxy, std::string user_info = "") const {
    ClusterConfig config;
    config.server = "https://api.corp.internal:6443";
    config.ca = pki_.ca();
    config.proxy_url = "http://" + user_info + "127.0.0.1:" + std::to_string(proxy.port());
    return config;
  }

  FakeServerOptions Tunnel() const {
    FakeServerOptions options;
    options.certificate = pki_.Issue({"api.corp.internal"});
    options.begin = FakeServerOptions::Begin::kPlain;
    return options;
  }
};

TEST_F(ProxyTest, IsAskedForATunnelAndSeesNoCredentials) {
  FakeApiServer proxy(InOrder({[](FakeExchange& exchange) {
                                 exchange.Send("HTTP/1.1 200 Connection established\r\n\r\n");
                                 EXPECT_TRUE(exchange.StartTls());
                               },
                               Answering(200, "inside")}),
                      Tunnel());
  ClusterConfig config = ThroughProxy(proxy, "us%40er:p%3Aw@");
  config.credentials.token = "token";
  const auto client = MakeClient(config);
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 inside");
  const testing::FakeRequest connect = proxy.requests().at(0);
  EXPECT_EQ(connect.method + " " + connect.target, "CONNECT api.corp.internal:6443");
  EXPECT_EQ(connect.Header("host"), "api.corp.internal:6443");
  EXPECT_EQ(connect.Header("proxy-authorization"), "Basic dXNAZXI6cDp3");
  EXPECT_EQ(connect.Header("authorization"), "");
  const testing::FakeRequest inside = proxy.requests().at(1);
  EXPECT_EQ(inside.target, "/x");
  EXPECT_EQ(inside.sni, "api.corp.internal");
  EXPECT_EQ(inside.Header("authorization"), "Bearer token");
  EXPECT_EQ(inside.Header("proxy-authorization"), "");
}

TEST_F(ProxyTest, ThatRefusesIsNamed) {
  for (const auto& [answer, expected] : std::vector<std::pair<std::string, std::string>>{
           {"HTTP/1.1 403 Forbidden\r\n\r\n", "refused the tunnel: HTTP/1.1 403 Forbidden"},
           {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "407"},
           {"nonsense\r\n\r\n", "refused the tunnel: nonsense"},
           {"", "the proxy closed the connection"},
           {"HTTP/1.1 200 OK\r\n\r\nmore", "sent something before the server could"},
           {"HTTP/1.1 200 OK\r\nA: " + std::string(100'000, 'x'), "has no end"}}) {
    FakeApiServer proxy(
        [&bytes = answer](FakeExchange& exchange) {
          exchange.Send(bytes);
          exchange.Close();
        },
        Tunnel());
    const auto client = MakeClient(ThroughProxy(proxy, "user:password@"));
    const std::string told = Told(client->Call(Get("/x")));
    EXPECT_THAT(told, HasSubstr(expected));
    EXPECT_THAT(told, HasSubstr("(proxy 127.0.0.1:" + std::to_string(proxy.port()) + ")"));
    EXPECT_THAT(told, ::testing::Not(HasSubstr("password")));
  }
}

TEST_F(ProxyTest, ThatIsSilentIsGivenUp) {
  FakeApiServer proxy([](FakeExchange& exchange) { exchange.WaitForPeerToGo(); }, Tunnel());
  const auto client = MakeClient(ThroughProxy(proxy));
  EXPECT_THAT(TimedCall(*client, milliseconds(50)).told, HasSubstr("timed out"));
}

TEST_F(ProxyTest, GetsPlainRequestsAsTheyAre) {
  FakeApiServer proxy(Answering(200, "by proxy"));
  ClusterConfig config;
  config.server = "http://api.corp.internal:8080/base";
  config.proxy_url = proxy.url();
  const auto client = MakeClient(config);
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 by proxy");
  EXPECT_EQ(proxy.requests().at(0).target, "http://api.corp.internal:8080/base/x");
  EXPECT_EQ(proxy.requests().at(0).Header("host"), "api.corp.internal:8080");
}

}  // namespace
}  // namespace plimsoll::kube
