// ReadKubeconfig: which files, how they are merged, and what the chosen context says.
#include <algorithm>
#include <filesystem>
#include <span>
#include <utility>
#include <vector>

#include "kube/credential_text.h"
#include "kube/endpoint.h"
#include "kube/header_text.h"
#include "kube/kubeconfig_file.h"
#include "kube/small_file.h"
#include "plimsoll/base/text.h"
#include "plimsoll/kube/cluster_config.h"

namespace plimsoll::kube {
namespace {

struct Files {
  std::vector<std::string> paths;
  bool must_exist = false;  // named on the command line
  std::string origin;       // for the error where none exists
};

Files FilesOf(const KubeconfigChoice& choice, const Environment& environment) {
  if (!choice.path.empty()) return {{choice.path}, true, "--kubeconfig"};
  Files files;
  const std::string list = environment("KUBECONFIG").value_or("");
  for (const std::string_view path : Split(list, ':')) {
    if (path.empty() || std::count(files.paths.begin(), files.paths.end(), path) > 0) continue;
    files.paths.emplace_back(path);
  }
  files.origin = "KUBECONFIG";
  if (files.paths.empty()) {
    files.origin = "the default";
    files.paths.push_back(environment("HOME").value_or("") + "/.kube/config");
  }
  return files;
}

// What is there already wins, name by name.
void MergeInto(Kubeconfig& config, Kubeconfig more) {
  if (config.current_context.empty()) config.current_context = std::move(more.current_context);
  config.clusters.merge(more.clusters);
  config.users.merge(more.users);
  config.contexts.merge(more.contexts);
}

Result<Kubeconfig> ReadAll(const Files& files) {
  Kubeconfig merged;
  bool found = false;
  for (const std::string& path : files.paths) {
    std::error_code error;
    std::filesystem::path absolute = std::filesystem::absolute(path, error);
    Result<std::string> text = ReadSmallFile(path, "kubeconfig");
    if (!text && text.error().code == ErrorCode::kNotFound && !files.must_exist) continue;
    if (!text) return tl::unexpected(text.error());
    Result<Kubeconfig> one =
        ParseKubeconfig(*std::move(text), error ? path : absolute.lexically_normal().string());
    if (!one) return tl::unexpected(one.error());
    MergeInto(merged, *std::move(one));
    found = true;
  }
  if (found) return merged;
  return Fail(ErrorCode::kNotFound, "no kubeconfig: " + Join(files.paths, ", ") + " (" +
                                        files.origin + ") does not exist");
}

// The entry called `name`, or an error that lists those there are.
template <class T>
Result<const T*> Find(const std::map<std::string, T>& entries, const std::string& name,
                      std::string_view kind, std::string_view asked_by) {
  const auto found = entries.find(name);
  if (found != entries.end()) return &found->second;
  std::string message = "kubeconfig: there is no " + std::string(kind) + " \"" + name + "\" (" +
                        std::string(asked_by) + ")";
  std::vector<std::string_view> names;
  for (const auto& [known, unused] : entries) names.emplace_back(known);
  const std::string_view nearest = NearestName(name, names);
  if (!nearest.empty()) {
    message += ": did you mean \"" + std::string(nearest) + "\"?";
  } else if (names.empty()) {
    message += ": none is defined";
  } else {
    message += "; there are:";
    for (const std::string_view known : names) message.append(" ").append(known);
  }
  return Fail(ErrorCode::kInvalidArgument, SanitizeLine(message, 1000));
}

Result<std::string> ChooseContext(const Kubeconfig& config, const KubeconfigChoice& choice) {
  if (!choice.context.empty()) return choice.context;
  if (!config.current_context.empty()) return config.current_context;
  if (config.contexts.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "kubeconfig: no context is defined");
  }
  std::string names;
  for (const auto& [name, unused] : config.contexts) names.append(" ").append(name);
  return Fail(
      ErrorCode::kInvalidArgument,
      SanitizeLine("kubeconfig: no current-context: choose one with --context:" + names, 1000));
}

Status CheckCluster(const KubeconfigCluster& cluster) {
  if (cluster.server.empty()) {
    return Fail(ErrorCode::kInvalidArgument, "server: expected https://host:port, got nothing");
  }
  if (const Result<Endpoint> server = ParseServerUrl(cluster.server); !server) {
    return Fail(ErrorCode::kInvalidArgument, "server: " + server.error().message);
  }
  if (cluster.insecure_skip_tls_verify && !(cluster.ca.empty() && cluster.ca_file.empty())) {
    return Fail(ErrorCode::kInvalidArgument,
                "insecure-skip-tls-verify and a certificate-authority exclude each other");
  }
  if (!cluster.tls_server_name.empty() && !IsVisibleAscii(cluster.tls_server_name)) {
    return Fail(ErrorCode::kInvalidArgument, "tls-server-name: expected a host name");
  }
  if (!cluster.proxy_url.empty()) {
    if (const Result<ProxyEndpoint> proxy = ParseProxyUrl(cluster.proxy_url); !proxy) {
      return Fail(ErrorCode::kInvalidArgument, "proxy-url: " + proxy.error().message);
    }
  }
  return {};
}

ClusterConfig Combine(const std::string& context_name, const KubeconfigContext& context,
                      const KubeconfigCluster& cluster, const KubeconfigUser& user) {
  ClusterConfig config;
  config.context = context_name;
  config.server = cluster.server;
  config.ca = cluster.ca;
  config.ca_file = cluster.ca_file;
  config.insecure_skip_tls_verify = cluster.insecure_skip_tls_verify;
  config.tls_server_name = cluster.tls_server_name;
  config.proxy_url = cluster.proxy_url;
  if (!context.namespace_name.empty()) config.default_namespace = context.namespace_name;
  config.credentials = user.credentials;
  if (config.credentials.exec) {
    config.credentials.exec->cluster_extension = cluster.exec_extension;
  }
  return config;
}

}  // namespace

