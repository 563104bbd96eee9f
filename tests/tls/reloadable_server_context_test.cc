#include "plimsoll/tls/reloadable_server_context.h"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "plimsoll/tls/certificate_authority.h"
#include "plimsoll/tls/openssl_handles.h"

namespace plimsoll {
namespace {

constexpr Timestamp kNow = std::chrono::sys_days(std::chrono::year(2026) / 11 / 23);

KeyPairPem NewLeaf(const std::string& name) {
  static const CertificateAuthority ca = CertificateAuthority::Create(kNow).value();
  return ca.IssueServerCertificate({{name}, {}}, kNow).value();
}

// A client and a server in memory.
struct Pair {
  SslCtxPtr client_context{SSL_CTX_new(TLS_client_method())};
  SslPtr client;
  SslPtr server;

  explicit Pair(ReloadableServerContext& context,
                const std::function<void(SSL_CTX*)>& configure = {}) {
    if (configure) configure(client_context.get());
    client.reset(SSL_new(client_context.get()));
    server.reset(SSL_new(context.Current().get()));
    BIO* client_bio = nullptr;
    BIO* server_bio = nullptr;
    BIO_new_bio_pair(&client_bio, 0, &server_bio, 0);
    SSL_set_bio(client.get(), client_bio, client_bio);
    SSL_set_bio(server.get(), server_bio, server_bio);
    SSL_set_connect_state(client.get());
    SSL_set_accept_state(server.get());
  }

  bool Handshake() {
    int client_result = 0;
    int server_result = 0;
    for (int i = 0; i < 10 && (client_result != 1 || server_result != 1); ++i) {
      client_result = SSL_do_handshake(client.get());
      server_result = SSL_do_handshake(server.get());
    }
    return client_result == 1 && server_result == 1;
  }

  bool Talk() {
    char byte = 0;
    return SSL_write(client.get(), "x", 1) == 1 && SSL_read(server.get(), &byte, 1) == 1 &&
           SSL_write(server.get(), "y", 1) == 1 && SSL_read(client.get(), &byte, 1) == 1 &&
           byte == 'y';
  }

