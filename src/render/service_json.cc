#include "render/service_json.h"

#include <nlohmann/json.hpp>
#include <utility>

namespace plimsoll {

using Json = nlohmann::ordered_json;

Json UpcomingJson(const std::optional<Upcoming>& upcoming) {
  if (!upcoming) return nullptr;
  return {{"action", ActionName(upcoming->action)}, {"from", FormatTimestamp(upcoming->from)}};
}

Json ServiceJson(const ServiceStatus& service, Json workloads) {
  return {{"service", service.service},
          {"owner", service.owner},
          {"tier", service.tier},
          {"state", ReadinessStateName(service.state)},
          {"failing", service.failing},
          {"waived", service.waived},
          {"blockedReleases", service.blocked_releases},
          {"firstSeen", FormatTimestamp(service.first_seen)},
          {"next", UpcomingJson(service.upcoming)},
          {"workloads", std::move(workloads)}};
}

}  // namespace plimsoll
