// TLS: who is trusted, by which name, and how we prove who we are.
#include "plimsoll/net/tls_context.h"
#include "tests/fakes/test_pki.h"
#include "tests/kube/support.h"
#include "tests/support/temp_folder.h"

namespace plimsoll::kube {
namespace {

using std::chrono::hours;
using ::testing::AllOf;
using testing::Answering;
using ::testing::HasSubstr;
using testing::TempFolder;
using testing::TestPki;

struct NameCase {
  std::string name;
  std::vector<std::string> dns_names;
  std::vector<std::string> addresses;
  std::string host = "127.0.0.1";
  std::string server_name;
  std::string expected;  // part of the error; "" for success
  std::string sni;
};

class ServerNameTest : public ::testing::TestWithParam<NameCase> {};

TEST_P(ServerNameTest, IsVerifiedAndSent) {
  const NameCase& param = GetParam();
  const TestPki pki;
  FakeServerOptions options;
  options.certificate = pki.Issue(param.dns_names, param.addresses);
  FakeApiServer server(Answering(200, "{}"), options);
  ClusterConfig config;
  config.server = server.url(param.host);
  config.ca = pki.ca();
  config.tls_server_name = param.server_name;
  const auto client = MakeClient(config);
  const std::string told = Told(client->Call(Get("/x")));
  if (param.expected.empty()) {
    EXPECT_EQ(told, "200 {}");
    EXPECT_EQ(server.requests().at(0).sni, param.sni);
  } else {
    EXPECT_THAT(told, AllOf(HasSubstr("is not trusted: "), HasSubstr(param.expected)));
    EXPECT_TRUE(server.requests().empty());
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, ServerNameTest,
    ::testing::Values(
        NameCase{"address", {"kubernetes"}, {"127.0.0.1"}, "127.0.0.1", "", "", ""},
        NameCase{"wrong_address",
                 {"kubernetes"},
                 {"127.0.0.2"},
                 "127.0.0.1",
                 "",
                 "expected 127.0.0.1, it is for kubernetes, 127.0.0.2",
                 ""},
        // httplib would take any address that begins with these four bytes.
        NameCase{"longer_address", {}, {"7f00:1::1"}, "127.0.0.1", "", "expected 127.0.0.1", ""},
        NameCase{"address_as_a_name", {"127.0.0.1"}, {}, "127.0.0.1", "", "expected 127.0.0.1", ""},
        NameCase{"name", {"localhost"}, {}, "localhost", "", "", "localhost"},
        NameCase{"name_in_capitals", {"LOCALHOST"}, {}, "localhost", "", "", "localhost"},
        NameCase{"wrong_name",
                 {"kubernetes", "kubernetes.default"},
                 {},
                 "localhost",
                 "",
                 "expected localhost, it is for kubernetes, kubernetes.default",
                 ""},
        NameCase{"server_name",
                 {"kubernetes.default.svc"},
                 {},
                 "127.0.0.1",
                 "kubernetes.default.svc",
                 "",
                 "kubernetes.default.svc"},
        NameCase{"wrong_server_name",
                 {"kubernetes"},
                 {"127.0.0.1"},
                 "127.0.0.1",
                 "kubernetes.default",
                 "expected kubernetes.default, it is for kubernetes",
                 ""},
        NameCase{"server_name_is_an_address", {}, {"10.96.0.1"}, "127.0.0.1", "10.96.0.1", "", ""},
        NameCase{"wildcard",
                 {"*.corp.internal"},
                 {},
                 "127.0.0.1",
                 "api.corp.internal",
                 "",
                 "api.corp.internal"},
        NameCase{"wildcard_too_deep",
                 {"*.corp.internal"},
                 {},
                 "127.0.0.1",
                 "a.b.corp.internal",
                 "expected a.b.corp.internal",
                 ""}),
    [](const auto& test) { return test.param.name; });

TEST(Tls, TrustsNobodyElsesAuthority) {
  const TestPki ours;
  const TestPki theirs;
  FakeServerOptions options;
  options.certificate = theirs.Issue({}, {"127.0.0.1"});
  FakeApiServer server(Answering(200, "{}"), options);
  ClusterConfig config = ConfigOf(server);
  config.ca = ours.ca();
  EXPECT_THAT(Told(MakeClient(config)->Call(Get("/x"))), HasSubstr("is not trusted"));
  // The system's roots do not know it either.
  EXPECT_THAT(Told(MakeClient(ConfigOf(server))->Call(Get("/x"))), HasSubstr("is not trusted"));
  EXPECT_TRUE(server.requests().empty());

  config.ca = ours.ca() + theirs.ca();
  EXPECT_EQ(Told(MakeClient(config)->Call(Get("/x"))), "200 {}");

  config.ca.clear();
  config.insecure_skip_tls_verify = true;
  EXPECT_EQ(Told(MakeClient(config)->Call(Get("/x"))), "200 {}");
}

TEST(Tls, RefusesAnExpiredCertificate) {
  const TestPki pki;
  FakeServerOptions options;
  options.certificate = pki.Issue({}, {"127.0.0.1"}, hours(48));
  FakeApiServer server(Answering(200, "{}"), options);
  ClusterConfig config = ConfigOf(server);
  config.ca = pki.ca();
  EXPECT_THAT(Told(MakeClient(config)->Call(Get("/x"))),
              HasSubstr("is not trusted: certificate has expired"));
}

TEST(Tls, TakesACertificateThatIsItsOwnAuthority) {
  // kind and k3s do not, but hand-made ones are: what is given as a CA is an anchor, whatever it says of itself.
  const TestPki pki;
  FakeServerOptions options;
  options.certificate = pki.Issue({}, {"127.0.0.1"});
  FakeApiServer server(Answering(200, "{}"), options);
  ClusterConfig config = ConfigOf(server);
  config.ca = options.certificate->certificate;
  EXPECT_EQ(Told(MakeClient(config)->Call(Get("/x"))), "200 {}");
}

TEST(Tls, SaysThatThePeerDoesNotSpeakIt) {
  FakeServerOptions options;
  options.begin = FakeServerOptions::Begin::kShout;
  FakeApiServer server([](FakeExchange&) {}, options);
  ClusterConfig config;
  config.server = "https://127.0.0.1:" + std::to_string(server.port());
  EXPECT_THAT(Told(MakeClient(config)->Call(Get("/x"))),
              AllOf(HasSubstr("shaking hands (TLS)"), HasSubstr("wrong version number")));
}

TEST(Tls, RefusesWhatIsOlderThanTls12) {
  const TestPki pki;
  FakeServerOptions options;
  options.certificate = pki.Issue({}, {"127.0.0.1"});
  options.max_tls_version = TLS1_1_VERSION;
  FakeApiServer server(Answering(200, "{}"), options);
  ClusterConfig config = ConfigOf(server);
  config.ca = pki.ca();
  EXPECT_THAT(Told(MakeClient(config)->Call(Get("/x"))), HasSubstr("shaking hands (TLS)"));
}

// ---- client certificates ----

class ClientCertificateTest : public ::testing::TestWithParam<int> {
 protected:
  FakeServerOptions Options() const {
    FakeServerOptions options;
    options.certificate = pki_.Issue({}, {"127.0.0.1"});
    options.client_ca = pki_.ca();
    options.max_tls_version = GetParam();
    return options;
  }
  ClusterConfig Config(const FakeApiServer& server, const KeyPairPem& pair) const {
    ClusterConfig config = ConfigOf(server);
    config.ca = pki_.ca();
    config.credentials.client_certificate = pair.certificate;
    config.credentials.client_key = pair.private_key;
    return config;
  }
  TestPki pki_;
};

TEST_P(ClientCertificateTest, IsShown) {
  FakeApiServer server(Answering(200, "{}"), Options());
  const auto client = MakeClient(Config(server, pki_.Issue({"me"})));
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  EXPECT_EQ(server.requests().at(0).client_name, "me");
  EXPECT_EQ(server.connections(), 1U);
}

TEST_P(ClientCertificateTest, ThatIsNotTrustedIsAnErrorWithTheServersReason) {
  FakeApiServer server(Answering(200, "{}"), Options());
  const TestPki stranger;
  const std::string told =
      Told(MakeClient(Config(server, stranger.Issue({"me"})))->Call(Get("/x")));
  EXPECT_THAT(told, HasSubstr("alert unknown ca"));
}

TEST_P(ClientCertificateTest, ThatIsMissingIsAnErrorWithTheServersReason) {
  FakeApiServer server(Answering(200, "{}"), Options());
  EXPECT_THAT(Told(MakeClient(Config(server, {}))->Call(Get("/x"))), HasSubstr("alert"));
}

TEST_P(ClientCertificateTest, InFilesIsReadAgain) {
  FakeApiServer server(Answering(200, "{}"), Options());
  const TempFolder folder;
  const KeyPairPem first = pki_.Issue({"first"});
  folder.Write("tls.crt", first.certificate);
  folder.Write("tls.key", first.private_key);
  ClusterConfig config = Config(server, {});
  config.credentials.client_certificate_file = folder.Path("tls.crt");
  config.credentials.client_key_file = folder.Path("tls.key");
  ApiClientOptions options;
  options.file_max_age = {};
  const auto client = MakeClient(config, options);
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");

  // Half of a pair changes nothing, nor does a file that is gone.
  const KeyPairPem second = pki_.Issue({"second"});
  folder.Write("tls.crt", second.certificate);
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  folder.Remove("tls.key");
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  EXPECT_EQ(server.connections(), 1U);

  folder.Write("tls.key", second.private_key);
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
  EXPECT_EQ(server.connections(), 2U) << "the connection of the old certificate is not used";
  EXPECT_EQ(server.requests().front().client_name, "first");
  EXPECT_EQ(server.requests().back().client_name, "second");
}

INSTANTIATE_TEST_SUITE_P(Versions, ClientCertificateTest,
                         ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION), [](const auto& test) {
                           return test.param == TLS1_2_VERSION ? "tls12" : "tls13";
                         });

// ---- the CA's file ----

TEST(CaFile, IsReadAgainWhenAServerIsNotTrusted) {
  const TestPki old_pki;
  const TestPki new_pki;
  const TempFolder folder;
  folder.Write("ca.crt", old_pki.ca());
  FakeServerOptions options;
  options.certificate = new_pki.Issue({}, {"127.0.0.1"});
  FakeApiServer server(Answering(200, "{}"), options);
  ClusterConfig config = ConfigOf(server);
  config.ca_file = folder.Path("ca.crt");
  const auto client = MakeClient(config);  // reads again after a minute only
  EXPECT_THAT(Told(client->Call(Get("/x"))), HasSubstr("is not trusted"));
  folder.Write("ca.crt", new_pki.ca());
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
}

TEST(CaFile, ThatIsEmptyOrHalfWrittenChangesNothing) {
  const TestPki pki;
  const TempFolder folder;
  folder.Write("ca.crt", pki.ca());
  FakeServerOptions options;
  options.certificate = pki.Issue({}, {"127.0.0.1"});
  FakeApiServer server(Answering(200, "{}", "Connection: close\r\n"), options);
  ClusterConfig config = ConfigOf(server);
  config.ca_file = folder.Path("ca.crt");
  ApiClientOptions client_options;
  client_options.file_max_age = {};
  const auto client = MakeClient(config, client_options);
  for (const std::string& text :
       {std::string(), pki.ca().substr(0, 200), std::string("nonsense")}) {
    folder.Write("ca.crt", text);
    EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}") << text;
  }
  folder.Remove("ca.crt");
  EXPECT_EQ(Told(client->Call(Get("/x"))), "200 {}");
}

TEST(CaFile, ThatIsUnusableFromTheBeginningIsSaid) {
  const TempFolder folder;
  ClusterConfig config;
  config.server = "https://127.0.0.1:1";
  config.ca_file = folder.Path("ca.crt");
  for (const char* text : {"", "nonsense"}) {
    folder.Write("ca.crt", text);
    const auto client = ApiClient::Create(config, "t/1");
    ASSERT_FALSE(client.has_value());
    EXPECT_THAT(client.error().message, HasSubstr(folder.Path("ca.crt")));
  }
  folder.Remove("ca.crt");
  const auto client = ApiClient::Create(config, "t/1");
  ASSERT_FALSE(client.has_value());
  EXPECT_EQ(client.error().code, ErrorCode::kNotFound);
}

TEST(Tls, SettingsThatCannotBeUsedSayWhichAndNotWhat) {
  const TestPki pki;
  const KeyPairPem one = pki.Issue({"one"});
  const KeyPairPem two = pki.Issue({"two"});
  const std::vector<std::pair<net::TlsSettings, std::string>> cases = {
      {{"nonsense", true, {}}, "certificate authority: no certificate found"},
      {{pki.ca(), true, {"nonsense", one.private_key}}, "client certificate"},
      {{pki.ca(), true, {one.certificate, "nonsense"}}, "private key"},
      {{pki.ca(), true, {one.certificate, two.private_key}}, "does not belong"},
  };
  for (const auto& [settings, expected] : cases) {
    const auto context = net::MakeTlsContext(settings);
    ASSERT_FALSE(context.has_value());
    EXPECT_THAT(context.error().message, HasSubstr(expected));
    EXPECT_THAT(context.error().message, ::testing::Not(HasSubstr("nonsense")));
  }
}

}  // namespace
}  // namespace plimsoll::kube
