// WaiverStatuses: writes the status of waivers where it differs, and tells of what people should see once. The leader calls
// it every few seconds.
//
// Thread-safety: one thread. Ownership: what the ports point to must outlive it.
#pragma once

#include <functional>

#include "cluster_waivers.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/model/audit_figures.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/telemetry/logger.h"

namespace plimsoll::controller {

struct WaiverStatusPorts {
  const ClusterWaivers* waivers = nullptr;
  controllers::WaiverStatusStore* store = nullptr;
  controllers::EventSink* events = nullptr;  // may be null
  Logger* logger = nullptr;
  // Asked before each write.
  std::function<bool()> may_write;
};

// `figures`: of the audit; before the first they say nothing of use.
void WriteWaiverStatuses(const WaiverStatusPorts& ports, const PolicySnapshot& policies,
                         const AuditFigures& figures, Timestamp now);

}  // namespace plimsoll::controller
