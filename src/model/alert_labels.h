// Which labels of series name a workload, its namespace, its pods or its Service, and how.
//
// The names are those of kube-state-metrics, cAdvisor, the Prometheus operator's relabelling, Istio, and OpenTelemetry's
// semantic conventions (k8s.*, with "_" for "." where Prometheus takes them in).
#pragma once

#include <optional>
#include <string_view>

#include "plimsoll/model/alert.h"

namespace plimsoll {

struct AlertLabel {
  AlertRole role;
  WorkloadKind kind = WorkloadKind::kDeployment;
};

// Nothing where the label says nothing about whom a series is about.
std::optional<AlertLabel> AlertLabelOf(std::string_view label);

}  // namespace plimsoll
