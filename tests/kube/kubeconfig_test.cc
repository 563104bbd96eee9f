// Kubeconfigs: which files, how they are merged, what each field becomes, and what is said about bad ones.
#include "tests/kube/support.h"
#include "tests/support/temp_folder.h"

namespace plimsoll::kube {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::TempFolder;

// A cluster, user and context of that name, as YAML list items.
std::string Entry(const std::string& name, const std::string& user = "{token: t}") {
  return "clusters: [{name: " + name + ", cluster: {server: 'https://" + name +
         ":6443'}}]\nusers: [{name: " + name + ", user: " + user + "}]\ncontexts: [{name: " + name +
         ", context: {cluster: " + name + ", user: " + name + ", namespace: ns-" + name + "}}]\n";
}

class KubeconfigTest : public ::testing::Test {
 protected:
  Result<ClusterConfig> Read(const std::string& text, const std::string& context = "") {
    folder_.Write("config", text);
    return ReadKubeconfig({folder_.Path("config"), context}, EnvironmentOf({}));
  }
  std::string Complaint(const std::string& text, const std::string& context = "") {
    const Result<ClusterConfig> config = Read(text, context);
    return config ? "fine" : config.error().message;
  }
  TempFolder folder_;
};

TEST_F(KubeconfigTest, ReadsEveryField) {
  const Result<ClusterConfig> config = Read(R"(
apiVersion: v1
kind: Config
preferences: {}
current-context: main
clusters:
- name: c
  cluster:
    server: https://10.0.0.1:6443/base
    certificate-authority: pki/ca.crt
    tls-server-name: kubernetes.default.svc
    proxy-url: http://proxy:3128
    disable-compression: true
    extensions:
    - name: other
      extension: {a: 1}
    - name: client.authentication.k8s.io/exec
      extension: {audience: x}
contexts:
- name: main
  context: {cluster: c, user: u, namespace: shop}
users:
- name: u
  user:
    client-certificate: /abs/tls.crt
    client-key: tls.key
    token: token
    tokenFile: ../token
    as: ana
    as-uid: "7"
    as-groups: [ops, dev]
    as-user-extra: {scopes: [view, edit]}
    exec:
      apiVersion: client.authentication.k8s.io/v1beta1
      command: bin/plugin
      args: [get-token, --cluster=a]
      env: [{name: PROFILE, value: dev}]
      installHint: install it
      provideClusterInfo: true
      interactiveMode: IfAvailable
)");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->context, "main");
  EXPECT_EQ(config->server, "https://10.0.0.1:6443/base");
  EXPECT_EQ(config->ca, "");
  EXPECT_EQ(config->ca_file, folder_.Path("pki/ca.crt"));
  EXPECT_FALSE(config->insecure_skip_tls_verify);
  EXPECT_EQ(config->tls_server_name, "kubernetes.default.svc");
  EXPECT_EQ(config->proxy_url, "http://proxy:3128");
  EXPECT_EQ(config->default_namespace, "shop");
  const Credentials& credentials = config->credentials;
  EXPECT_EQ(credentials.client_certificate_file, "/abs/tls.crt");
  EXPECT_EQ(credentials.client_key_file, folder_.Path("tls.key"));
  EXPECT_EQ(credentials.token, "token");
  EXPECT_EQ(credentials.token_file, folder_.Path("../token"));
  EXPECT_EQ(credentials.impersonate_user, "ana");
  EXPECT_EQ(credentials.impersonate_uid, "7");
  EXPECT_EQ(credentials.impersonate_groups, (std::vector<std::string>{"ops", "dev"}));
  EXPECT_EQ(credentials.impersonate_extra, (std::vector<std::pair<std::string, std::string>>{
                                               {"scopes", "view"}, {"scopes", "edit"}}));
  ASSERT_TRUE(credentials.exec.has_value());
  EXPECT_EQ(credentials.exec->command, folder_.Path("bin/plugin"));
  EXPECT_EQ(credentials.exec->args, (std::vector<std::string>{"get-token", "--cluster=a"}));
  EXPECT_EQ(credentials.exec->env,
            (std::vector<std::pair<std::string, std::string>>{{"PROFILE", "dev"}}));
  EXPECT_EQ(credentials.exec->api_version, "client.authentication.k8s.io/v1beta1");
  EXPECT_EQ(credentials.exec->install_hint, "install it");
  EXPECT_TRUE(credentials.exec->provide_cluster_info);
  EXPECT_EQ(credentials.exec->cluster_extension, R"({"audience":"x"})");
}

TEST_F(KubeconfigTest, DataBeatsFiles) {
  const Result<ClusterConfig> config = Read(R"({"current-context": "a",
    "clusters": [{"name": "a", "cluster": {"server": "https://a",
      "certificate-authority": "ca.crt", "certificate-authority-data": "Q0E="}}],
    "users": [{"name": "a", "user": {
      "client-certificate": "c", "client-certificate-data": "Q0VS\nVA==",
      "client-key": "k", "client-key-data": "S0VZ"}}],
    "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}]})");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->ca, "CA");
  EXPECT_EQ(config->ca_file, "");
  EXPECT_EQ(config->credentials.client_certificate, "CERT");
  EXPECT_EQ(config->credentials.client_certificate_file, "");
  EXPECT_EQ(config->credentials.client_key, "KEY");
  EXPECT_EQ(config->credentials.client_key_file, "");
  EXPECT_EQ(config->default_namespace, "default");
}

