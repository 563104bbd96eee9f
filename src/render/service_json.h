// A service as JSON has it, of `plimsoll status` and of /api/v1 alike.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <optional>

#include "plimsoll/model/finding.h"
#include "plimsoll/render/status_report.h"

namespace plimsoll {

// Null where nothing is to come.
nlohmann::ordered_json UpcomingJson(const std::optional<Upcoming>& upcoming);

// `workloads`: as much of each as its reader wants.
nlohmann::ordered_json ServiceJson(const ServiceStatus& service, nlohmann::ordered_json workloads);

}  // namespace plimsoll
