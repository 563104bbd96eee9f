#include "kube/lease_record.h"

#include <nlohmann/json.hpp>
#include <utility>

#include "kube/object_json.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

void Write(const LeaseChange& change, nlohmann::json& spec) {
  if (!spec.is_object()) spec = nlohmann::json::object();
  spec["holderIdentity"] = change.holder;
  spec["leaseDurationSeconds"] = change.duration_seconds;
  spec["leaseTransitions"] = change.transitions;
  spec["acquireTime"] = change.acquire_time;
  spec["renewTime"] = FormatMicroTime(change.renew_time);
}

}  // namespace

Result<LeaseRecord> ReadLease(std::string_view object) {
  LeaseRecord record;
  Result<nlohmann::json> whole = ParseObject(object);
  if (!whole) return tl::unexpected(whole.error());
  record.object = std::make_shared<const nlohmann::json>(*std::move(whole));
  std::string bytes(object);
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(bytes);
  if (root) record.resource_version = (*root)["metadata"]["resourceVersion"].StringOrEmpty();
  if (record.resource_version.empty()) {
    return Fail(ErrorCode::kInternal,
                "the API server's answer is no Lease: an object with metadata.resourceVersion was "
                "expected");
  }
  const JsonView spec = (*root)["spec"];
  record.holder = spec["holderIdentity"].StringOrEmpty();
  record.duration_seconds = spec["leaseDurationSeconds"].AsInt().value_or(0);
  record.transitions = spec["leaseTransitions"].AsInt().value_or(0);
  record.acquire_time = spec["acquireTime"].StringOrEmpty();
  return record;
}

std::string NewLease(const ObjectKey& key, const LeaseChange& change) {
  nlohmann::json lease = {{"apiVersion", kLeases.api_version()},
                          {"kind", kLeases.kind},
                          {"metadata", {{"name", key.name}, {"namespace", key.namespace_name}}}};
  Write(change, lease["spec"]);
  return WriteJson(lease);
}

std::string ChangedLease(const LeaseRecord& read, const LeaseChange& change) {
  nlohmann::json lease = *read.object;
  Write(change, lease["spec"]);
  return WriteJson(lease);
}

}  // namespace plimsoll::kube
