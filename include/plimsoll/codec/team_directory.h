// Reads a directory of teams from text, YAML or JSON. A document is one of
//
//   apiVersion: plimsoll.dev/v1alpha1          # our own format
//   kind: TeamDirectory
//   teams:
//     - slug: payments                         # what workloads name as their owner; the rest is optional
//       name: Payments
//       contact: "#payments"
//       alertRoutes: ["pagerduty:PAYMENTS"]    # inherited by workloads that name none
//       onCall: https://oncall.corp.internal/payments
//       aliases: [pay, payment-service]        # accepted in place of the slug
//       parent: commerce
//     - slug: billing
//       retiredAfter: "2026-12-01T00:00:00Z"   # from this second on no owner may be called that
//       successor: payments
//
//   apiVersion: backstage.io/v1alpha1          # a catalog export: Group entities, also as a list or under `items`
//   kind: Group                                # other kinds and other fields are left alone
//   metadata: {name: payments, title: Payments, annotations: {...}}
//   spec: {profile: {displayName: Payments, email: payments@corp.internal}, parent: commerce}
//
// Annotations of a Group: plimsoll.dev/contact (else spec.profile.email), plimsoll.dev/on-call, plimsoll.dev/aliases (with
// commas between), plimsoll.dev/retired-after, plimsoll.dev/successor; alert routes are those that the rule alerting.route
// knows on workloads (plimsoll.dev/alert-route, pagerduty.com/service-id, opsgenie.com/...).
//
// A ConfigMap is the texts of its `data`, one file each; its other fields are left alone.
//
// Strict: an unknown field of our own format, a wrong type, a name that stands twice, a successor that is no team are
// problems, each with its place; a directory with a problem is no directory. The input is hostile: every size is limited.
//
// Pure. Thread-safety: functions.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/model/team_directory.h"

namespace plimsoll {

inline constexpr std::string_view kTeamDirectoryKind = "TeamDirectory";

// A ConfigMap has 1 MiB; a catalog export with all its people is larger, and is a file.
inline constexpr size_t kMaxDirectoryBytes = 16 * 1024 * 1024;
// More problems are a file of another kind.
inline constexpr size_t kMaxDirectoryProblems = 100;
inline constexpr size_t kMaxTeamAliases = 32;
inline constexpr size_t kMaxTeamRoutes = 16;
// Contacts and routes are printed in denials; links are limited as everywhere (RFC 9110 asks for 8,000, browsers for 2,000).
inline constexpr size_t kMaxTeamTextBytes = 256;
inline constexpr size_t kMaxTeamLinkBytes = 2048;

struct DirectoryText {
  std::string file;  // as shown in problems
  std::string text;
};

struct ParsedDirectory {
  std::vector<Team> teams;
  // Empty: `teams` is the directory. Otherwise it is not to be used.
  std::vector<Diagnostic> problems;
};

ParsedDirectory ParseTeamDirectory(std::vector<DirectoryText> texts);

// The texts of a ConfigMap object, each called "NAME: KEY"; what is wrong with the object goes to `problems`.
std::vector<DirectoryText> DirectoryTextsOf(JsonView config_map, const std::string& name,
                                            std::vector<Diagnostic>& problems);

}  // namespace plimsoll