TEST_F(KubeconfigTest, CommandsWithoutASlashAreLeftForPath) {
  const Result<ClusterConfig> config =
      Read("current-context: a\n" +
           Entry("a", "{exec: {apiVersion: client.authentication.k8s.io/v1, command: aws}}"));
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->credentials.exec->command, "aws");
}

TEST_F(KubeconfigTest, AContextNeedsNoUser) {
  const Result<ClusterConfig> config = Read(
      "current-context: a\nclusters: [{name: a, cluster: {server: 'http://localhost:8001'}}]\n"
      "contexts: [{name: a, context: {cluster: a}}]\n");
  ASSERT_TRUE(config.has_value()) << config.error().message;
  EXPECT_EQ(config->server, "http://localhost:8001");
}

TEST_F(KubeconfigTest, TheContextAskedForWins) {
  const std::string text =
      "current-context: b\nclusters: [{name: c, cluster: {server: 'https://c'}}]\n"
      "contexts: [{name: a, context: {cluster: c, namespace: na}}, "
      "{name: b, context: {cluster: c, namespace: nb}}]\n";
  EXPECT_EQ(Read(text)->default_namespace, "nb");
  EXPECT_EQ(Read(text, "a")->default_namespace, "na");
}

// ---- files ----

TEST_F(KubeconfigTest, FilesAreMergedAndTheFirstToSetAValueWins) {
  folder_.Write("one", "current-context: shared\n" + Entry("shared", "{token: first}"));
  folder_.Write("two", "current-context: other\n" + Entry("shared", "{username: u}") + "");
  folder_.Write("three", Entry("other", "{token: third}"));
  folder_.Write("empty", "");
  const std::string list = folder_.Path("missing") + "::" + folder_.Path("empty") + ":" +
                           folder_.Path("one") + ":" + folder_.Path("two") + ":" +
                           folder_.Path("one") + ":" + folder_.Path("three");
  const Environment environment = EnvironmentOf({{"KUBECONFIG", list}});
  const Result<ClusterConfig> shared = ReadKubeconfig({}, environment);
  ASSERT_TRUE(shared.has_value()) << shared.error().message;
  EXPECT_EQ(shared->context, "shared");
  EXPECT_EQ(shared->credentials.token, "first");
  EXPECT_EQ(shared->credentials.username, "") << "entries are not mixed";
  const Result<ClusterConfig> other = ReadKubeconfig({"", "other"}, environment);
  ASSERT_TRUE(other.has_value()) << other.error().message;
  EXPECT_EQ(other->credentials.token, "third");
}

TEST_F(KubeconfigTest, ABrokenFileOfTheListIsAnError) {
  folder_.Write("good", "current-context: a\n" + Entry("a"));
  folder_.Write("bad", "clusters: 7\n");
  const Result<ClusterConfig> config = ReadKubeconfig(
      {}, EnvironmentOf({{"KUBECONFIG", folder_.Path("good") + ":" + folder_.Path("bad")}}));
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().message, "kubeconfig " + folder_.Path("bad") +
                                        ":1:11: clusters: expected an array, got a number");
}

TEST_F(KubeconfigTest, TheDefaultIsInTheHome) {
  folder_.Write(".kube/config", "current-context: a\n" + Entry("a"));
  EXPECT_TRUE(ReadKubeconfig({}, EnvironmentOf({{"HOME", folder_.path()}})).has_value());
  const Result<ClusterConfig> none =
      ReadKubeconfig({}, EnvironmentOf({{"HOME", folder_.Path("nobody")}}));
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, ErrorCode::kNotFound);
  EXPECT_EQ(none.error().message, "no kubeconfig: " + folder_.Path("nobody/.kube/config") +
                                      " (the default) does not exist");
}

