// Exact answers over real sockets, plain and TLS.
#include "plimsoll/server/http_server.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/server/client.h"
#include "tests/server/fixture.h"

namespace plimsoll {
namespace {

using testing::Client;
using testing::Get;
using testing::Post;
using testing::Running;
using testing::StartServer;
using testing::Tls;

class HttpServerTest : public ::testing::TestWithParam<Tls> {
 protected:
  Client Connect() const {
    return GetParam() == Tls::kOn ? Client::Tls(running->port()) : Client::Plain(running->port());
  }
  std::unique_ptr<Running> running = StartServer(GetParam());
};

INSTANTIATE_TEST_SUITE_P(Transports, HttpServerTest, ::testing::Values(Tls::kOff, Tls::kOn),
                         [](const auto& param) {
                           return param.param == Tls::kOn ? "Tls" : "Plain";
                         });

TEST_P(HttpServerTest, AnswersOneRequestAfterTheOther) {
  Client client = Connect();
  for (int i = 0; i < 3; ++i) {
    const std::string body = "{\"i\":" + std::to_string(i) + "}";
    ASSERT_TRUE(client.Send(Post("/echo?timeout=10s", body)));
    const auto response = client.Read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->body, body);
    EXPECT_EQ(response->Header("content-type"), "application/json");
    EXPECT_EQ(response->Header("connection"), "");
  }
}

TEST_P(HttpServerTest, WhatIsSharedIsSentWholeAndNotCopied) {
  const auto shared = std::make_shared<const std::string>(size_t{3} * 1024 * 1024, 'x');
  Route route = GetRoute("/shared", [shared](HttpResponse& response) {
    response.fixed_headers = "X-Fixed: yes\r\n";
    response.etag = "W/\"1f\"";
    response.shared_body = shared;
  });
  const auto server = StartServer(GetParam(), testing::FineTimeouts(), {}, {route});
  Client client =
      GetParam() == Tls::kOn ? Client::Tls(server->port()) : Client::Plain(server->port());
  for (int i = 0; i < 2; ++i) {
    ASSERT_TRUE(client.Send(Get("/shared")));
    const auto response = client.Read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->body, *shared);
    EXPECT_EQ(response->Header("x-fixed"), "yes");
    EXPECT_EQ(response->Header("etag"), "W/\"1f\"");
  }
  ASSERT_TRUE(client.Send("HEAD /shared HTTP/1.1\r\nHost: h\r\n\r\n"));
  const auto head = client.Read(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->Header("content-length"), std::to_string(shared->size()));
  // Nothing of it is left over for the next answer.
  ASSERT_TRUE(client.Send(Get("/constant")));
  const auto next = client.Read();
  ASSERT_TRUE(next);
  EXPECT_EQ(next->body, "constant\n");
  EXPECT_EQ(next->Header("etag"), "");
  EXPECT_EQ(next->Header("x-fixed"), "");
}

TEST_P(HttpServerTest, WhatIsBelowAPathAndWhatTheClientHas) {
  std::vector<Route> routes;
  for (const std::string path : {"/api/", "/api/v1/", "/api/v1/exactly"}) {
    routes.push_back({.path = path,
                      .methods = {HttpMethod::kGet},
                      .make_handler = [path]() -> HttpHandler {
                        return [path](const HttpRequest& request, HttpResponse& response) {
                          response.body = path + " " + std::string(request.query()) + " " +
                                          std::string(request.authorization);
                          if (request.if_none_match == "\"a\", \"b\"") response.status = 304;
                        };
                      },
                      .content_type = "",
                      .max_body_bytes = 0});
  }
  const auto server = StartServer(GetParam(), testing::FineTimeouts(), {}, std::move(routes));
  Client client =
      GetParam() == Tls::kOn ? Client::Tls(server->port()) : Client::Plain(server->port());
  const auto ask = [&](const std::string& path, const std::string& headers = "") {
    EXPECT_TRUE(client.Send("GET " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n"));
    return client.Read().value_or(testing::Response{});
  };
  EXPECT_EQ(ask("/api/v1/exactly").body, "/api/v1/exactly  ");
  EXPECT_EQ(ask("/api/v1/other?a=b?c", "Authorization: Bearer x\r\n").body,
            "/api/v1/ a=b?c Bearer x");
  EXPECT_EQ(ask("/api/v2").body, "/api/  ");
  EXPECT_EQ(ask("/api/", "If-None-Match: \"a\"\r\nIf-None-Match: \"b\"\r\n").status, 304);
  EXPECT_EQ(ask("/api/v1/").body, "/api/v1/  ") << "a 304 has no body, and nothing is left of it";
  EXPECT_EQ(ask("/api").status, 404);
}

TEST_P(HttpServerTest, TwoWhoAskAtOnceAreNobody) {
  Client client = Connect();
  ASSERT_TRUE(client.Send(
      "GET /constant HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer a\r\nAuthorization: Bearer "
      "b\r\n\r\n"));
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 400);
}

TEST_P(HttpServerTest, AnswersPipelinedRequestsInOrder) {
  Client client = Connect();
  std::string bytes;
  for (int i = 0; i < 200; ++i) {
    bytes += i % 3 == 0 ? Get("/constant") : Post("/echo", std::to_string(i));
  }
  ASSERT_TRUE(client.Send(bytes));
  for (int i = 0; i < 200; ++i) {
    const auto response = client.Read();
    ASSERT_TRUE(response) << i;
    EXPECT_EQ(response->body, i % 3 == 0 ? "constant\n" : std::to_string(i));
  }
}

TEST_P(HttpServerTest, TakesARequestByteByByte) {
  Client client = Connect();
  for (const char byte : Post("/echo", "{}")) ASSERT_TRUE(client.Send(std::string(1, byte)));
  EXPECT_EQ(client.Read()->body, "{}");
}

TEST_P(HttpServerTest, TakesAnEmptyChunkedBodyByteByByte) {
  Client client = Connect();
  const std::string bytes =
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n";
  for (const char byte : bytes) ASSERT_TRUE(client.Send(std::string(1, byte)));
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "");
}

