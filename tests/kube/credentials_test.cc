// Credentials: which go into a request, when they are read again, and what a 401 does.
#include <sys/stat.h>

#include <array>
#include <atomic>
#include <thread>

#include "tests/kube/support.h"
#include "tests/support/temp_folder.h"

namespace plimsoll::kube {
namespace {

using testing::Answering;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TempFolder;

std::vector<std::string> AuthorizationsOf(const FakeApiServer& server) {
  std::vector<std::string> values;
  for (const testing::FakeRequest& request : server.requests()) {
    values.push_back(request.Header("authorization"));
  }
  return values;
}

// Lets in whoever has that token.
FakeApiServer::Handler OnlyFor(std::string authorization) {
  return [authorization = std::move(authorization)](FakeExchange& exchange) {
    if (exchange.request().Header("authorization") == authorization) {
      exchange.Answer(200, "in");
    } else {
      exchange.Fail(401, "Unauthorized", "Unauthorized");
    }
  };
}

TEST(Credentials, NoneAreSentWhereNoneAreGiven) {
  FakeApiServer server(Answering(200, "{}"));
  EXPECT_EQ(Told(MakeClient(ConfigOf(server))->Call(Get("/x"))), "200 {}");
  EXPECT_THAT(AuthorizationsOf(server), ElementsAre(""));
}

TEST(Credentials, BasicAuthenticationIsSentInBase64) {
  FakeApiServer server(Answering(200, "{}"));
  ClusterConfig config = ConfigOf(server);
  config.credentials.username = "ana";
  config.credentials.password =
      "p\xC3\xA4ss\r\n:word";  // nothing of it can get into a header by itself
  EXPECT_EQ(Told(MakeClient(config)->Call(Get("/x"))), "200 {}");
  EXPECT_THAT(AuthorizationsOf(server), ElementsAre("Basic YW5hOnDDpHNzDQo6d29yZA=="));
}

TEST(TokenFile, BeatsATokenAndLosesItsWhiteSpace) {
  FakeApiServer server(Answering(200, "{}"));
  const TempFolder folder;
  folder.Write("token", "  from-file\n");
  ClusterConfig config = ConfigOf(server);
  config.credentials.token = "from-config";
  config.credentials.token_file = folder.Path("token");
  EXPECT_EQ(Told(MakeClient(config)->Call(Get("/x"))), "200 {}");
  EXPECT_THAT(AuthorizationsOf(server), ElementsAre("Bearer from-file"));
}

TEST(TokenFile, IsReadAgainWhenWhatWasReadIsOld) {
  FakeApiServer server(Answering(200, "{}"));
  const TempFolder folder;
  folder.Write("token", "one");
  ClusterConfig config = ConfigOf(server);
  config.credentials.token_file = folder.Path("token");
  ApiClientOptions options;
  options.file_max_age = {};
  const auto client = MakeClient(config, options);
  for (const char* text : {"one", "two", "", "three\r\nX: y"}) {
    folder.Write("token", text);
    EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  }
  folder.Remove("token");
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  // What cannot be used leaves the last that could.
  EXPECT_THAT(AuthorizationsOf(server),
              ElementsAre("Bearer one", "Bearer two", "Bearer two", "Bearer two", "Bearer two"));
}

TEST(TokenFile, IsNotReadForEveryRequest) {
  FakeApiServer server(Answering(200, "{}"));
  const TempFolder folder;
  folder.Write("token", "one");
  ClusterConfig config = ConfigOf(server);
  config.credentials.token_file = folder.Path("token");
  const auto client = MakeClient(config);
  folder.Write("token", "two");
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  EXPECT_THAT(AuthorizationsOf(server), ElementsAre("Bearer one"));
}

TEST(TokenFile, IsReadAgainAt401) {
  FakeApiServer server(OnlyFor("Bearer two"));
  const TempFolder folder;
  folder.Write("token", "one");
  ClusterConfig config = ConfigOf(server);
  config.credentials.token_file = folder.Path("token");
  const auto client = MakeClient(config);
  folder.Write("token", "two");  // rotated, and the old one revoked
  EXPECT_EQ(Told(client->Call(Send(ApiMethod::kPost, "/x", "{}"))), "200 in");
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 in");
  EXPECT_THAT(AuthorizationsOf(server), ElementsAre("Bearer one", "Bearer two", "Bearer two"));
}

TEST(TokenFile, ThatHasNothingNewerIsNotTriedTwice) {
  FakeApiServer server(OnlyFor("Bearer two"));
  const TempFolder folder;
  folder.Write("token", "one");
  ClusterConfig config = ConfigOf(server);
  config.credentials.token_file = folder.Path("token");
  const auto client = MakeClient(config);
  const Result<ApiResponse> answer = client->Call(Get("/x"));
  ASSERT_FALSE(answer.has_value());
  EXPECT_EQ(answer.error().code, ErrorCode::kForbidden);
  EXPECT_EQ(server.requests().size(), 1U);
}

TEST(TokenFile, IsTriedOnceMoreAndNotForEver) {
  const TempFolder folder;
  folder.Write("token", "0");
  std::atomic<int> asked{0};
  FakeApiServer server([&](FakeExchange& exchange) {
    folder.Write("token", std::to_string(++asked));  // always a newer one, never a good one
    exchange.Fail(401, "Unauthorized", "Unauthorized");
  });
  ClusterConfig config = ConfigOf(server);
  config.credentials.token_file = folder.Path("token");
  const auto client = MakeClient(config);
  EXPECT_THAT(Told(client->Call(Get("/x"))), HasSubstr("401"));
  EXPECT_EQ(server.requests().size(), 2U);
}

TEST(TokenFile, ThatIsUnusableFromTheBeginningIsSaidWithoutItsContents) {
  const TempFolder folder;
  ClusterConfig config;
  config.server = "http://127.0.0.1:1";
  config.credentials.token_file = folder.Path("token");
  for (const char* text : {"", " \n", "secret one", "secret\x01"}) {
    folder.Write("token", text);
    const auto client = ApiClient::Create(config, "t/1");
    ASSERT_FALSE(client.has_value()) << text;
    EXPECT_THAT(client.error().message, HasSubstr("token file " + folder.Path("token")));
    EXPECT_THAT(client.error().message, Not(HasSubstr("secret")));
  }
  folder.Remove("token");
  const auto client = ApiClient::Create(config, "t/1");
  ASSERT_FALSE(client.has_value());
  EXPECT_EQ(client.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(client.error().message, HasSubstr("No such file"));
}

// ---- exec plugins ----

class SettableClock final : public Clock {
 public:
  Timestamp Now() const override { return Timestamp(std::chrono::seconds(seconds_.load())); }
  void Set(Timestamp time) { seconds_ = time.time_since_epoch().count(); }

 private:
  std::atomic<std::chrono::seconds::rep> seconds_{0};
};

class ExecTest : public ::testing::Test {
 protected:
  // A plugin that counts its runs in the folder and prints what `script` makes of that number ($n).
  void Plugin(const std::string& script) {
    folder_.Write("plugin", "#!/bin/sh\ncd '" + folder_.path() +
                                "'\necho \"$KUBERNETES_EXEC_INFO\" > info\n"
                                "n=$(($(cat runs 2>/dev/null || echo 0) + 1))\necho $n > runs\n" +
                                script + "\n");
    ::chmod(folder_.Path("plugin").c_str(), 0700);
  }
  static std::string Credential(const std::string& status) {
    return "echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\","
           "\"status\":" +
           status + "}'";
  }
  std::string Read(const std::string& name) const {
    std::ifstream stream(folder_.Path(name));
    std::string line;
    std::getline(stream, line);
    return line;
  }
  ClusterConfig Config(const std::string& server) const {
    ClusterConfig config;
    config.server = server;
    ExecPlugin plugin;
    plugin.command = folder_.Path("plugin");
    plugin.api_version = "client.authentication.k8s.io/v1";
    plugin.install_hint = "install it from corp.internal";
    config.credentials.exec = plugin;
    return config;
  }
  // What Create says of this plugin.
  std::string Complaint(const std::string& script) {
    Plugin(script);
    const auto client = ApiClient::Create(Config("http://127.0.0.1:1"), "t/1");
    return client ? "fine" : client.error().message;
  }

  TempFolder folder_;
};

TEST_F(ExecTest, GivesATokenThatIsKept) {
  FakeApiServer server(Answering(200, "{}"));
  Plugin(Credential(R"({"token":"token-'$n'"})"));
  const auto client = MakeClient(Config(server.url()));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  EXPECT_THAT(AuthorizationsOf(server),
              ElementsAre("Bearer token-1", "Bearer token-1", "Bearer token-1"));
}

TEST_F(ExecTest, IsAskedAgainWhenItsCredentialExpires) {
  FakeApiServer server(Answering(200, "{}"));
  Plugin(Credential(R"({"token":"token-'$n'","expirationTimestamp":"2026-11-24T0'$n':00:00Z"})"));
  SettableClock clock;
  clock.Set(*ParseTimestamp("2026-11-24T00:00:00Z"));
  ApiClientOptions options;
  options.clock = &clock;
  const auto client = MakeClient(Config(server.url()), options);
  for (const char* now : {"2026-11-24T00:59:59Z", "2026-11-24T01:00:00Z", "2026-11-24T01:30:00Z",
                          "2026-11-24T02:00:01Z"}) {
    clock.Set(*ParseTimestamp(now));
    EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  }
  EXPECT_THAT(AuthorizationsOf(server),
              ElementsAre("Bearer token-1", "Bearer token-2", "Bearer token-2", "Bearer token-3"));
}

TEST_F(ExecTest, IsAskedAgainAt401Once) {
  FakeApiServer server(OnlyFor("Bearer token-2"));
  Plugin(Credential(R"({"token":"token-'$n'"})"));
  const auto client = MakeClient(Config(server.url()));
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 in");
  EXPECT_EQ(Read("runs"), "2");

  FakeApiServer closed(OnlyFor("Bearer never"));
  const auto refused = MakeClient(Config(closed.url()));
  EXPECT_THAT(Told(refused->Call(Get("/x"))), HasSubstr("401"));
  EXPECT_EQ(closed.requests().size(), 2U);
}

TEST_F(ExecTest, RunsOnceForAllWhoWait) {
  FakeApiServer server(OnlyFor("Bearer token-2"));
  Plugin(Credential(R"({"token":"token-'$n'"})"));
  const auto client = MakeClient(Config(server.url()));
  std::array<std::string, 4> told;
  std::vector<std::thread> threads;
  for (std::string& one : told) {
    threads.emplace_back([&] { one = Told(client->Call(Get("/x"))); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::string& one : told) EXPECT_EQ(one, "200 in");
  EXPECT_EQ(Read("runs"), "2");
}

TEST_F(ExecTest, StepsBackForATokenInTheKubeconfig) {
  FakeApiServer server(Answering(200, "{}"));
  ClusterConfig config = Config(server.url());
  config.credentials.token = "mine";
  EXPECT_EQ(Told(MakeClient(config)->Call(Get("/x"))), "200 {}");
  EXPECT_THAT(AuthorizationsOf(server), ElementsAre("Bearer mine"));
}

TEST_F(ExecTest, IsToldAboutTheClusterIfItWantsToKnow) {
  Plugin(Credential(R"({"token":"t"})"));
  ClusterConfig config = Config("http://127.0.0.1:1");
  ASSERT_NE(MakeClient(config), nullptr);
  EXPECT_EQ(Read("info"),
            R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",)"
            R"("spec":{"interactive":false}})");
  folder_.Write("ca.crt", "PEM\n");
  config.ca_file = folder_.Path("ca.crt");
  config.tls_server_name = "kubernetes";
  config.credentials.exec->provide_cluster_info = true;
  config.credentials.exec->cluster_extension = R"({"audience":"x"})";
  ASSERT_NE(MakeClient(config), nullptr);
  EXPECT_EQ(Read("info"),
            R"({"kind":"ExecCredential","apiVersion":"client.authentication.k8s.io/v1",)"
            R"("spec":{"interactive":false,"cluster":{"server":"http://127.0.0.1:1",)"
            R"("tls-server-name":"kubernetes","certificate-authority-data":"UEVNCg==",)"
            R"("config":{"audience":"x"}}}})");
}

TEST_F(ExecTest, GetsItsArgumentsAndEnvironmentWithoutAShell) {
  FakeApiServer server(Answering(200, "{}"));
  Plugin("[ -t 0 ] && exit 3\nread line && exit 4\n" + Credential(R"({"token":"'$1-$NAME-$#'"})"));
  ClusterConfig config = Config(server.url());
  config.credentials.exec->args = {"$(touch pwned);", "two words"};
  config.credentials.exec->env = {{"NAME", "value"}};
  Plugin("printf '%s\\n' \"$1\" > first\n" + Credential(R"({"token":"'$NAME-$#'"})"));
  EXPECT_EQ(Told(MakeClient(config)->Call(Get("/x"))), "200 {}");
  EXPECT_THAT(AuthorizationsOf(server), ElementsAre("Bearer value-2"));
  EXPECT_EQ(Read("first"), "$(touch pwned);");
  EXPECT_EQ(Read("pwned"), "");
}

TEST_F(ExecTest, SaysWhatIsWrongAndNeverWhatWasPrinted) {
  const std::string secret = R"({"token":"secret"})";
  EXPECT_THAT(Complaint("echo 'log in first' >&2; exit 7"),
              HasSubstr("ended with code 7: log in first"));
  EXPECT_THAT(Complaint("kill -9 $$"), HasSubstr("ended with code 137"));
  for (const auto& [script, expected] : std::vector<std::pair<std::string, std::string>>{
           {"echo secret", "expected an ExecCredential in JSON"},
           {"echo '[\"secret\"]'", "expected an ExecCredential in JSON"},
           {"echo '{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"status\":" + secret + "}'",
            "expected kind ExecCredential"},
           {"echo '{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/"
            "v1beta1\",\"status\":" +
                secret + "}'",
            "apiVersion client.authentication.k8s.io/v1"},
           {Credential("{}"), "expected status.token or a client certificate"},
           {Credential(R"({"token":"secret\\nX: y"})"), "status.token: expected one line"},
           {Credential(R"({"clientKeyData":"secret"})"), "clientCertificateData"},
           {Credential(R"({"token":"secret","expirationTimestamp":"soon"})"),
            "status.expirationTimestamp"},
           {"yes secret", "writes more than 1048576 bytes"}}) {
    const std::string complaint = Complaint(script);
    EXPECT_THAT(complaint, HasSubstr(expected)) << script;
    EXPECT_THAT(complaint, Not(HasSubstr("secret"))) << script;
  }
}

TEST_F(ExecTest, ThatIsNotInstalledSaysHowToInstallIt) {
  ClusterConfig config = Config("http://127.0.0.1:1");
  config.credentials.exec->command = "no-such-plugin-anywhere";
  const auto client = ApiClient::Create(config, "t/1");
  ASSERT_FALSE(client.has_value());
  EXPECT_THAT(client.error().message, HasSubstr("cannot start no-such-plugin-anywhere"));
  EXPECT_THAT(client.error().message, HasSubstr("install it from corp.internal"));
}

TEST_F(ExecTest, ThatHangsIsKilledWithAllItHasStarted) {
  FakeApiServer server(OnlyFor("Bearer token-2"));
  // The second run never ends; nor does what it leaves behind, which holds its output open.
  Plugin("if [ $n -gt 1 ]; then sleep 1000 & echo $! > child; sleep 1000; fi\n" +
         Credential(R"({"token":"token-'$n'"})"));
  const auto client = MakeClient(Config(server.url()));
  ApiRequest request = Get("/x");
  request.timeout = std::chrono::milliseconds(500);
  EXPECT_THAT(Told(client->Call(request)), HasSubstr("timed out while running"));
  const std::string child = Read("child");
  ASSERT_FALSE(child.empty());
  // It ends when it gets its signal; nobody has to wait for it.
  EXPECT_TRUE(::kill(std::stoi(child), 0) != 0 || [&] {
    std::ifstream status("/proc/" + child + "/stat");
    std::string text;
    std::getline(status, text);
    return text.empty() || text.find(") Z") != std::string::npos ||
           text.find(") R") != std::string::npos;
  }()) << "still sleeping";
}

TEST_F(ExecTest, MayGiveAClientCertificate) {
  // The handshake is tested in tls_test.cc; here, that the certificate gets there.
  EXPECT_EQ(Complaint(Credential(R"({"clientCertificateData":"a","clientKeyData":"b"})")), "fine");
}

}  // namespace
}  // namespace plimsoll::kube
