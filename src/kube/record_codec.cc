#include "plimsoll/kube/record_codec.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "kube/condition_json.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

using controllers::PolicyStatus;
using Json = nlohmann::ordered_json;

// k8s.io/apimachinery/pkg/util/validation, IsValidLabelValue; and not empty.
bool IsLabelValue(std::string_view text) {
  constexpr size_t kMaxLabelValue = 63;
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !text.empty() && text.size() <= kMaxLabelValue && alphanumeric(text.front()) &&
         alphanumeric(text.back()) && std::all_of(text.begin(), text.end(), [&](char c) {
           return alphanumeric(c) || c == '-' || c == '_' || c == '.';
         });
}

// Texts have been made valid UTF-8 long before; nothing is to throw here all the same.
std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json StageJson(const Upcoming& stage) {
  return {{"action", ActionName(stage.action)},
          {"from", FormatTimestamp(stage.from)},
          {"summary", controllers::StageSummary(stage)}};
}

void AddUnlessEmpty(Json& object, const char* name, const std::string& text) {
  if (!text.empty()) object[name] = text;
}

Json MetadataJson(const ObjectKey& key, const WorkloadRecord& record) {
  Json labels = {{"app.kubernetes.io/managed-by", "plimsoll"}};
  if (IsLabelValue(record.owner)) labels[kOwnerLabel] = record.owner;
  if (IsLabelValue(record.tier)) labels[kTierLabel] = record.tier;
  Json metadata = {{"name", key.name}, {"namespace", key.namespace_name}, {"labels", labels}};
  // Without a uid the API server would take no owner.
  if (record.uid.empty()) return metadata;
  metadata["ownerReferences"] = Json::array({{{"apiVersion", record.api_version},
                                              {"kind", WorkloadKindName(record.workload.kind)},
                                              {"name", record.workload.name},
                                              {"uid", record.uid},
                                              {"controller", false},
                                              {"blockOwnerDeletion", false}}});
  return metadata;
}

Json FindingJson(const RecordedFinding& finding) {
  Json out = {{"policy", finding.policy}, {"rule", finding.rule}};
  out["action"] = ActionName(finding.action);
  AddUnlessEmpty(out, "container", finding.container);
  AddUnlessEmpty(out, "path", finding.path);
  out["message"] = finding.message;
  if (finding.upcoming) out["next"] = StageJson(*finding.upcoming);
  AddUnlessEmpty(out, "waiver", finding.waiver);
  out["firstObserved"] = FormatTimestamp(finding.first_observed);
  return out;
}

Json RecordJson(const WorkloadRecord& record) {
  const std::string kind(WorkloadKindName(record.workload.kind));
  Json status;
  status["workload"] = {{"apiVersion", record.api_version}, {"kind", kind}};
  status["workload"]["name"] = record.workload.name;
  AddUnlessEmpty(status["workload"], "uid", record.uid);
  status["workload"]["reference"] = kind + "/" + record.workload.name;
  AddUnlessEmpty(status, "owner", record.owner);
  AddUnlessEmpty(status, "tier", record.tier);
  AddUnlessEmpty(status, "service", record.service);
  status["state"] = ReadinessStateName(record.state);
  status["policies"] = record.policies;
  status["counts"] = {
      {"failing", record.failing}, {"waived", record.waived}, {"passed", record.passed}};
  if (record.upcoming) status["next"] = StageJson(*record.upcoming);
  status["firstSeen"] = {{"at", FormatTimestamp(record.first_seen)},
                         {"how", SightingName(record.first_seen_by)}};
  status["findings"] = Json::array();
  for (const RecordedFinding& finding : record.findings) {
    status["findings"].push_back(FindingJson(finding));
  }
  return status;
}

// ---- reading ----

uint32_t ReadCount(JsonView value) {
  const int64_t number = value.AsInt().value_or(0);
  return static_cast<uint32_t>(
      std::clamp<int64_t>(number, 0, std::numeric_limits<uint32_t>::max()));
}

Timestamp ReadTime(JsonView value) {
  return ParseTimestamp(value.StringOrEmpty()).value_or(Timestamp());
}

Action ReadAction(JsonView value) {
  return ParseAction(value.StringOrEmpty()).value_or(Action::kAudit);
}

std::optional<Upcoming> ReadStage(JsonView value) {
  if (!value.is_object()) return std::nullopt;
  return Upcoming{ReadAction(value["action"]), ReadTime(value["from"])};
}

