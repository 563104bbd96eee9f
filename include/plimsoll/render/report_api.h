// /api/v1: what the report's page shows, as JSON for programs: services, policies, waivers, the three questions. The JSON is
// an interface that others build on: docs/api.md documents it, docs/api.schema.json is its schema.
//
// Lists are paged as the API server's are, by `limit` and `continue`. A page is of the moment it was asked for: who follows
// `continue` gets everything that was there throughout exactly once.
//
// Pure. Thread-safety: value types and functions without state.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/render/html_report.h"
#include "plimsoll/render/status_report.h"

namespace plimsoll {

inline constexpr int kApiVersion = 1;
inline constexpr std::string_view kApiPath = "/api/v1/";
// Of one page. A service takes some 500 bytes, so a page stays below a megabyte.
inline constexpr size_t kDefaultApiLimit = 100;
inline constexpr size_t kMaxApiLimit = 1000;

// What is asked about, worked out once for many questions. Neither copied nor moved: it points into itself.
struct ReportFacts {
  explicit ReportFacts(HtmlReport from);
  ReportFacts(const ReportFacts&) = delete;
  ReportFacts& operator=(const ReportFacts&) = delete;

  HtmlReport report;
  std::vector<ServiceStatus> services;  // by name and owner
  Answers answers;
};

struct ApiQuestion {
  std::string_view path;   // "/api/v1/services"
  std::string_view query;  // "limit=10&owner=payments", as sent
  const PolicySnapshot* policies = nullptr;
  Timestamp now;  // for the stages of policies
};

struct ApiAnswer {
  int status = 200;
  std::string body;
};

// What may be read there is what may be listed of these resources of plimsoll.dev, in all namespaces. Empty: there is no
// such path. Pointers to constants.
std::vector<std::string_view> ApiResources(std::string_view path);

ApiAnswer AnswerApi(const ReportFacts& facts, const ApiQuestion& question);

// An error as /api/v1 says it. `reason`: one word for programs ("Unauthorized", "Forbidden", ...).
ApiAnswer ApiError(int status, std::string_view reason, std::string_view message);

}  // namespace plimsoll
