// ParseReadinessWaiver: the whole document is checked against its tables, then what they cannot say.
#include <algorithm>
#include <array>
#include <utility>

#include "plimsoll/policy/evaluator.h"
#include "plimsoll/policy/waiver_set.h"
#include "policy/schema_check.h"
#include "policy/waiver_schema.h"

namespace plimsoll {
namespace {

constexpr std::string_view kGroup = "plimsoll.dev/";

void CheckRuleIds(JsonView rules, Problems& problems) {
  std::vector<std::string_view> before;
  size_t index = 0;
  for (const JsonView element : rules.elements()) {
    const std::string path = ElementPath("spec.rules", index++);
    if (index > waiver_schema::kMaxRules) return;
    if (!element.is_string() || !problems.Clean(element)) continue;
    const std::string_view id = element.text();
    if (FindRule(id) == nullptr && id != kTierRuleId) {
      const std::string_view nearest = NearestRuleId(id);
      problems.Add(element, path,
                   Quoted(id) + " is no rule" +
                       (nearest.empty() ? "; `plimsoll explain all` lists them"
                                        : "; did you mean " + Quoted(nearest) + "?"));
    }
    if (std::find(before.begin(), before.end(), id) != before.end()) {
      problems.Add(element, path, Quoted(id) + " is listed twice");
    }
    before.push_back(id);
  }
}

void CheckWorkloads(JsonView workloads, Problems& problems) {
  std::vector<std::pair<std::string_view, std::string_view>> before;
  size_t index = 0;
  for (const JsonView element : workloads.elements()) {
    const std::string path = ElementPath("spec.workloads", index++);
    if (index > waiver_schema::kMaxWorkloads) return;
    if (!problems.Clean(element)) continue;
    const std::pair workload(element["kind"].StringOrEmpty(), element["name"].StringOrEmpty());
    if (std::find(before.begin(), before.end(), workload) != before.end()) {
      problems.Add(
          element, path,
          std::string(workload.first) + " " + Quoted(workload.second) + " is listed twice");
    }
    before.push_back(workload);
  }
}

// A file cannot show who wrote it, but it can show that one person did both.
void CheckApproval(JsonView spec, Problems& problems) {
  const JsonView approved_by = spec["approval"]["approvedBy"];
  if (approved_by.StringOrEmpty().empty()) return;
  if (!MayBeSamePerson(approved_by.text(), spec["requestedBy"].StringOrEmpty())) return;
  problems.Add(
      approved_by, "spec.approval.approvedBy",
      Quoted(approved_by.text()) + " requested this waiver; somebody else must approve it");
}

ReadinessWaiver Read(JsonView document, std::string_view default_namespace) {
  const JsonView metadata = document["metadata"];
  const JsonView spec = document["spec"];
  ReadinessWaiver waiver;
  const std::string_view own_namespace = metadata["namespace"].StringOrEmpty();
  waiver.namespace_name = own_namespace.empty() ? default_namespace : own_namespace;
  waiver.name = metadata["name"].StringOrEmpty();
  for (const JsonView element : spec["workloads"].elements()) {
    const auto kind = ParseWorkloadKind(element["kind"].StringOrEmpty());
    if (kind) waiver.workloads.push_back({*kind, std::string(element["name"].StringOrEmpty())});
  }
  waiver.policy = spec["policy"].StringOrEmpty();
  for (const JsonView element : spec["rules"].elements()) {
    waiver.rules.emplace_back(element.StringOrEmpty());
  }
  waiver.reason = spec["reason"].StringOrEmpty();
  waiver.requested_by = spec["requestedBy"].StringOrEmpty();
  waiver.expires = ParseTimestamp(spec["expires"].StringOrEmpty()).value_or(Timestamp());
  waiver.approved_by = spec["approval"]["approvedBy"].StringOrEmpty();
  waiver.created = ParseTimestamp(metadata["creationTimestamp"].StringOrEmpty());
  return waiver;
}

}  // namespace

bool IsMeantAsWaiver(JsonView object) {
  return object["kind"].StringOrEmpty() == kWaiverKind &&
         object["apiVersion"].StringOrEmpty().starts_with(kGroup);
}

ParsedWaiver ParseReadinessWaiver(JsonView document, std::string_view default_namespace) {
  ParsedWaiver parsed;
  if (!document.exists()) {
    parsed.problems.push_back({{}, {}, "", "expected a ReadinessWaiver, found nothing"});
    return parsed;
  }
  Problems problems;
  if (const JsonView kind = document["kind"]; kind.is_string() && kind.text() != kWaiverKind) {
    problems.Add(kind, "kind", "expected ReadinessWaiver, found " + Quoted(kind.text()));
    parsed.problems = problems.Take();
    return parsed;
  }
  CheckSchema(document, waiver_schema::kRoot, "", problems);
  const JsonView spec = document["spec"];
  CheckRuleIds(spec["rules"], problems);
  CheckWorkloads(spec["workloads"], problems);
  CheckApproval(spec, problems);
  parsed.problems = problems.Take();
  if (parsed.problems.empty()) parsed.waiver = Read(document, default_namespace);
  return parsed;
}

}  // namespace plimsoll
