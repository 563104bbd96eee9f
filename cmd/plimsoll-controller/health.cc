#include "health.h"

#include <algorithm>
#include <utility>

namespace plimsoll::controller {
namespace {

constexpr std::string_view kMetricsType = "text/plain; version=0.0.4; charset=utf-8";
constexpr int kUnavailable = 503;

}  // namespace

Route ChecksRoute(std::string path, std::function<std::vector<Check>()> checks) {
  return GetRoute(std::move(path), [checks = std::move(checks)](HttpResponse& response) {
    const std::vector<Check> results = checks();
    for (const Check& check : results) {
      response.body += (check.ok ? "[+] " : "[-] ") + check.name + ": " + check.detail + "\n";
    }
    const bool ok =
        std::all_of(results.begin(), results.end(), [](const Check& check) { return check.ok; });
    response.status = ok ? 200 : kUnavailable;
    response.body += ok ? "ok\n" : "failed\n";
  });
}

Route MetricsRoute(std::function<std::string()> expose) {
  return GetRoute("/metrics", [expose = std::move(expose)](HttpResponse& response) {
    response.content_type = kMetricsType;
    response.body = expose();
  });
}

}  // namespace plimsoll::controller