TEST_P(HttpServerTest, HeadHasTheLengthAndNoBody) {
  Client client = Connect();
  ASSERT_TRUE(client.Send("HEAD /constant HTTP/1.1\r\nHost: h\r\n\r\n" + Get("/constant")));
  const auto head = client.Read(true);
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 200);
  EXPECT_EQ(head->Header("content-length"), "9");
  EXPECT_EQ(client.Read()->body, "constant\n");
}

TEST_P(HttpServerTest, Http10AndCloseAreAnsweredAndClosed) {
  for (const char* request : {"GET /constant HTTP/1.0\r\n\r\n",
                              "GET /constant HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n"}) {
    Client client = Connect();
    ASSERT_TRUE(client.Send(request));
    const auto response = client.Read();
    ASSERT_TRUE(response);
    EXPECT_EQ(response->status, 200);
    EXPECT_EQ(response->Header("connection"), "close");
    EXPECT_TRUE(client.AtEnd());
    if (GetParam() == Tls::kOn) {
      EXPECT_TRUE(client.GotCloseNotify());
    }
  }
}

TEST_P(HttpServerTest, AsksForTheBodyOfACarefulClient) {
  Client client = Connect();
  const std::string head =
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nExpect: "
      "100-continue\r\n";
  ASSERT_TRUE(client.Send(head + "Content-Length: 2\r\n\r\n"));
  EXPECT_EQ(client.Read()->status, 100);
  ASSERT_TRUE(client.Send("{}"));
  EXPECT_EQ(client.Read()->body, "{}");
  // Too large: refused without asking for it.
  ASSERT_TRUE(client.Send(head + "Content-Length: 7340033\r\n\r\n"));
  EXPECT_EQ(client.Read()->status, 413);
}

TEST_P(HttpServerTest, TakesSevenMebibytesAndNotOneByteMore) {
  const std::string largest(size_t{7} * 1024 * 1024, 'x');
  Client client = Connect();
  ASSERT_TRUE(client.Send(Post("/echo", largest)));
  EXPECT_EQ(client.Read()->body, "7340032");
  // Refused by its head; the body, which the client sends all the same, does not destroy the answer.
  client.Send(Post("/echo", largest + "x"));
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->body,
            "request body of 7340033 bytes is larger than the limit of 7340032 bytes\n");
  EXPECT_EQ(response->Header("connection"), "close");
}

TEST_P(HttpServerTest, CutsAChunkedBodyAtTheLimit) {
  Client client = Connect();
  std::string bytes =
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n"
      "Transfer-Encoding: chunked\r\n\r\n";
  ASSERT_TRUE(client.Send(bytes));
  const std::string chunk = "100000\r\n" + std::string(0x100000, 'x') + "\r\n";
  for (int i = 0; i < 8; ++i) client.Send(chunk);
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 413);
  EXPECT_EQ(response->body, "request body is larger than the limit of 7340032 bytes\n");
}

TEST_P(HttpServerTest, AFailingHandlerIsA500AndTheConnectionLives) {
  Client client = Connect();
  ASSERT_TRUE(client.Send(Get("/throw") + Get("/constant")));
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 500);
  EXPECT_EQ(response->body, "internal error\n");  // what it said is for the log
  EXPECT_EQ(client.Read()->status, 200);
  EXPECT_TRUE(running->observer.WaitFor([](const auto& seen) {
    return seen.failed == std::vector<std::string>{"/throw: on purpose"};
  }));
}

