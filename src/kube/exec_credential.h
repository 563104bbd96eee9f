// ExecCredential: what we tell an exec plugin, and what it answers.
//
// Pure. Thread-safety: functions without state. Errors never quote the answer. Semantics: client.authentication.k8s.io v1 and
// v1beta1 (client-go plugin/pkg/client/auth/exec).
#pragma once

#include <optional>
#include <string>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/kube/cluster_config.h"
#include "plimsoll/tls/certificate.h"

namespace plimsoll::kube {

struct ExecCredential {
  std::string token;
  KeyPairPem client;  // empty: none
  std::optional<Timestamp> expires;
};

// The value of KUBERNETES_EXEC_INFO. `ca` is the CA's PEM text, also where the kubeconfig names a file.
std::string ExecInfo(const ExecPlugin& plugin, const ClusterConfig& cluster, const std::string& ca);

Result<ExecCredential> ParseExecCredential(std::string output, const std::string& api_version);

}  // namespace plimsoll::kube
