// What the report's listener serves: GET /report, the page; GET /api/v1/..., the same as JSON. Read only.
//
// Every request has to say who asks (report_access.h). Thread-safety and ownership: what the ports point to is used from
// every serving thread and must outlive the server. Semantics: RFC 9110 (conditional requests, 401 and 403), RFC 6750.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/server/http.h"
#include "report_access.h"
#include "report_page.h"

namespace plimsoll::controller {

inline constexpr std::string_view kReportPath = "/report";
// Between two looks whether an answer is there: a TokenReview takes some 5 ms, a page of 5,000 workloads some 300.
inline constexpr std::chrono::milliseconds kReportAskAgain{20};

struct ReportRoutePorts {
  ReportAccess* access = nullptr;
  ReportPage* page = nullptr;
  std::function<std::shared_ptr<const PolicySnapshot>()> policies;
  const Clock* clock = nullptr;
};

std::vector<Route> ReportRoutes(ReportRoutePorts ports);

}  // namespace plimsoll::controller