TEST_P(HttpServerTest, AnswersAPeerThatHasFinishedSending) {
  Client client = Connect();
  ASSERT_TRUE(client.Send(Post("/echo", "{}")));
  client.FinishSending();
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, "{}");
  EXPECT_TRUE(client.AtEnd());
}

TEST_P(HttpServerTest, SaysThatARequestIsTruncated) {
  Client client = Connect();
  ASSERT_TRUE(client.Send(
      "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\nContent-Length: "
      "5\r\n\r\nabc"));
  client.FinishSending();
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 400);
  EXPECT_EQ(response->body, "the request ends before it is complete\n");
}

TEST_P(HttpServerTest, RefusesWithTheExactAnswer) {
  const std::string head = "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Type: application/json\r\n";
  const struct {
    const char* name;
    std::string bytes;
    int status;
    const char* body;
  } cases[] = {
      {"no such path", Get("/nowhere"), 404,
       "no such path; served here: POST /echo; GET, HEAD /constant; GET, HEAD /large; GET, HEAD "
       "/throw\n"},
      {"method", "PUT /echo HTTP/1.1\r\nHost: h\r\n\r\n", 405, "/echo is served for POST only\n"},
      {"form", "POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\na=b", 415,
       "expected Content-Type: application/json\n"},
      {"gzip", head + "Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\n\x1f\x8b\x08", 415,
       "a body with Content-Encoding is not accepted; send it uncompressed\n"},
      {"conflicting lengths", head + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400,
       "Content-Length must be one decimal number, without Transfer-Encoding beside it\n"},
      {"length and chunked",
       head + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
       "Transfer-Encoding must stand once, as \"chunked\", without Content-Length beside it\n"},
      {"transfer coding", head + "Transfer-Encoding: gzip, chunked\r\n\r\n", 501,
       "the only Transfer-Encoding accepted is \"chunked\"\n"},
      {"HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505,
       "expected HTTP/1.1 or HTTP/1.0; HTTP/2 is not served here\n"},
      {"large headers", head + "X: " + std::string(20000, 'x') + "\r\n\r\n", 431,
       "request line and headers are larger than the limit of 16384 bytes\n"},
      {"long chunk extension",
       head + "Transfer-Encoding: chunked\r\n\r\n1;" + std::string(20000, 'x') + "\r\n", 400,
       "a chunk header or trailer is too long\n"},
      {"garbage", "\r\n\r\n\r\n", 400, nullptr},
  };
  for (const auto& test : cases) {
    Client client = Connect();
    client.Send(test.bytes + Get("/constant"));  // what follows a refusal is not looked at
    const auto response = client.Read();
    ASSERT_TRUE(response) << test.name;
    EXPECT_EQ(response->status, test.status) << test.name;
    if (test.body != nullptr) {
      EXPECT_EQ(response->body, test.body) << test.name;
    }
    EXPECT_EQ(response->Header("connection"), "close") << test.name;
    EXPECT_TRUE(client.AtEnd()) << test.name;
  }
}

TEST_P(HttpServerTest, SixtyFourMebibytesInOneHeaderAreCut) {
  Client client = Connect();
  client.Send("GET / HTTP/1.1\r\nX: ");
  const std::string piece(size_t{1} << 20U, 'x');
  int sent = 0;
  while (sent < 64 && client.Send(piece)) ++sent;
  EXPECT_LT(sent, 64);
  EXPECT_TRUE(running->observer.WaitFor([](const auto& seen) {
    return seen.refused == std::vector<std::string>{"431 headers_too_large"};
  }));
}

TEST_P(HttpServerTest, NothingOfARequestGetsIntoAHeader) {
  Client client = Connect();
  ASSERT_TRUE(client.Send("GET /a%0d%0aSet-Cookie:x HTTP/1.1\r\nHost: h\r\n\r\n"));
  const std::string answer = client.ReadToEnd();
  EXPECT_EQ(answer.find("Set-Cookie"), std::string::npos);
}

TEST_P(HttpServerTest, ALargeResponseArrivesWhole) {
  Client client = Connect();
  ASSERT_TRUE(client.Send(Get("/large") + Get("/constant")));
  EXPECT_EQ(client.Read()->body.size(), size_t{1024} * 1024);
  EXPECT_EQ(client.Read()->body, "constant\n");
}

// ---- TLS only ----

