#include "waiver_statuses.h"

#include <optional>
#include <utility>

#include "plimsoll/controllers/waiver_status.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::controller {
namespace {

using controllers::WaiverStatus;

// Nothing while workloads wait to be judged: what they need is not known yet.
std::optional<WaiverStatus::Use> UseOf(const ClusterWaiver& waiver, const AuditFigures& figures) {
  if (figures.last_success == Timestamp{} || figures.waiting > 0) return std::nullopt;
  const auto found = figures.waivers.find(waiver.key);
  // Figures of before it was approved say nothing of what it excuses.
  if (found == figures.waivers.end() || found->second.state != WaiverState::kActive) {
    return std::nullopt;
  }
  return WaiverStatus::Use{found->second.workloads, found->second.findings};
}

void Tell(controllers::EventSink* events, const ClusterWaiver& waiver, const WaiverStatus& status) {
  if (events == nullptr) return;
  const std::optional<WaiverStatus>& stored = waiver.status;
  const WaiverStatus* before = stored ? &*stored : nullptr;
  for (controllers::WaiverNews& news : controllers::NewsOf(before, status)) {
    controllers::ClusterEvent event;
    event.type = news.warning ? controllers::ClusterEvent::Type::kWarning
                              : controllers::ClusterEvent::Type::kNormal;
    event.reason = news.reason;
    event.action = "Waiving";
    event.note = std::move(news.note);
    event.api_version = kube::kWaivers.api_version();
    event.kind = kube::kWaivers.kind;
    event.regarding = waiver.key;
    event.uid = waiver.uid;
    events->Emit(event);
  }
}

}  // namespace

void WriteWaiverStatuses(const WaiverStatusPorts& ports, const PolicySnapshot& policies,
                         const AuditFigures& figures, Timestamp now) {
  for (const auto& waiver : ports.waivers->Waivers()) {
    if (waiver->deleting) continue;
    const std::optional<WaiverStatus>& stored = waiver->status;
    const WaiverStatus* previous = stored ? &*stored : nullptr;
    const WaiverStatus status = controllers::MakeWaiverStatus(
        *waiver->parsed, waiver->generation, policies, UseOf(*waiver, figures), previous, now);
    if (previous != nullptr && status == *previous) continue;
    if (!ports.may_write()) return;
    const Status written = ports.store->Write(waiver->key, status);
    if (written) {
      Tell(ports.events, *waiver, status);
      continue;
    }
    ports.logger->Log(LogLevel::kWarning, "a waiver's status could not be written",
                      {{"resource_namespace", waiver->key.namespace_name},
                       {"name", waiver->key.name},
                       {"error", written.error().message}});
    // The next pass tries again. What is wrong with one waiver keeps no other from its status.
    if (written.error().code == ErrorCode::kUnavailable) return;
  }
}

}  // namespace plimsoll::controller
