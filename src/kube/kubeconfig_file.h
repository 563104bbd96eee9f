// Kubeconfig: what one kubeconfig file says.
//
// Pure. Thread-safety: value types, a function without state. Semantics: client-go tools/clientcmd/api/v1.
#pragma once

#include <map>
#include <string>

#include "plimsoll/base/result.h"
#include "plimsoll/kube/cluster_config.h"

namespace plimsoll::kube {

struct KubeconfigCluster {
  std::string server;
  std::string ca;
  std::string ca_file;
  bool insecure_skip_tls_verify = false;
  std::string tls_server_name;
  std::string proxy_url;
  std::string exec_extension;  // JSON, for exec plugins
};

struct KubeconfigUser {
  Credentials credentials;
  // What we cannot do or what contradicts itself, as an error for whoever chooses this user; "" for nothing. Others can be
  // chosen all the same.
  std::string problem;
};

struct KubeconfigContext {
  std::string cluster;
  std::string user;
  std::string namespace_name;
};

struct Kubeconfig {
  std::string current_context;
  std::map<std::string, KubeconfigCluster> clusters;
  std::map<std::string, KubeconfigUser> users;
  std::map<std::string, KubeconfigContext> contexts;
};

// `path` is where the text comes from: for messages ("path:line:column: what"), and for paths relative to its folder.
// Fields we do not know are skipped, as client-go does.
Result<Kubeconfig> ParseKubeconfig(std::string text, const std::string& path);

}  // namespace plimsoll::kube
