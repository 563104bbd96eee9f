// InClusterConfig: what the kubelet gives every pod.
#include <string>

#include "kube/endpoint.h"
#include "kube/small_file.h"
#include "plimsoll/base/text.h"
#include "plimsoll/kube/cluster_config.h"

namespace plimsoll::kube {

Result<ClusterConfig> InClusterConfig(const Environment& environment, const std::string& folder) {
  const std::string host = environment("KUBERNETES_SERVICE_HOST").value_or("");
  const std::string port = environment("KUBERNETES_SERVICE_PORT").value_or("");
  if (host.empty() || port.empty()) {
    return Fail(
        ErrorCode::kNotFound,
        "not in a cluster: KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set; "
        "elsewhere give a kubeconfig");
  }
  ClusterConfig config;
  config.server =
      "https://" + (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + port;
  if (const Result<Endpoint> server = ParseServerUrl(config.server); !server) {
    return Fail(ErrorCode::kInvalidArgument,
                "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT: " + server.error().message);
  }
  config.ca_file = folder + "/ca.crt";
  config.credentials.token_file = folder + "/token";
  // Both are read for use later; a pod without them is told now.
  for (const auto& [path, what] : {std::pair(config.ca_file, "CA of the service account"),
                                   std::pair(config.credentials.token_file, "token")}) {
    if (const Result<std::string> text = ReadSmallFile(path, what); !text) {
      return Fail(text.error().code,
                  text.error().message + " (automountServiceAccountToken may be off)");
    }
  }
  // Older kubelets and hand-made volumes leave it out.
  if (const Result<std::string> name = ReadSmallFile(folder + "/namespace", "namespace")) {
    if (!Trim(*name).empty()) config.default_namespace = Trim(*name);
  }
  return config;
}

}  // namespace plimsoll::kube
