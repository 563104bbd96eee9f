#include "kube/object_json.h"

#include <nlohmann/json.hpp>
#include <random>
#include <thread>
#include <utility>

#include "plimsoll/codec/json_parser.h"

namespace plimsoll::kube {
namespace {

constexpr std::chrono::milliseconds kFirstConflictDelay{10};

}  // namespace

Result<nlohmann::json> ParseObject(std::string_view text) {
  // Our own reader first: nlohmann's has no limit of depth, and writing such a document would end the stack.
  std::string bytes(text);
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(bytes);
  if (!root) {
    return Fail(ErrorCode::kInternal, "cannot read the API server's answer: " +
                                          root.error().message + " (an object was expected)");
  }
  nlohmann::json object = nlohmann::json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return Fail(ErrorCode::kInternal,
                "cannot read the API server's answer: an object was expected");
  }
  return object;
}

std::string WriteJson(const nlohmann::json& value) {
  return value.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string FormatMicroTime(Timestamp time) {
  std::string text = FormatTimestamp(time);
  text.pop_back();
  return text + ".000000Z";
}

Result<ApiResponse> Apply(ApiCaller& api, const ResourceType& type, const ObjectKey& key,
                          const nlohmann::json& object, std::string_view field_manager) {
  if (field_manager.empty() || field_manager.size() > kMaxFieldManagerBytes) {
    return Fail(ErrorCode::kInvalidArgument,
                "field manager: " + std::to_string(field_manager.size()) + " bytes; 1 to " +
                    std::to_string(kMaxFieldManagerBytes) + " were expected");
  }
  ApiRequest request;
  request.method = ApiMethod::kPatch;
  request.path =
      ObjectPath(type, key) + "?fieldManager=" + PercentEncode(field_manager) + "&force=true";
  request.content_type = kApplyPatchType;
  request.body = WriteJson(object);
  return api.Call(request);
}

Result<ApiResponse> PatchStatus(ApiCaller& api, const ResourceType& type, const ObjectKey& key,
                                const nlohmann::json& status, std::string_view resource_version) {
  nlohmann::json patch = {{"status", status}};
  if (!resource_version.empty()) patch["metadata"] = {{"resourceVersion", resource_version}};
  ApiRequest request;
  request.method = ApiMethod::kPatch;
  request.path = ObjectPath(type, key) + "/status";
  request.content_type = kMergePatchType;
  request.body = WriteJson(patch);
  return api.Call(request);
}

void SleepFor(std::chrono::milliseconds time) { std::this_thread::sleep_for(time); }

std::chrono::milliseconds ConflictDelay(int failed) {
  std::chrono::milliseconds delay = kFirstConflictDelay;
  for (int i = 1; i < failed; ++i) delay *= 2;
  std::random_device chance;
  return delay + std::chrono::milliseconds(
                     std::uniform_int_distribution<int64_t>(0, delay.count())(chance));
}

}  // namespace plimsoll::kube
