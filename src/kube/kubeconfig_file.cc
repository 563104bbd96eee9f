#include "kube/kubeconfig_file.h"

#include <algorithm>
#include <filesystem>
#include <string_view>
#include <utility>

#include "kube/field_reader.h"
#include "kube/header_text.h"
#include "plimsoll/codec/manifest.h"

namespace plimsoll::kube {
namespace {

constexpr std::string_view kExecExtension = "client.authentication.k8s.io/exec";

class KubeconfigReader {
 public:
  explicit KubeconfigReader(const std::string& path)
      : fields_(path), folder_(std::filesystem::path(path).parent_path()) {}

  Kubeconfig Read(JsonView root) {
    Kubeconfig config;
    const std::string kind = fields_.String(root, "", "kind");
    if (!kind.empty() && kind != "Config") {
      fields_.Fail(root["kind"], "", "kind", "expected Config: this is no kubeconfig");
    }
    const std::string version = fields_.String(root, "", "apiVersion");
    if (!version.empty() && version != "v1") {
      fields_.Fail(root["apiVersion"], "", "apiVersion", "expected v1");
    }
    config.current_context = fields_.String(root, "", "current-context");
    ReadNamed(root, "clusters", "cluster", config.clusters,
              [this](JsonView value, const std::string& at) { return ReadCluster(value, at); });
    ReadNamed(root, "users", "user", config.users,
              [this](JsonView value, const std::string& at) { return ReadUser(value, at); });
    ReadNamed(root, "contexts", "context", config.contexts,
              [this](JsonView value, const std::string& at) { return ReadContext(value, at); });
    return config;
  }

  const std::optional<Diagnostic>& problem() const { return fields_.problem(); }

 private:
  // A list of {name: ..., <member>: {...}}.
  template <class T, class ReadOne>
  void ReadNamed(JsonView root, std::string_view list, std::string_view member,
                 std::map<std::string, T>& out, const ReadOne& read_one) {
    size_t i = 0;
    for (const JsonView entry : fields_.Member(root, "", list, JsonKind::kArray).elements()) {
      const std::string at = std::string(list) + "[" + std::to_string(i++) + "]";
      if (!entry.is_object()) {
        fields_.Fail(entry, at, "", "expected an object");
        return;
      }
      const std::string name = fields_.String(entry, at, "name");
      T value = read_one(fields_.Member(entry, at, member, JsonKind::kObject),
                         at + "." + std::string(member));
      if (!out.emplace(name, std::move(value)).second) {
        fields_.Fail(entry["name"], at, "name", "the name \"" + name + "\" is there twice");
      }
    }
  }

  std::string Path(JsonView object, std::string_view at, std::string_view key) {
    const std::string path = fields_.String(object, at, key);
    return path.empty() ? path : (folder_ / path).string();
  }

  KubeconfigCluster ReadCluster(JsonView value, const std::string& at) {
    KubeconfigCluster cluster;
    cluster.server = fields_.String(value, at, "server");
    cluster.ca = fields_.Base64(value, at, "certificate-authority-data");
    if (cluster.ca.empty()) cluster.ca_file = Path(value, at, "certificate-authority");
    cluster.insecure_skip_tls_verify = fields_.Bool(value, at, "insecure-skip-tls-verify");
    cluster.tls_server_name = fields_.String(value, at, "tls-server-name");
    cluster.proxy_url = fields_.String(value, at, "proxy-url");
    for (const JsonView extension :
         fields_.Member(value, at, "extensions", JsonKind::kArray).elements()) {
      if (extension["name"].StringOrEmpty() == kExecExtension) {
        cluster.exec_extension = ToJson(extension["extension"]);
      }
    }
    return cluster;
  }

  KubeconfigContext ReadContext(JsonView value, const std::string& at) {
    return {fields_.String(value, at, "cluster"), fields_.String(value, at, "user"),
            fields_.String(value, at, "namespace")};
  }

  KubeconfigUser ReadUser(JsonView value, const std::string& at) {
    KubeconfigUser user;
    Credentials& credentials = user.credentials;
    credentials.client_certificate = fields_.Base64(value, at, "client-certificate-data");
    if (credentials.client_certificate.empty()) {
      credentials.client_certificate_file = Path(value, at, "client-certificate");
    }
    credentials.client_key = fields_.Base64(value, at, "client-key-data");
    if (credentials.client_key.empty()) {
      credentials.client_key_file = Path(value, at, "client-key");
    }
    credentials.token = fields_.String(value, at, "token");
    credentials.token_file = Path(value, at, "tokenFile");
    credentials.username = fields_.String(value, at, "username");
    credentials.password = fields_.String(value, at, "password");
    credentials.impersonate_user = fields_.String(value, at, "as");
    credentials.impersonate_uid = fields_.String(value, at, "as-uid");
    ReadImpersonation(value, at, credentials);
    ReadExec(value, at, user);
    if (value["auth-provider"].present()) {
      user.problem = "auth-provider is no longer supported: use an exec plugin";
    }
    const bool certificate =
        !credentials.client_certificate.empty() || !credentials.client_certificate_file.empty();
    const bool key = !credentials.client_key.empty() || !credentials.client_key_file.empty();
    if (certificate != key) {
      user.problem = certificate ? "client-certificate without client-key"
                                 : "client-key without client-certificate";
    }
    return user;
  }