TEST_F(KubeconfigTest, AFileThatWasNamedMustExist) {
  const Result<ClusterConfig> config =
      ReadKubeconfig({folder_.Path("none"), ""}, EnvironmentOf({{"HOME", folder_.path()}}));
  ASSERT_FALSE(config.has_value());
  EXPECT_EQ(config.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(config.error().message, HasSubstr(folder_.Path("none") + ": No such file"));
}

TEST_F(KubeconfigTest, AFolderIsNoFile) {
  const Result<ClusterConfig> config = ReadKubeconfig({folder_.path(), ""}, EnvironmentOf({}));
  ASSERT_FALSE(config.has_value());
  EXPECT_THAT(config.error().message, HasSubstr("Is a directory"));
}

// ---- complaints ----

TEST_F(KubeconfigTest, NamesThatDoNotExistSuggestThoseThatDo) {
  const std::string text = "current-context: prodution\n" + Entry("production");
  EXPECT_EQ(Complaint(text),
            "kubeconfig: there is no context \"prodution\" (current-context): did you mean "
            "\"production\"?");
  EXPECT_EQ(Complaint(text, "x"),
            "kubeconfig: there is no context \"x\" (--context); there are: production");
  EXPECT_EQ(Complaint(Entry("a")), "kubeconfig: no current-context: choose one with --context: a");
  EXPECT_EQ(Complaint(""), "kubeconfig: no context is defined");
  EXPECT_EQ(Complaint("current-context: a\ncontexts: [{name: a, context: {cluster: c}}]"),
            "kubeconfig: there is no cluster \"c\" (context \"a\"): none is defined");
  EXPECT_THAT(
      Complaint("current-context: a\ncontexts: [{name: a, context: {cluster: a, user: z}}]\n"
                "clusters: [{name: a, cluster: {server: 'https://a'}}]"),
      HasSubstr("there is no user \"z\" (context \"a\")"));
}

TEST_F(KubeconfigTest, WhatIsWrongIsSaidWithItsPlace) {
  const std::string at = "kubeconfig " + folder_.Path("config");
  EXPECT_EQ(Complaint("kind: Pod"), at + ":1:7: kind: expected Config: this is no kubeconfig");
  EXPECT_EQ(Complaint("apiVersion: v2"), at + ":1:13: apiVersion: expected v1");
  EXPECT_EQ(Complaint("users:\n- name: a\n  user: {token: 12345}"),
            at + ":3:17: users[0].user.token: expected a string, got a number");
  EXPECT_EQ(Complaint("users:\n- name: a\n  user: {client-key-data: '%%%'}"),
            at + ":3:27: users[0].user.client-key-data: expected base64");
  EXPECT_EQ(Complaint("users: [{name: a}, {name: a}]"),
            at + ":1:27: users[1].name: the name \"a\" is there twice");
  EXPECT_EQ(Complaint("users: [7]"), at + ":1:9: users[0]: expected an object");
  EXPECT_THAT(Complaint("a: 1\n---\nb: 2\n"), HasSubstr("expected one document, got 2"));
  EXPECT_THAT(Complaint("a: 1\na: 2\n"), HasSubstr(at + ":2:1: "));
}

TEST_F(KubeconfigTest, AClusterThatCannotBeUsedSaysWhy) {
  const auto complaint = [this](const std::string& cluster) {
    return Complaint("current-context: a\nclusters: [{name: a, cluster: " + cluster +
                     "}]\ncontexts: [{name: a, context: {cluster: a}}]");
  };
  const std::string cluster = "kubeconfig: cluster \"a\": ";
  EXPECT_EQ(complaint("{}"), cluster + "server: expected https://host:port, got nothing");
  EXPECT_EQ(complaint("{server: 'ftp://a'}"),
            cluster + "server: expected https://host:port, got \"ftp://a\"");
  EXPECT_EQ(complaint("{server: \"https://a\\r\\nX: y\"}"),
            cluster + "server: expected https://host:port, got \"https://a  X: y\"");
  EXPECT_EQ(complaint("{server: 'https://user:secret@a/?x'}"),
            cluster +
                "server: expected https://host:port with nothing but a path behind it, got "
                "\"https://***@a/?x\"");
  EXPECT_THAT(complaint("{server: 'https://a', insecure-skip-tls-verify: true, "
                        "certificate-authority: b}"),
              HasSubstr("exclude each other"));
  EXPECT_THAT(complaint("{server: 'https://a', tls-server-name: 'b c'}"),
              HasSubstr("tls-server-name: expected a host name"));
  EXPECT_THAT(complaint("{server: 'https://a', proxy-url: 'socks5://u:secret@b'}"),
              AllOf(HasSubstr("proxy-url: expected http://host:port"), Not(HasSubstr("secret"))));
}

TEST_F(KubeconfigTest, AUserThatCannotBeUsedSaysWhyAndOnlyWhereItIsChosen) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"{token: \"secret\\r\\nX: y\"}", "token: expected one line of visible ASCII"},
      {"{token: secret, username: u}", "token and username exclude each other"},
      {"{username: 'a:b'}", "username: expected no colon"},
      {"{as: \"a\\nb\"}", "as: expected a user's name"},
      {"{as-groups: [a]}", "as-uid, as-groups and as-user-extra need `as`"},
      {"{client-certificate: a}", "client-certificate without client-key"},
      {"{client-key-data: c2VjcmV0}", "client-key without client-certificate"},
      {"{auth-provider: {name: gcp}}", "auth-provider is no longer supported: use an exec plugin"},
      {"{exec: {command: a, apiVersion: client.authentication.k8s.io/v1alpha1}}",
       "exec.apiVersion: expected client.authentication.k8s.io/v1 or v1beta1"},
      {"{exec: {apiVersion: client.authentication.k8s.io/v1}}", "exec.command"},
      {"{exec: {command: a, apiVersion: client.authentication.k8s.io/v1, "
       "interactiveMode: Always}}",
       "exec.interactiveMode: the plugin needs a terminal"},
      {"{exec: {command: a, apiVersion: client.authentication.k8s.io/v1, "
       "env: [{name: a=b, value: c}]}}",
       "exec.env: expected names without \"=\""},
  };
  for (const auto& [user, expected] : cases) {
    const std::string chosen = Complaint("current-context: a\n" + Entry("a", user));
    EXPECT_THAT(chosen, HasSubstr("kubeconfig: user \"a\": " + expected));
    EXPECT_THAT(chosen, Not(HasSubstr("secret")));
    const std::string not_chosen =
        "current-context: b\nclusters: [{name: c, cluster: {server: 'https://c'}}]\n"
        "contexts: [{name: b, context: {cluster: c, user: good}}]\n"
        "users: [{name: a, user: " +
        user + "}, {name: good, user: {token: t}}]";
    EXPECT_EQ(Complaint(not_chosen), "fine") << user;
  }
}

