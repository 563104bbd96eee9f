// Calls: what is sent, what each answer becomes, what is tried again and when.
#include "plimsoll/kube/api_client.h"

#include "tests/kube/support.h"

namespace plimsoll::kube {
namespace {

using std::chrono::milliseconds;
using testing::Answering;
using ::testing::HasSubstr;
using testing::InOrder;
using ::testing::Not;

// Waits nowhere and remembers how long it would have.
struct Pauses {
  std::vector<milliseconds> waits;
  std::vector<std::string> errors;
  ApiClientOptions Options() {
    ApiClientOptions options;
    options.pause = [this](milliseconds wait) { waits.push_back(wait); };
    options.retrying = [this](const ApiRequest&, const Error& error, milliseconds) {
      errors.push_back(error.message);
    };
    return options;
  }
};

TEST(ApiClient, SendsMethodPathBodyAndHeaders) {
  FakeApiServer server(Answering(201, R"({"kind":"Pod"})"));
  ClusterConfig config = ConfigOf(server);
  config.server += "/k8s/clusters/c-1/";
  config.credentials.token = "secret-token";
  config.credentials.impersonate_user = "ana@corp.internal";
  config.credentials.impersonate_groups = {"ops", "dev"};
  config.credentials.impersonate_extra = {{"Scopes/x", "view"}};
  const auto client = MakeClient(config);
  ASSERT_NE(client, nullptr);
  EXPECT_EQ(Told(client->Call(
                Send(ApiMethod::kPost, "/api/v1/namespaces/a/pods?dryRun=All", R"({"a":1})"))),
            R"(201 {"kind":"Pod"})");
  const testing::FakeRequest request = server.requests().at(0);
  EXPECT_EQ(request.method, "POST");
  EXPECT_EQ(request.target, "/k8s/clusters/c-1/api/v1/namespaces/a/pods?dryRun=All");
  EXPECT_EQ(request.body, R"({"a":1})");
  std::map<std::string, std::string> headers = request.headers;
  EXPECT_EQ(headers, (std::map<std::string, std::string>{
                         {"host", "127.0.0.1:" + std::to_string(server.port())},
                         {"user-agent", "plimsoll-test/1"},
                         {"accept", "application/json"},
                         {"accept-encoding", "identity"},
                         {"authorization", "Bearer secret-token"},
                         {"content-type", "application/json"},
                         {"content-length", "7"},
                         {"impersonate-user", "ana@corp.internal"},
                         {"impersonate-group", "ops, dev"},
                         {"impersonate-extra-scopes%2fx", "view"}}))
      << ::testing::PrintToString(headers);
}

TEST(ApiClient, SendsEveryMethod) {
  FakeApiServer server(Answering(200, "{}"));
  const auto client = MakeClient(ConfigOf(server));
  const std::vector<std::pair<ApiMethod, std::string>> methods = {{ApiMethod::kGet, "GET"},
                                                                  {ApiMethod::kPost, "POST"},
                                                                  {ApiMethod::kPut, "PUT"},
                                                                  {ApiMethod::kPatch, "PATCH"},
                                                                  {ApiMethod::kDelete, "DELETE"}};
  for (const auto& [method, name] : methods) {
    EXPECT_EQ(Told(client->Call(Send(method, "/x", ""))), "200 {}");
    EXPECT_EQ(server.requests().back().method, name);
  }
  EXPECT_EQ(server.connections(), 1U);
}

// ---- what each status becomes ----

struct StatusCase {
  int status;
  std::string reason;
  ErrorCode code;
};

class StatusTest : public ::testing::TestWithParam<StatusCase> {};

TEST_P(StatusTest, BecomesAnErrorWithTheServersWords) {
  const StatusCase& expected = GetParam();
  FakeApiServer server([&](FakeExchange& exchange) {
    exchange.Fail(expected.status, expected.reason, "pods \"web\" is\nso");
  });
  const auto client = MakeClient(ConfigOf(server));
  const Result<ApiResponse> answer = client->Call(Send(ApiMethod::kPost, "/api/v1/pods", "{}"));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, expected.code) << expected.status;
  EXPECT_EQ(answer.error().message, "POST /api/v1/pods: " + std::to_string(expected.status) + " " +
                                        expected.reason + ": pods \"web\" is so");
  EXPECT_EQ(server.requests().size(), 1U) << "nobody asked for a retry";
}

INSTANTIATE_TEST_SUITE_P(
    All, StatusTest,
    ::testing::Values(StatusCase{400, "BadRequest", ErrorCode::kInvalidArgument},
                      StatusCase{401, "Unauthorized", ErrorCode::kForbidden},
                      StatusCase{403, "Forbidden", ErrorCode::kForbidden},
                      StatusCase{404, "NotFound", ErrorCode::kNotFound},
                      StatusCase{405, "MethodNotAllowed", ErrorCode::kInvalidArgument},
                      StatusCase{408, "Timeout", ErrorCode::kUnavailable},
                      StatusCase{409, "Conflict", ErrorCode::kConflict},
                      StatusCase{409, "AlreadyExists", ErrorCode::kAlreadyExists},
                      StatusCase{410, "Expired", ErrorCode::kConflict},
                      StatusCase{413, "RequestEntityTooLarge", ErrorCode::kInvalidArgument},
                      StatusCase{415, "UnsupportedMediaType", ErrorCode::kInvalidArgument},
                      StatusCase{422, "Invalid", ErrorCode::kInvalidArgument},
                      StatusCase{429, "TooManyRequests", ErrorCode::kUnavailable},
                      StatusCase{500, "InternalError", ErrorCode::kUnavailable},
                      StatusCase{503, "ServiceUnavailable", ErrorCode::kUnavailable},
                      StatusCase{504, "Timeout", ErrorCode::kUnavailable}),
    [](const auto& test) { return std::to_string(test.param.status) + test.param.reason; });

TEST(ApiClient, ShowsTheBeginningOfAnAnswerThatIsNoStatus) {
  FakeApiServer server(Answering(502, "<html>" + std::string(100'000, 'x')));
  const auto client = MakeClient(ConfigOf(server));
  const std::string told = Told(client->Call(Get("/x")));
  EXPECT_THAT(told, HasSubstr("GET /x: 502: <html>xxx"));
  EXPECT_LT(told.size(), 400U);
}

TEST(ApiClient, FollowsNoRedirects) {
  FakeApiServer server(Answering(302, "", "Location: /elsewhere\r\n"));
  const auto client = MakeClient(ConfigOf(server));
  const Result<ApiResponse> answer = client->Call(Get("/x"));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(answer.error().message, HasSubstr("redirects are not followed"));
  EXPECT_EQ(server.requests().size(), 1U);
}

// ---- again, where the server asks for it ----

TEST(ApiClient, WaitsAsLongAsTheServerAsksAndALittleMore) {
  for (const int status : {429, 500, 503, 504}) {
    const auto busy = [status](FakeExchange& exchange) {
      exchange.Fail(status, "TooManyRequests", "busy", "Retry-After: 2\r\n");
    };
    FakeApiServer server(InOrder({busy, busy, Answering(200, "{}")}));
    Pauses pauses;
    const auto client = MakeClient(ConfigOf(server), pauses.Options());
    EXPECT_EQ(Told(client->Call(Send(ApiMethod::kPost, "/x", "{}"))), "200 {}") << status;
    ASSERT_EQ(pauses.waits.size(), 2U) << status;
    for (const milliseconds wait : pauses.waits) {
      EXPECT_GE(wait, milliseconds(2000));
      EXPECT_LE(wait, milliseconds(2500));
    }
    EXPECT_THAT(pauses.errors.at(0), HasSubstr("TooManyRequests: busy"));
    for (const testing::FakeRequest& request : server.requests()) EXPECT_EQ(request.body, "{}");
  }
}

TEST(ApiClient, GivesUpAfterTenRetries) {
  FakeApiServer server([](FakeExchange& exchange) {
    exchange.Fail(429, "TooManyRequests", "storm", "Retry-After: 0\r\n");
  });
  Pauses pauses;
  const auto client = MakeClient(ConfigOf(server), pauses.Options());
  EXPECT_THAT(Told(client->Call(Get("/x"))), HasSubstr("storm"));
  EXPECT_EQ(server.requests().size(), 11U);
  // Not even zero seconds make a storm of our own.
  for (const milliseconds wait : pauses.waits) EXPECT_GE(wait, milliseconds(100));
}

TEST(ApiClient, DoesNotWaitBeyondItsDeadline) {
  FakeApiServer server([](FakeExchange& exchange) {
    exchange.Fail(503, "ServiceUnavailable", "later", "Retry-After: 60\r\n");
  });
  Pauses pauses;
  const auto client = MakeClient(ConfigOf(server), pauses.Options());
  EXPECT_THAT(Told(client->Call(Get("/x"))), HasSubstr("later"));
  EXPECT_EQ(server.requests().size(), 1U);
  EXPECT_TRUE(pauses.waits.empty());
}

TEST(ApiClient, ReallyWaits) {
  FakeApiServer server(
      InOrder({[](FakeExchange& exchange) { exchange.Fail(429, "R", "m", "Retry-After: 0\r\n"); },
               Answering(200, "{}")}));
  const auto client = MakeClient(ConfigOf(server));
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(100));
}

TEST(ApiClient, DoesNotRetryWhereNobodyAsked) {
  for (const char* headers : {"", "Retry-After: soon\r\n", "Retry-After: -1\r\n",
                              "Retry-After: Wed, 21 Oct 2026 07:28:00 GMT\r\n"}) {
    FakeApiServer server(Answering(503, "no", headers));
    const auto client = MakeClient(ConfigOf(server));
    EXPECT_THAT(Told(client->Call(Get("/x"))), HasSubstr("503"));
    EXPECT_EQ(server.requests().size(), 1U) << headers;
  }
  // 409 is for the caller, whatever the headers say.
  FakeApiServer server(Answering(409, "no", "Retry-After: 0\r\n"));
  const auto client = MakeClient(ConfigOf(server));
  EXPECT_THAT(Told(client->Call(Get("/x"))), HasSubstr("409"));
  EXPECT_EQ(server.requests().size(), 1U);
}

// ---- limits and hostile answers ----

TEST(ApiClient, TakesAnswersUpToTheLimitAndNotAByteMore) {
  ApiClientOptions options;
  options.max_response_bytes = 1000;
  for (const bool chunked : {false, true}) {
    for (const size_t size : {size_t{1000}, size_t{1001}}) {
      FakeApiServer server([&](FakeExchange& exchange) {
        if (!chunked) return exchange.Answer(200, std::string(size, 'a'));
        exchange.BeginChunks();
        exchange.Chunk(std::string(size - 1, 'a'));
        exchange.Chunk("a");
        exchange.EndChunks();
      });
      const auto client = MakeClient(ConfigOf(server), options);
      const Result<ApiResponse> answer = client->Call(Get("/x"));
      ASSERT_EQ(answer.has_value(), size == 1000) << Told(answer);
      if (!answer) {
        EXPECT_EQ(answer.error().code, ErrorCode::kLimitExceeded);
        EXPECT_THAT(answer.error().message, HasSubstr("larger than 1000 bytes"));
      }
    }
  }
}

struct HostileCase {
  std::string name;
  std::string bytes;
  std::string expected;  // part of the message
};

class HostileAnswerTest : public ::testing::TestWithParam<HostileCase> {};

TEST_P(HostileAnswerTest, IsAnErrorAndNothingElse) {
  FakeApiServer server([&](FakeExchange& exchange) {
    exchange.Send(GetParam().bytes);
    exchange.Close();
  });
  const auto client = MakeClient(ConfigOf(server));
  const Result<ApiResponse> answer = client->Call(Get("/x"));
  ASSERT_FALSE(answer.has_value()) << Told(answer);
  EXPECT_THAT(answer.error().message, HasSubstr(GetParam().expected));
  EXPECT_THAT(answer.error().message, HasSubstr("GET /x: "));
}

INSTANTIATE_TEST_SUITE_P(
    All, HostileAnswerTest,
    ::testing::Values(
        HostileCase{"nothing", "", "closed the connection without an answer"},
        HostileCase{"no_http", "SSH-2.0-OpenSSH_9\r\n\r\n", "is no HTTP/1.1"},
        HostileCase{"http2", "PRI * HTTP/2.0\r\n\r\n", "is no HTTP/1.1"},
        HostileCase{"half_head", "HTTP/1.1 200 OK\r\nContent-Le", "breaks off"},
        HostileCase{"half_body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "breaks off"},
        HostileCase{"half_chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab",
                    "breaks off"},
        HostileCase{"no_last_chunk",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n",
                    "breaks off"},
        HostileCase{"broken_chunk",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabX\r\n0\r\n\r\n",
                    "a broken chunk"},
        HostileCase{"negative_chunk",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-2\r\nab\r\n0\r\n\r\n",
                    "breaks off"},
        HostileCase{"no_chunk_size",
                    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab\r\n",
                    "breaks off"},
        HostileCase{
            "endless_chunk_size",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + std::string(200'000, '0'),
            "the framing of the answer"},
        HostileCase{"wrong_length", "HTTP/1.1 200 OK\r\nContent-Length: 2x\r\n\r\nab",
                    "a Content-Length that is no number"},
        HostileCase{"two_lengths",
                    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc",
                    "a Content-Length that is no number"},
        HostileCase{"other_encoding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
                    "Transfer-Encoding other than chunked"},
        HostileCase{"compressed",
                    "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nab",
                    "compression that was not asked for"},
        HostileCase{"long_status_line", "HTTP/1.1 200 " + std::string(1'000'000, 'x') + "\r\n\r\n",
                    "is longer than 512 bytes"},
        HostileCase{"long_second_status_line",
                    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 " + std::string(60'000, 'x') +
                        "\r\nContent-Length: 2\r\n\r\nab",
                    "interim answers"},
        HostileCase{"long_header", "HTTP/1.1 200 OK\r\nA: " + std::string(1'000'000, 'x'),
                    "is longer than 65536 bytes"},
        HostileCase{"many_headers",
                    "HTTP/1.1 200 OK\r\n" +
                        [] {
                          std::string headers;
                          for (int i = 0; i < 50'000; ++i) headers += "A: b\r\n";
                          return headers;
                        }(),
                    "is longer than 65536 bytes"}),
    [](const auto& test) { return test.param.name; });

TEST(ApiClient, ReadsABodyThatEndsWithTheConnection) {
  FakeApiServer server([](FakeExchange& exchange) {
    exchange.Send("HTTP/1.1 200 OK\r\n\r\nall of it");
    exchange.Close();
  });
  const auto client = MakeClient(ConfigOf(server));
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 all of it");
}

// ---- what is refused before it is sent ----

TEST(ApiClient, RefusesWhatWouldWriteHeadersOfItsOwn) {
  FakeApiServer server(Answering(200, "{}"));
  const auto client = MakeClient(ConfigOf(server));
  const std::vector<ApiRequest> requests = {
      Get("/x\r\nImpersonate-User: admin"),
      Get("/x y"),
      Get("x"),
      Get(""),
      Get("/x#y"),
      Get("/\xC3\xA4"),
      {ApiMethod::kGet, "/x", "", "", "a\r\nb"},
      {ApiMethod::kGet, "/x", "", "", ""},
      {ApiMethod::kPost, "/x", "{}", "a\r\nb"},
      {ApiMethod::kPost, "/x", "{}", ""},
  };
  for (const ApiRequest& request : requests) {
    const Result<ApiResponse> answer = client->Call(request);
    ASSERT_FALSE(answer.has_value()) << request.path;
    EXPECT_EQ(answer.error().code, ErrorCode::kInvalidArgument);
    EXPECT_FALSE(client
                     ->Stream(
                         request, {milliseconds(1), milliseconds(1)},
                         [](std::string_view) { return true; }, [] { return false; })
                     .has_value());
  }
  EXPECT_TRUE(server.requests().empty());
}

TEST(ApiClient, RefusesCredentialsThatWouldWriteHeaders) {
  const std::vector<std::pair<std::string, std::function<void(ClusterConfig&)>>> cases = {
      {"token", [](ClusterConfig& c) { c.credentials.token = "abc\r\nX: y"; }},
      {"token", [](ClusterConfig& c) { c.credentials.token = "abc def"; }},
      {"as:", [](ClusterConfig& c) { c.credentials.impersonate_user = "a\nb"; }},
      {"as-uid",
       [](ClusterConfig& c) {
         c.credentials.impersonate_user = "a";
         c.credentials.impersonate_uid = "a\nb";
       }},
      {"as-groups",
       [](ClusterConfig& c) {
         c.credentials.impersonate_user = "a";
         c.credentials.impersonate_groups = {"a\rb"};
       }},
      {"as-user-extra",
       [](ClusterConfig& c) {
         c.credentials.impersonate_user = "a";
         c.credentials.impersonate_extra = {{"k", "a\nb"}};
       }},
      {"need `as`", [](ClusterConfig& c) { c.credentials.impersonate_groups = {"a"}; }},
      {"username", [](ClusterConfig& c) { c.credentials.username = "a:b"; }},
      {"exclude each other",
       [](ClusterConfig& c) {
         c.credentials.username = "a";
         c.credentials.token = "b";
       }},
      {"server", [](ClusterConfig& c) { c.server = "https://a\r\nb"; }},
      {"server", [](ClusterConfig& c) { c.server = "10.0.0.1:6443"; }},
      {"server", [](ClusterConfig& c) { c.server = "https://user:secret@host"; }},
      {"proxy-url", [](ClusterConfig& c) { c.proxy_url = "socks5://user:secret@proxy:1080"; }},
      {"tls-server-name", [](ClusterConfig& c) { c.tls_server_name = "a\r\nb"; }},
  };
  for (const auto& [expected, spoil] : cases) {
    ClusterConfig config;
    config.server = "http://127.0.0.1:1";
    spoil(config);
    const auto client = ApiClient::Create(config, "plimsoll-test/1");
    ASSERT_FALSE(client.has_value()) << expected;
    EXPECT_THAT(client.error().message, HasSubstr(expected));
    EXPECT_THAT(client.error().message, Not(HasSubstr("secret")));
    EXPECT_THAT(client.error().message, Not(HasSubstr("abc")));
  }
  ClusterConfig config;
  config.server = "http://127.0.0.1:1";
  EXPECT_FALSE(ApiClient::Create(config, "a\r\nb").has_value());
}

}  // namespace
}  // namespace plimsoll::kube