  void ReadImpersonation(JsonView value, const std::string& at, Credentials& credentials) {
    for (const JsonView group :
         fields_.Member(value, at, "as-groups", JsonKind::kArray).elements()) {
      if (!group.is_string()) fields_.Fail(group, at, "as-groups", "expected strings");
      credentials.impersonate_groups.emplace_back(group.StringOrEmpty());
    }
    for (const JsonMember extra :
         fields_.Member(value, at, "as-user-extra", JsonKind::kObject).members()) {
      for (const JsonView text : extra.value.elements()) {
        credentials.impersonate_extra.emplace_back(extra.key, text.StringOrEmpty());
      }
    }
  }

  void ReadExec(JsonView value, const std::string& user_at, KubeconfigUser& user) {
    const JsonView exec = fields_.Member(value, user_at, "exec", JsonKind::kObject);
    if (!exec.exists()) return;
    const std::string at = user_at + ".exec";
    ExecPlugin plugin;
    plugin.command = fields_.String(exec, at, "command");
    // A name without a slash is looked for in PATH.
    if (plugin.command.find('/') != std::string::npos) {
      plugin.command = (folder_ / plugin.command).string();
    }
    for (const JsonView argument : fields_.Member(exec, at, "args", JsonKind::kArray).elements()) {
      if (!argument.is_string()) fields_.Fail(argument, at, "args", "expected strings");
      plugin.args.emplace_back(argument.StringOrEmpty());
    }
    for (const JsonView variable : fields_.Member(exec, at, "env", JsonKind::kArray).elements()) {
      plugin.env.emplace_back(fields_.String(variable, at + ".env[]", "name"),
                              fields_.String(variable, at + ".env[]", "value"));
    }
    plugin.api_version = fields_.String(exec, at, "apiVersion");
    plugin.install_hint = fields_.String(exec, at, "installHint");
    plugin.provide_cluster_info = fields_.Bool(exec, at, "provideClusterInfo");
    user.problem = ExecProblem(plugin, fields_.String(exec, at, "interactiveMode"));
    user.credentials.exec = std::move(plugin);
  }

  static std::string ExecProblem(const ExecPlugin& plugin, const std::string& interactive_mode) {
    if (plugin.command.empty()) return "exec.command: expected the name of a program";
    if (plugin.api_version != "client.authentication.k8s.io/v1" &&
        plugin.api_version != "client.authentication.k8s.io/v1beta1") {
      return "exec.apiVersion: expected client.authentication.k8s.io/v1 or v1beta1";
    }
    if (interactive_mode == "Always") {
      return "exec.interactiveMode: the plugin needs a terminal, and is run without one";
    }
    const bool bad_env = std::any_of(plugin.env.begin(), plugin.env.end(), [](const auto& entry) {
      return entry.first.empty() || entry.first.find('=') != std::string::npos;
    });
    return bad_env ? "exec.env: expected names without \"=\"" : "";
  }

  FieldReader fields_;
  std::filesystem::path folder_;
};

}  // namespace

Result<Kubeconfig> ParseKubeconfig(std::string text, const std::string& path) {
  const std::unique_ptr<Manifests> manifests =
      ParseManifests(std::move(text), DuplicateKeys::kReject);
  if (!manifests->problems.empty()) {
    Diagnostic problem = manifests->problems.front();
    problem.file = path;
    // Parsers show what they stumbled over; here it may be half a token.
    problem.message = problem.message.substr(0, problem.message.find(", got `"));
    return Fail(ErrorCode::kInvalidArgument, "kubeconfig " + FormatDiagnostic(problem),
                problem.position);
  }
  // As clientcmd has it, so that /dev/null can stand for "none".
  if (manifests->objects.empty()) return Kubeconfig();
  if (manifests->document_count > 1) {
    return Fail(ErrorCode::kInvalidArgument, "kubeconfig " + path +
                                                 ": expected one document, got " +
                                                 std::to_string(manifests->document_count));
  }
  KubeconfigReader reader(path);
  Kubeconfig config = reader.Read(manifests->objects.front());
  if (const std::optional<Diagnostic>& problem = reader.problem()) {
    return Fail(ErrorCode::kInvalidArgument, "kubeconfig " + FormatDiagnostic(*problem),
                problem->position);
  }
  return config;
}

}  // namespace plimsoll::kube
