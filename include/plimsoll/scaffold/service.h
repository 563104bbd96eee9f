// A service that is ready from the first commit: what `plimsoll init` writes, as values. What the policies ask for (under
// which keys, how many replicas, which severities) is taken from the policies themselves.
//
// What only people know and nobody has said (the address of the runbook, where alerts go, the image) is kPlaceholder with a
// comment behind it; rules see it as missing, so `plimsoll check` reports it until somebody fills it in.
//
// Pure. Thread-safety: value types and functions without state.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {

// A word that IsPlaceholder knows; as an image it is no reference at all.
inline constexpr std::string_view kPlaceholder = "TODO";
// What stands behind each placeholder, for people and for `grep`.
inline constexpr std::string_view kPlaceholderMark = "# TODO: ";

using KeyValue = std::pair<std::string, std::string>;

// What the policies ask of a Deployment, as far as its author has no say in it. Of several policies: all of their keys, the
// largest of their minimums, what the first says where there can be only one.
struct ServiceTerms {
  std::vector<std::string> owner_keys;   // labels
  std::vector<std::string> owner_notes;  // annotations, where a policy looks only there
  std::vector<std::string> tier_labels;
  std::vector<std::string> tiers;  // the names that every policy with tiers knows
  std::string default_tier;
  std::vector<std::string> route_keys;
  std::vector<std::string> runbook_keys;
  std::vector<std::string> contact_keys;  // empty: nobody asks for a contact
  std::vector<std::string> app_labels;
  std::vector<std::string> alert_runbook_keys;
  std::string severity_key = "severity";
  std::string page_severity = "page";
  std::string ticket_severity = "ticket";
  std::string topology_key = "kubernetes.io/hostname";
  bool scrape_annotations = false;  // a policy knows no ServiceMonitors
  int64_t replicas = 2;
  std::vector<KeyValue> object_labels;     // without which a policy is not meant for it
  std::vector<KeyValue> namespace_labels;  // likewise, of its namespace
  std::vector<std::string> runbook_hosts;  // patterns; for who is asked for the address
};
ServiceTerms TermsOf(const PolicySnapshot& policies);

enum class ServiceLayout { kPlain, kKustomize, kChart };
enum class OwnersFile { kCodeowners, kOwners };
enum class CiSystem { kGithub, kGitlab, kNone };

// The answers. Texts may be anything that is one line; the rules judge them.
struct ServicePlan {
  std::string name;            // a DNS label: object names are made of it
  std::string owner;           // a slug
  std::string tier;            // "": without tiers
  std::string namespace_name;  // "": wherever it is applied
  std::string image;           // this and the next four: "" is left as placeholder
  std::string runbook;
  std::string alert_route;
  std::string contact;
  std::string code_owner;  // "@org/team"; "": made of the owner
  std::string kickoff;     // "2026-11-27"
  std::string
      policy;  // for `plimsoll check --policy` in CI, as seen from the service's folder; "": the built-in one
  int64_t port = 8080;
  int64_t replicas = 0;      // 0: what the policies ask for
  int64_t max_replicas = 0;  // 0: no autoscaler
  ServiceLayout layout = ServiceLayout::kPlain;
  OwnersFile owners_file = OwnersFile::kCodeowners;
  CiSystem ci = CiSystem::kGithub;
};

struct ServiceFile {
  std::string path;  // below the service's folder
  std::string text;
  bool executable = false;
};

// Sorted by path. Same plan and terms, same bytes.
std::vector<ServiceFile> WriteService(const ServicePlan& plan, const ServiceTerms& terms);

// The objects as they will be applied, whatever the layout: what is judged.
std::string RenderedObjects(const ServicePlan& plan, const ServiceTerms& terms);

// The plan with values in place of placeholders that every built-in rule takes for real: what it lacks then is not for
// want of an answer.
ServicePlan WithAnswers(ServicePlan plan, const ServiceTerms& terms);

}  // namespace plimsoll
