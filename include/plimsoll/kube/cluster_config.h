// ClusterConfig: where an API server is, whom to trust there and how to prove who we are; from a pod's service account or
// from a kubeconfig.
//
// Thread-safety: value types; functions without state (they read files). Errors say which file or field is wrong and what
// was expected, and never quote a credential. Semantics: client-go rest.InClusterConfig and tools/clientcmd: the first file
// of KUBECONFIG that sets a value wins, `*-data` beats the file of the same name, paths are relative to the kubeconfig that
// names them. Without `proxy-url` there is no proxy: HTTPS_PROXY is not looked at.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/result.h"

namespace plimsoll::kube {

// Reading the environment is the program's affair (getenv without a lock is no thread's friend).
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// users[].user.exec: a program that prints an ExecCredential (client.authentication.k8s.io/v1 or v1beta1).
struct ExecPlugin {
  std::string command;
  std::vector<std::string> args;
  std::vector<std::pair<std::string, std::string>> env;
  std::string api_version;
  std::string install_hint;
  bool provide_cluster_info = false;
  // The cluster's extension "client.authentication.k8s.io/exec" as JSON, handed on with the cluster's data; "" for none.
  std::string cluster_extension;
};

// At most one of token, basic authentication and exec is used, in this order; a client certificate may come with each.
struct Credentials {
  std::string token;
  // Read again at least once a minute: the kubelet renews it. Beats `token`.
  std::string token_file;
  std::string client_certificate;       // PEM
  std::string client_certificate_file;  // read again when it changes
  std::string client_key;
  std::string client_key_file;
  std::string username;
  std::string password;
  std::optional<ExecPlugin> exec;
  std::string impersonate_user;  // --as
  std::string impersonate_uid;   // --as-uid
  std::vector<std::string> impersonate_groups;
  std::vector<std::pair<std::string, std::string>> impersonate_extra;
};

struct ClusterConfig {
  std::string context;  // its name in the kubeconfig; "" in a cluster
  std::string server;   // "https://10.96.0.1:443", possibly with a path
  std::string ca;       // PEM; with ca_file empty as well: the system's roots
  std::string ca_file;  // read again when it changes
  bool insecure_skip_tls_verify = false;
  std::string tls_server_name;  // the name to verify instead of the host's
  std::string proxy_url;        // "http://user:password@proxy:3128"; "" for none
  std::string default_namespace = "default";
  Credentials credentials;
};

struct KubeconfigChoice {
  std::string path;     // --kubeconfig; "" for KUBECONFIG (a list), else ~/.kube/config
  std::string context;  // --context; "" for current-context
};

// KUBERNETES_SERVICE_HOST and _PORT, and the files of the pod's service account below `folder`.
inline constexpr std::string_view kServiceAccountFolder =
    "/var/run/secrets/kubernetes.io/serviceaccount";
Result<ClusterConfig> InClusterConfig(
    const Environment& environment, const std::string& folder = std::string(kServiceAccountFolder));

Result<ClusterConfig> ReadKubeconfig(const KubeconfigChoice& choice,
                                     const Environment& environment);

}  // namespace plimsoll::kube