TEST(HttpsServer, ConnectionsOpenBeforeAReloadGoOn) {
  const auto running = StartServer(Tls::kOn);
  Client before = Client::Tls(running->port());
  const OpenSslHandle<X509, X509_free> first(SSL_get1_peer_certificate(before.ssl()));
  ASSERT_TRUE(running->tls->Reload(testing::TestLeaf()));
  Client after = Client::Tls(running->port());
  const OpenSslHandle<X509, X509_free> second(SSL_get1_peer_certificate(after.ssl()));
  EXPECT_NE(X509_cmp(first.get(), second.get()), 0);
  for (Client* client : {&before, &after}) {
    ASSERT_TRUE(client->Send(Get("/constant")));
    EXPECT_EQ(client->Read()->status, 200);
  }
}

TEST(HttpsServer, RefusesTls11) {
  const auto running = StartServer(Tls::kOn);
  const Client client = Client::Tls(running->port(), [](SSL_CTX* context) {
    SSL_CTX_set_security_level(context, 0);
    SSL_CTX_set_min_proto_version(context, TLS1_1_VERSION);
    SSL_CTX_set_max_proto_version(context, TLS1_1_VERSION);
  });
  EXPECT_FALSE(client.connected());
  EXPECT_TRUE(running->observer.WaitFor([](const auto& seen) {
    return seen.handshakes == std::vector<std::string>{"unsupported protocol"};
  }));
}

TEST(HttpsServer, TellsThatAClientDoesNotTrustTheCertificate) {
  for (const int version : {TLS1_2_VERSION, TLS1_3_VERSION}) {
    const auto running = StartServer(Tls::kOn);
    const Client client = Client::Tls(running->port(), [version](SSL_CTX* context) {
      SSL_CTX_set_max_proto_version(context, version);
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
    });
    EXPECT_FALSE(client.connected());
    EXPECT_TRUE(running->observer.WaitFor([](const auto& seen) {
      return seen.handshakes == std::vector<std::string>{"tlsv1 alert unknown ca"};
    }));
  }
}

TEST(HttpsServer, AConnectionThatSaysNothingIsAFailedHandshake) {
  const auto running = StartServer(Tls::kOn);
  Client::Plain(running->port()).Close();
  EXPECT_TRUE(running->observer.WaitFor([](const auto& seen) {
    return seen.handshakes == std::vector<std::string>{"the peer closed the connection"};
  }));
}

TEST(HttpsServer, ServesTls12) {
  const auto running = StartServer(Tls::kOn);
  Client client = Client::Tls(running->port(), [](SSL_CTX* context) {
    SSL_CTX_set_max_proto_version(context, TLS1_2_VERSION);
  });
  ASSERT_TRUE(client.Send(Get("/constant")));
  EXPECT_EQ(client.Read()->status, 200);
}

TEST(HttpsServer, DoesNotAskForAClientCertificate) {
  const auto running = StartServer(Tls::kOn);
  Client client = Client::Tls(running->port(), [](SSL_CTX* context) {
    const KeyPairPem pair = testing::TestLeaf();
    const BioPtr certificate(BIO_new_mem_buf(pair.certificate.data(), -1));
    const BioPtr key(BIO_new_mem_buf(pair.private_key.data(), -1));
    const X509Ptr x509(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr));
    const EvpPkeyPtr pkey(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr));
    SSL_CTX_use_certificate(context, x509.get());
    SSL_CTX_use_PrivateKey(context, pkey.get());
  });
  ASSERT_TRUE(client.connected());
  ASSERT_TRUE(client.Send(Get("/constant")));
  EXPECT_EQ(client.Read()->status, 200);
}

TEST(HttpsServer, TellsHttpClientsToUseHttps) {
  const auto running = StartServer(Tls::kOn);
  Client client = Client::Plain(running->port());
  ASSERT_TRUE(client.Send(Get("/constant")));
  EXPECT_EQ(client.ReadToEnd(),
            "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: "
            "close\r\n\r\nthis port speaks HTTPS; use https://\n");
}

TEST(HttpsServer, SurvivesGarbageForAHandshake) {
  const auto running = StartServer(Tls::kOn);
  for (const std::string& bytes :
       {std::string("\x16\x03\x01\xff\xff\x01", 6) + std::string(70000, 'x'),
        std::string(1000, '\0'), std::string("\x80\x2e\x01\x00\x02", 5)}) {
    Client client = Client::Plain(running->port());
    client.Send(bytes);
    client.FinishSending();
    client.ReadToEnd();
  }
  Client client = Client::Tls(running->port());
  ASSERT_TRUE(client.Send(Get("/constant")));
  EXPECT_EQ(client.Read()->status, 200);
}

}  // namespace
}  // namespace plimsoll