RecordedFinding ReadFinding(JsonView object) {
  RecordedFinding finding;
  finding.policy = object["policy"].StringOrEmpty();
  finding.rule = object["rule"].StringOrEmpty();
  finding.path = object["path"].StringOrEmpty();
  finding.container = object["container"].StringOrEmpty();
  finding.message = object["message"].StringOrEmpty();
  finding.action = ReadAction(object["action"]);
  finding.upcoming = ReadStage(object["next"]);
  finding.waiver = object["waiver"].StringOrEmpty();
  finding.first_observed = ReadTime(object["firstObserved"]);
  return finding;
}

}  // namespace

std::string WriteWorkloadRecord(const ObjectKey& key, const WorkloadRecord& record) {
  return Text({{"apiVersion", kRecords.api_version()},
               {"kind", kRecords.kind},
               {"metadata", MetadataJson(key, record)},
               {"status", RecordJson(record)}});
}

WorkloadRecord ReadWorkloadRecord(JsonView object) {
  const JsonView status = object["status"];
  const JsonView workload = status["workload"];
  WorkloadRecord record;
  record.workload.kind =
      ParseWorkloadKind(workload["kind"].StringOrEmpty()).value_or(WorkloadKind::kDeployment);
  record.workload.namespace_name = object["metadata"]["namespace"].StringOrEmpty();
  record.workload.name = workload["name"].StringOrEmpty();
  record.api_version = workload["apiVersion"].StringOrEmpty();
  record.uid = workload["uid"].StringOrEmpty();
  record.owner = status["owner"].StringOrEmpty();
  record.tier = status["tier"].StringOrEmpty();
  record.service = status["service"].StringOrEmpty();
  record.state =
      ParseReadinessState(status["state"].StringOrEmpty()).value_or(ReadinessState::kNotReady);
  for (const JsonView policy : status["policies"].elements()) {
    record.policies.emplace_back(policy.StringOrEmpty());
  }
  record.failing = ReadCount(status["counts"]["failing"]);
  record.waived = ReadCount(status["counts"]["waived"]);
  record.passed = ReadCount(status["counts"]["passed"]);
  record.upcoming = ReadStage(status["next"]);
  record.first_seen = ReadTime(status["firstSeen"]["at"]);
  record.first_seen_by =
      ParseSighting(status["firstSeen"]["how"].StringOrEmpty()).value_or(Sighting::kAudit);
  for (const JsonView finding : status["findings"].elements()) {
    record.findings.push_back(ReadFinding(finding));
  }
  return record;
}

std::string WritePolicyStatus(const PolicyStatus& status) {
  Json out = {{"observedGeneration", status.observed_generation}};
  out["stage"] = status.stage ? Json(ActionName(*status.stage)) : Json();
  out["nextStage"] = status.next_stage ? StageJson(*status.next_stage) : Json();
  out["workloads"] = Json();
  if (status.workloads) {
    out["workloads"] = {{"matched", status.workloads->matched},
                        {"ready", status.workloads->ready},
                        {"failing", status.workloads->failing},
                        {"waived", status.workloads->waived},
                        {"wouldBlock", status.workloads->would_block}};
  }
  out["conditions"] = Json::array();
  for (const controllers::PolicyCondition& condition : status.conditions) {
    out["conditions"].push_back(ConditionJson(condition));
  }
  return Text({{"status", std::move(out)}});
}

std::optional<PolicyStatus> ReadPolicyStatus(JsonView object) {
  const JsonView status = object["status"];
  if (!status.is_object() || status.size() == 0) return std::nullopt;
  PolicyStatus out;
  out.observed_generation = status["observedGeneration"].AsInt().value_or(0);
  if (out.observed_generation < 0) return std::nullopt;  // the CRD's default
  out.stage = ParseAction(status["stage"].StringOrEmpty());
  out.next_stage = ReadStage(status["nextStage"]);
  if (const JsonView workloads = status["workloads"]; workloads.is_object()) {
    out.workloads = PolicyFigures{.matched = ReadCount(workloads["matched"]),
                                  .ready = ReadCount(workloads["ready"]),
                                  .failing = ReadCount(workloads["failing"]),
                                  .waived = ReadCount(workloads["waived"]),
                                  .would_block = ReadCount(workloads["wouldBlock"])};
  }
  for (const JsonView condition : status["conditions"].elements()) {
    out.conditions.push_back(ReadCondition(condition));
  }
  return out;
}

}  // namespace plimsoll::kube
