#include "plimsoll/kube/replica_reports.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "kube/object_json.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

// Some replicas, and those of a rolling update: one page, but for leases that somebody keeps from being collected.
constexpr int kPageSize = 500;
// A server that always has another page must not keep the leader from everything else.
constexpr int kMaxPages = 20;

}  // namespace

ReplicaReports::ReplicaReports(ApiCaller& api, ObjectKey pod, std::string pod_uid)
    : api_(api), pod_(std::move(pod)), pod_uid_(std::move(pod_uid)) {}

Status ReplicaReports::Report(const controllers::ReplicaReport& report) {
  // Apart from the Lease of the leader, whatever the pods are called.
  const ObjectKey key{pod_.namespace_name, "replica-" + report.replica};
  nlohmann::json metadata = {{"name", key.name},
                             {"namespace", key.namespace_name},
                             {"labels", {{kReplicaLabel, "true"}}},
                             {"annotations", {{kReplicaCaAnnotation, report.ca}}}};
  if (!pod_uid_.empty()) {
    metadata["ownerReferences"] = {{{"apiVersion", "v1"},
                                    {"kind", kPods.kind},
                                    {"name", pod_.name},
                                    {"uid", pod_uid_},
                                    {"controller", false},
                                    {"blockOwnerDeletion", false}}};
  }
  const nlohmann::json lease = {
      {"apiVersion", kLeases.api_version()},
      {"kind", kLeases.kind},
      {"metadata", std::move(metadata)},
      {"spec",
       {{"holderIdentity", report.replica}, {"renewTime", FormatMicroTime(report.renewed)}}}};
  const Result<ApiResponse> response = Apply(api_, kLeases, key, lease, kReplicaFieldManager);
  if (!response) return tl::unexpected(response.error());
  return {};
}

Result<std::vector<controllers::ReplicaReport>> ReplicaReports::List() {
  std::vector<controllers::ReplicaReport> reports;
  std::string token;
  for (int page = 0; page < kMaxPages; ++page) {
    Result<std::string> next = TakePage(token, reports);
    if (!next) return tl::unexpected(next.error());
    if (next->empty()) return reports;
    token = *std::move(next);
  }
  return Fail(ErrorCode::kLimitExceeded, "there are more than " + std::to_string(kMaxPages) +
                                             " pages of " + std::to_string(kPageSize) +
                                             " Leases of replicas");
}

Result<std::string> ReplicaReports::TakePage(const std::string& token,
                                             std::vector<controllers::ReplicaReport>& reports) {
  ApiRequest request;
  request.path = CollectionPath(kLeases, pod_.namespace_name) +
                 "?labelSelector=" + PercentEncode(std::string(kReplicaLabel) + "=true") +
                 "&limit=" + std::to_string(kPageSize);
  if (!token.empty()) request.path += "&continue=" + PercentEncode(token);
  Result<ApiResponse> response = api_.Call(request);
  if (!response) return tl::unexpected(response.error());
  JsonParser parser;
  const Result<JsonView> list = parser.Parse(response->body);
  if (!list || !(*list)["items"].is_array()) {
    return Fail(ErrorCode::kInternal, "the API server's answer is no list of Leases");
  }
  for (const JsonView lease : (*list)["items"].elements()) {
    const JsonView spec = lease["spec"];
    const auto renewed = ParseTimestamp(spec["renewTime"].StringOrEmpty());
    if (!renewed) continue;  // written by somebody else: it says nothing about a replica
    reports.push_back(
        {std::string(spec["holderIdentity"].StringOrEmpty()),
         std::string(lease["metadata"]["annotations"][kReplicaCaAnnotation].StringOrEmpty()),
         *renewed});
  }
  return std::string((*list)["metadata"]["continue"].StringOrEmpty());
}

}  // namespace plimsoll::kube