  std::string PeerSerial() const {
    const X509* peer = SSL_get0_peer_certificate(client.get());
    if (peer == nullptr) return "";
    const ASN1_INTEGER* serial = X509_get0_serialNumber(peer);
    return {reinterpret_cast<const char*>(serial->data), static_cast<size_t>(serial->length)};
  }
};

TEST(ReloadableServerContext, NewHandshakesSeeTheNewLeafAndOldConnectionsLive) {
  const auto context = ReloadableServerContext::Create(NewLeaf("one.svc")).value();
  Pair before(*context);
  ASSERT_TRUE(before.Handshake());
  ASSERT_TRUE(context->Reload(NewLeaf("two.svc")));
  EXPECT_EQ(context->info().names.dns_names, std::vector<std::string>{"two.svc"});
  Pair after(*context);
  ASSERT_TRUE(after.Handshake());
  EXPECT_NE(before.PeerSerial(), after.PeerSerial());
  EXPECT_TRUE(before.Talk());
  EXPECT_TRUE(after.Talk());
}

TEST(ReloadableServerContext, ABadReloadChangesNothing) {
  const KeyPairPem good = NewLeaf("one.svc");
  const auto context = ReloadableServerContext::Create(good).value();
  const auto before = context->Current();
  const Status mismatch = context->Reload({good.certificate, NewLeaf("two.svc").private_key});
  ASSERT_FALSE(mismatch);
  EXPECT_NE(mismatch.error().message.find(
                "the private key does not belong to the certificate of CN=plimsoll-controller: "),
            std::string::npos)
      << mismatch.error().message;
  EXPECT_NE(mismatch.error().message.find("key values mismatch"), std::string::npos);
  EXPECT_FALSE(context->Reload({"", ""}));
  EXPECT_EQ(context->Current(), before);
  EXPECT_EQ(context->info().names.dns_names, std::vector<std::string>{"one.svc"});
}

TEST(ReloadableServerContext, RefusesOldProtocols) {
  const auto context = ReloadableServerContext::Create(NewLeaf("one.svc")).value();
  const struct {
    int version;
    bool accepted;
  } cases[] = {{TLS1_1_VERSION, false}, {TLS1_2_VERSION, true}, {TLS1_3_VERSION, true}};
  for (const auto& test : cases) {
    Pair pair(*context, [&](SSL_CTX* client) {
      // Level 0: else this client itself would refuse to speak TLS 1.1.
      SSL_CTX_set_security_level(client, 0);
      SSL_CTX_set_min_proto_version(client, test.version);
      SSL_CTX_set_max_proto_version(client, test.version);
    });
    EXPECT_EQ(pair.Handshake(), test.accepted) << std::hex << test.version;
  }
}

TEST(ReloadableServerContext, SpeaksHttp11Only) {
  const auto context = ReloadableServerContext::Create(NewLeaf("one.svc")).value();
  const struct {
    std::string offered;
    bool accepted;
    std::string chosen;
  } cases[] = {{"", true, ""},
               {"\x08http/1.1", true, "http/1.1"},
               {"\x02h2\x08http/1.1", true, "http/1.1"},
               {"\x02h2", false, ""}};
  for (const auto& test : cases) {
    Pair pair(*context, [&](SSL_CTX* client) {
      SSL_CTX_set_alpn_protos(client, reinterpret_cast<const unsigned char*>(test.offered.data()),
                              static_cast<unsigned>(test.offered.size()));
    });
    EXPECT_EQ(pair.Handshake(), test.accepted) << test.offered;
    const unsigned char* chosen = nullptr;
    unsigned size = 0;
    SSL_get0_alpn_selected(pair.client.get(), &chosen, &size);
    EXPECT_EQ(std::string(reinterpret_cast<const char*>(chosen), size), test.chosen);
  }
}

TEST(ReloadableServerContext, NeitherCompressesNorRenegotiates) {
  const auto context = ReloadableServerContext::Create(NewLeaf("one.svc")).value();
  Pair pair(*context, [](SSL_CTX* client) {
    SSL_CTX_clear_options(client, SSL_OP_NO_COMPRESSION);
    SSL_CTX_set_max_proto_version(client, TLS1_2_VERSION);
  });
  ASSERT_TRUE(pair.Handshake());
  EXPECT_EQ(SSL_get_current_compression(pair.server.get()), nullptr);
  SSL_renegotiate(pair.client.get());
  SSL_do_handshake(pair.client.get());
  char byte = 0;
  SSL_read(pair.server.get(), &byte, 1);
  // The server answers a warning alert: no_renegotiation, on which the client gives up.
  EXPECT_LE(SSL_do_handshake(pair.client.get()), 0);
  EXPECT_EQ(SSL_num_renegotiations(pair.server.get()), 0);
}

TEST(ReloadableServerContext, TicketsResumeUntilTheNextReload) {
  const auto context = ReloadableServerContext::Create(NewLeaf("one.svc")).value();
  Pair first(*context);
  ASSERT_TRUE(first.Handshake());
  ASSERT_TRUE(first.Talk());  // TLS 1.3 sends the ticket after the handshake
  const OpenSslHandle<SSL_SESSION, SSL_SESSION_free> session(SSL_get1_session(first.client.get()));
  for (const bool resumed : {true, false}) {
    if (!resumed) {
      ASSERT_TRUE(context->Reload(NewLeaf("two.svc")));
    }
    Pair again(*context);
    // A copy: a client marks a session it failed to resume.
    const OpenSslHandle<SSL_SESSION, SSL_SESSION_free> copy(SSL_SESSION_dup(session.get()));
    SSL_set_session(again.client.get(), copy.get());
    ASSERT_TRUE(again.Handshake());
    EXPECT_EQ(SSL_session_reused(again.client.get()) == 1, resumed);
    EXPECT_TRUE(again.Talk());
  }
}

TEST(ReloadableServerContext, ReloadsWhileOthersShakeHands) {
  const auto context = ReloadableServerContext::Create(NewLeaf("one.svc")).value();
  std::vector<int> failures(2, 0);
  {
    std::vector<std::jthread> clients;
    for (int& failed : failures) {
      clients.emplace_back([&context, &failed] {
        for (int i = 0; i < 20; ++i) {
          Pair pair(*context);
          if (!pair.Handshake() || !pair.Talk()) ++failed;
        }
      });
    }
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(context->Reload(NewLeaf("n.svc")));
  }
  EXPECT_EQ(failures, (std::vector<int>{0, 0}));
}

}  // namespace
}  // namespace plimsoll
