#include "cluster.h"

#include <cstdlib>
#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/kube/cluster_config.h"

namespace plimsoll::cli {
namespace {

// In the message of an Error: who one is, not what one may do.
constexpr std::string_view kUnauthorized = ": 401";

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
  if (in_cluster) return in_cluster;
  config.error().message += "; name one with --kubeconfig or KUBECONFIG";
  return config;
}

}  // namespace

Result<std::unique_ptr<kube::ApiClient>> ConnectTo(const ClusterOptions& options) {
  Result<kube::ClusterConfig> config = ConfigOf(options);
  if (!config) return tl::unexpected(config.error());
  return kube::ApiClient::Create(*std::move(config), "plimsoll/" PLIMSOLL_VERSION);
}

bool IsUnauthorized(const Error& error) {
  return error.code == ErrorCode::kForbidden &&
         error.message.find(kUnauthorized) != std::string::npos;
}

std::string InWords(const Error& error, std::string_view permission, std::string_view absent) {
  std::string text = error.message;
  if (IsUnauthorized(error)) {
    text += "; the credentials of the kubeconfig are not accepted: they may have expired";
  } else if (error.code == ErrorCode::kForbidden) {
    text += "; it takes the permission to " + std::string(permission);
  } else if (error.code == ErrorCode::kUnavailable) {
    text += "; is the cluster up, and this the right one (--context)?";
  } else if (error.code == ErrorCode::kNotFound && !absent.empty()) {
    text += "; " + std::string(absent);
  }
  return text;
}

}  // namespace plimsoll::cli
