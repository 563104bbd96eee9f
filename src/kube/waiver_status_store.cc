#include "plimsoll/kube/waiver_status_store.h"

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "kube/condition_json.h"
#include "kube/object_json.h"
#include "plimsoll/kube/leader_elector.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

using controllers::WaiverStatus;
using Json = nlohmann::ordered_json;

uint32_t ReadCount(JsonView value) {
  return static_cast<uint32_t>(
      std::clamp<int64_t>(value.AsInt().value_or(0), 0, std::numeric_limits<uint32_t>::max()));
}

}  // namespace

std::string WriteWaiverStatus(const WaiverStatus& status) {
  Json out = {{"observedGeneration", status.observed_generation},
              {"state", WaiverStateName(status.state)},
              {"message", status.message}};
  out["daysLeft"] = status.days_left ? Json(*status.days_left) : Json();
  out["usedBy"] = Json();
  if (status.used_by) {
    out["usedBy"] = {{"workloads", status.used_by->workloads},
                     {"findings", status.used_by->findings}};
  }
  out["unusedSince"] = status.unused_since ? Json(FormatTimestamp(*status.unused_since)) : Json();
  out["conditions"] = Json::array();
  for (const controllers::PolicyCondition& condition : status.conditions) {
    out["conditions"].push_back(ConditionJson(condition));
  }
  return Json{{"status", std::move(out)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::optional<WaiverStatus> ReadWaiverStatus(JsonView object) {
  const JsonView status = object["status"];
  if (!status.is_object() || status.size() == 0) return std::nullopt;
  WaiverStatus out;
  out.observed_generation = status["observedGeneration"].AsInt().value_or(0);
  if (out.observed_generation < 0) return std::nullopt;  // the CRD's default
  out.state = ParseWaiverState(status["state"].StringOrEmpty()).value_or(WaiverState::kInvalid);
  out.message = status["message"].StringOrEmpty();
  out.days_left = status["daysLeft"].AsInt();
  if (const JsonView used = status["usedBy"]; used.is_object()) {
    out.used_by = WaiverStatus::Use{ReadCount(used["workloads"]), ReadCount(used["findings"])};
  }
  out.unused_since = ParseTimestamp(status["unusedSince"].StringOrEmpty());
  for (const JsonView condition : status["conditions"].elements()) {
    out.conditions.push_back(ReadCondition(condition));
  }
  return out;
}

Status WaiverStatusStore::Write(const ObjectKey& waiver, const WaiverStatus& status) {
  ApiRequest request;
  request.method = ApiMethod::kPatch;
  request.path = ObjectPath(kWaivers, waiver) +
                 "/status?fieldManager=" + std::string(kWaiverStatusFieldManager);
  request.content_type = kMergePatchType;
  request.body = WriteWaiverStatus(status);
  request.timeout = kLeadersWriteTimeout;
  const Result<ApiResponse> response = api_.Call(request);
  if (response || response.error().code == ErrorCode::kNotFound) return {};
  return tl::unexpected(response.error());
}

}  // namespace plimsoll::kube
