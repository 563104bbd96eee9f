// The controller's command line.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/policy/evaluator.h"
#include "plimsoll/telemetry/logger.h"

namespace plimsoll::controller {

// Exit codes: 0 ended as asked, 1 a fault while running, 2 wrong usage or something it needs is missing.
inline constexpr int kExitFault = 1;
inline constexpr int kExitUsage = 2;

struct Options {
  bool standalone = false;
  std::string policies;
  std::string listen = ":9443";
  std::string metrics_listen = ":8080";
  std::string report_listen;  // "": the report is not served
  std::string state;
  std::vector<std::string> tls_names;
  LogLevel log_level = LogLevel::kInfo;
  std::chrono::seconds shutdown_delay{15};

  // ---- in a cluster ----
  std::string kubeconfig;  // "": the pod's service account, else KUBECONFIG
  std::string context;
  std::string namespace_name;  // where the controller itself is
  std::string pod_name;
  std::string pod_uid;
  std::string service = "plimsoll-webhook";
  std::string webhook_configuration = "plimsoll";
  std::string ca_secret = "plimsoll-webhook-ca";
  // A Secret with tls.crt and tls.key that somebody else keeps (cert-manager), who also writes caBundle.
  std::string tls_secret;
  std::vector<std::string> exclude_namespaces;
  // A ConfigMap of the own namespace; "": none is looked for.
  std::string team_directory = "plimsoll-teams";
  std::chrono::seconds related_grace = kRelatedGrace;
  Action strongest = Action::kDeny;  // --mode: what policies may do at most

  // Asks the API server whether the installation answers, and ends (self_test.h).
  bool self_test = false;
  std::string test_namespace = "default";

  const std::string& secret_name() const { return tls_secret.empty() ? ca_secret : tls_secret; }
};

struct ParsedOptions {
  // Where set, the program ends with it: help, version and the like were printed, or what was wrong.
  std::optional<int> exit;
  Options options;
};

ParsedOptions ParseOptions(int argc, char** argv);

}  // namespace plimsoll::controller
