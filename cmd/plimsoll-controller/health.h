// /healthz, /readyz and /metrics.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "plimsoll/server/http.h"

namespace plimsoll::controller {

struct Check {
  std::string name;
  bool ok = false;
  std::string detail;
};

// One line a check ("[+] policies: 2 in force"), 503 unless all are well.
Route ChecksRoute(std::string path, std::function<std::vector<Check>()> checks);
Route MetricsRoute(std::function<std::string()> expose);

}  // namespace plimsoll::controller
