#include "cluster.h"

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/kube/cluster_config.h"

namespace plimsoll::cli {
namespace {

std::optional<std::string> Environment(std::string_view name) {
  const char* const value = std::getenv(std::string(name).c_str());
  return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

Result<kube::ClusterConfig> ConfigOf(const ClusterOptions& options) {
  Result<kube::ClusterConfig> config =
      kube::ReadKubeconfig({options.kubeconfig, options.context}, Environment);
  if (config || !options.kubeconfig.empty() || !options.context.empty()) return config;
  // In a pod there is no kubeconfig, and everything that is needed.
  Result<kube::ClusterConfig> in_cluster = kube::InClusterConfig(Environment);
  return in_cluster ? std::move(in_cluster) : std::move(config);
}

}  // namespace

Result<std::unique_ptr<kube::ApiClient>> ConnectTo(const ClusterOptions& options) {
  Result<kube::ClusterConfig> config = ConfigOf(options);
  if (!config) return tl::unexpected(config.error());
  return kube::ApiClient::Create(*std::move(config), "plimsoll/" PLIMSOLL_VERSION);
}

}  // namespace plimsoll::cli
