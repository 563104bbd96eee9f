// plimsoll waiver: exceptions as objects of the cluster, requested by one person and approved by another. Who may do what is
// held by the cluster (admission/waiver_review.h, docs/adr/0066); these commands only spare their users the YAML.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "options.h"
#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/model/readiness_waiver.h"

namespace plimsoll::cli {

struct WaiverOptions {
  ClusterOptions cluster;
  std::string name;  // of the waiver; request: "" makes one
  // request, renew
  std::vector<std::string> workloads;  // "Deployment/checkout"
  std::string policy;
  std::vector<std::string> rules;
  std::string reason;
  std::string expires;   // a date, or
  std::string lasting;   // how long: "30d"
  std::string user;      // requestedBy; "": who the cluster says we are
  bool dry_run = false;  // print it
  // list
  bool all_namespaces = false;
  bool expired = false;  // also those
  bool json = false;
  ColorMode color = ColorMode::kAuto;
};

// "30d", or as Go spells durations.
std::optional<std::chrono::seconds> ParseDays(std::string_view text);
// "Deployment/checkout", "deploy/checkout", "sts/db".
std::optional<WaivedWorkload> ParseWaivedWorkload(std::string_view text);
// A name that says what it is about: "checkout-runbook-url".
std::string WaiverNameFor(const ReadinessWaiver& waiver);
// As it is applied, or kept in Git.
std::string WaiverYaml(const ReadinessWaiver& waiver);
// The user as whom the API server knows us (SelfSubjectReview).
Result<std::string> WhoAmI(kube::ApiCaller& api);

int RequestWaiver(const WaiverOptions& options, Timestamp now, std::ostream& out);
int ApproveWaiver(const WaiverOptions& options, Timestamp now, std::ostream& out);
int ListWaivers(const WaiverOptions& options, Timestamp now, std::ostream& out);
int RenewWaiver(const WaiverOptions& options, Timestamp now, std::ostream& out);
int EndWaiver(const WaiverOptions& options, Timestamp now, std::ostream& out);

}  // namespace plimsoll::cli
