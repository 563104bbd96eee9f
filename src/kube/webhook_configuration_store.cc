#include "plimsoll/kube/webhook_configuration_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "kube/object_json.h"
#include "kube/webhook_configuration_codec.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {

using controllers::WebhookConfiguration;

WebhookConfigurationStore::WebhookConfigurationStore(ApiCaller& api, std::string name)
    : api_(api),
      name_(std::move(name)),
      path_(ObjectPath(kValidatingWebhookConfigurations, {"", name_})) {}

Result<WebhookConfiguration> WebhookConfigurationStore::Read() {
  ApiRequest request;
  request.path = path_;
  return Send(request);
}

Result<WebhookConfiguration> WebhookConfigurationStore::Apply(const WebhookConfiguration& wanted,
                                                              const WebhookConfiguration* live) {
  WebhookConfiguration object = wanted;
  object.uid = live == nullptr ? "" : live->uid;
  object.resource_version = live == nullptr ? "" : live->resource_version;
  if (live != nullptr) {
    if (const auto contested = controllers::ContestedWebhooks(wanted, *live); !contested.empty()) {
      const Result<WebhookConfiguration> left = Remove(contested, *live);
      if (!left) return tl::unexpected(left.error());
      object.resource_version = left->resource_version;
    }
  }
  ApiRequest request;
  request.method = ApiMethod::kPatch;
  request.path = path_ + "?fieldManager=" + std::string(kFieldManager) + "&force=true";
  request.content_type = kApplyPatchType;
  request.body = WriteWebhookConfiguration(name_, object);
  Result<WebhookConfiguration> applied = Send(request);
  if (!applied) return applied;
  const auto unwanted = controllers::UnwantedWebhooks(wanted, *applied);
  return unwanted.empty() ? std::move(applied) : Remove(unwanted, *std::move(applied));
}

Result<WebhookConfiguration> WebhookConfigurationStore::Remove(
    const std::vector<std::string>& names, WebhookConfiguration object) {
  // A resource version other than the object's own is a conflict, so the places in the list are right.
  nlohmann::json patch = nlohmann::json::array(
      {{{"op", "add"}, {"path", "/metadata/resourceVersion"}, {"value", object.resource_version}}});
  for (size_t i = object.webhooks.size(); i-- > 0;) {
    if (std::find(names.begin(), names.end(), object.webhooks[i].name) == names.end()) continue;
    patch.push_back({{"op", "remove"}, {"path", "/webhooks/" + std::to_string(i)}});
  }
  ApiRequest request;
  request.method = ApiMethod::kPatch;
  request.path = path_ + "?fieldManager=" + std::string(kFieldManager);
  request.content_type = kJsonPatchType;
  request.body = WriteJson(patch);
  return Send(request);
}

Result<WebhookConfiguration> WebhookConfigurationStore::Send(const ApiRequest& request) {
  Result<ApiResponse> answer = api_.Call(request);
  if (!answer) return tl::unexpected(answer.error());
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(answer->body);
  if (!root) return Fail(ErrorCode::kInternal, path_ + ": " + root.error().message);
  return ReadWebhookConfiguration(*root);
}

}  // namespace plimsoll::kube