Result<ClusterConfig> ReadKubeconfig(const KubeconfigChoice& choice,
                                     const Environment& environment) {
  const Result<Kubeconfig> config = ReadAll(FilesOf(choice, environment));
  if (!config) return tl::unexpected(config.error());
  const Result<std::string> name = ChooseContext(*config, choice);
  if (!name) return tl::unexpected(name.error());
  const Result<const KubeconfigContext*> context = Find(
      config->contexts, *name, "context", choice.context.empty() ? "current-context" : "--context");
  if (!context) return tl::unexpected(context.error());
  const std::string asked_by = "context \"" + *name + "\"";
  const Result<const KubeconfigCluster*> cluster =
      Find(config->clusters, (*context)->cluster, "cluster", asked_by);
  if (!cluster) return tl::unexpected(cluster.error());
  if (const Status status = CheckCluster(**cluster); !status) {
    return Fail(status.error().code,
                "kubeconfig: cluster \"" + (*context)->cluster + "\": " + status.error().message);
  }
  // A cluster that asks for no credentials needs no user.
  static const KubeconfigUser kNobody;
  const KubeconfigUser* user = &kNobody;
  if (!(*context)->user.empty()) {
    const Result<const KubeconfigUser*> found =
        Find(config->users, (*context)->user, "user", asked_by);
    if (!found) return tl::unexpected(found.error());
    user = *found;
  }
  ClusterConfig combined = Combine(*name, **context, **cluster, *user);
  std::string problem = user->problem;
  if (problem.empty()) {
    if (const Status status = CheckCredentials(combined.credentials); !status) {
      problem = status.error().message;
    }
  }
  if (!problem.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "kubeconfig: user \"" + (*context)->user + "\": " + problem);
  }
  return combined;
}

}  // namespace plimsoll::kube