TEST_F(KubeconfigTest, TextThatCannotBeReadIsNotQuoted) {
  for (const char* text :
       {"users:\n- name: a\n  user: {token: secret", "users: [token: \"secret\nabc: - x",
        "{\"users\": [{\"token\": secret}]}", "{\"token\": secretsecretsecret}",
        "token: \"\\qsecret\"", "\tsecret: x", "- secret\n- x", "secret", "secret: &a [*a]"}) {
    const std::string complaint = Complaint(text);
    EXPECT_THAT(complaint, HasSubstr("kubeconfig")) << text;
    EXPECT_THAT(complaint, Not(HasSubstr("secret"))) << text;
  }
}

// ---- in the cluster ----

TEST(InCluster, ReadsWhatTheKubeletGives) {
  const TempFolder folder;
  folder.Write("token", "t");
  folder.Write("ca.crt", "CA");
  folder.Write("namespace", "plimsoll\n");
  for (const auto& [host, server] : std::vector<std::pair<std::string, std::string>>{
           {"10.96.0.1", "https://10.96.0.1:443"}, {"fd00::1", "https://[fd00::1]:443"}}) {
    const Result<ClusterConfig> config = InClusterConfig(
        EnvironmentOf({{"KUBERNETES_SERVICE_HOST", host}, {"KUBERNETES_SERVICE_PORT", "443"}}),
        folder.path());
    ASSERT_TRUE(config.has_value()) << config.error().message;
    EXPECT_EQ(config->server, server);
    EXPECT_EQ(config->ca_file, folder.Path("ca.crt"));
    EXPECT_EQ(config->credentials.token_file, folder.Path("token"));
    EXPECT_EQ(config->credentials.token, "");
    EXPECT_EQ(config->default_namespace, "plimsoll");
    EXPECT_EQ(config->context, "");
  }
}

TEST(InCluster, SaysWhatIsMissing) {
  const TempFolder folder;
  const auto complaint = [&](const std::map<std::string, std::string>& variables) {
    const Result<ClusterConfig> config = InClusterConfig(EnvironmentOf(variables), folder.path());
    return config ? "fine" : config.error().message;
  };
  const std::map<std::string, std::string> good = {{"KUBERNETES_SERVICE_HOST", "10.96.0.1"},
                                                   {"KUBERNETES_SERVICE_PORT", "443"}};
  EXPECT_THAT(complaint({}), HasSubstr("not in a cluster"));
  EXPECT_THAT(complaint({{"KUBERNETES_SERVICE_HOST", "a\nb"}, {"KUBERNETES_SERVICE_PORT", "1"}}),
              HasSubstr("KUBERNETES_SERVICE_HOST"));
  EXPECT_THAT(complaint(good), HasSubstr(folder.Path("ca.crt") + ": No such file"));
  folder.Write("ca.crt", "CA");
  EXPECT_THAT(complaint(good), HasSubstr(folder.Path("token") + ": No such file"));
  folder.Write("token", "t");
  EXPECT_EQ(complaint(good), "fine");
}

}  // namespace
}  // namespace plimsoll::kube
