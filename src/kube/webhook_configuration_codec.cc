#include "kube/webhook_configuration_codec.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "kube/object_json.h"
#include "plimsoll/kube/base64.h"
#include "plimsoll/kube/resources.h"
#include "plimsoll/kube/webhook_configuration_store.h"

namespace plimsoll::kube {
namespace {

using controllers::MatchCondition;
using controllers::OwnerReference;
using controllers::Webhook;
using controllers::WebhookConfiguration;
using controllers::WebhookRule;
using nlohmann::json;

// In the order of LabelSelector::Operator.
constexpr std::array<std::string_view, 4> kOperators = {"In", "NotIn", "Exists", "DoesNotExist"};

// ---- writing ----

json SelectorJson(const LabelSelector& selector) {
  // Also where it is empty: what is left out would stay as somebody else wrote it.
  json out = json::object();
  for (const LabelSelector::Requirement& requirement : selector.requirements) {
    json expression = {{"key", requirement.key},
                       {"operator", kOperators[static_cast<size_t>(requirement.op)]}};
    if (!requirement.values.empty()) expression["values"] = requirement.values;
    out["matchExpressions"].push_back(std::move(expression));
  }
  return out;
}

json ClientConfigJson(const Webhook& webhook) {
  json out = json::object();
  if (webhook.url.empty()) {
    out["service"] = {{"namespace", webhook.service.namespace_name},
                      {"name", webhook.service.name},
                      {"path", webhook.service.path},
                      {"port", webhook.service.port}};
  } else {
    out["url"] = webhook.url;
  }
  if (!webhook.ca_bundle.empty()) out["caBundle"] = Base64Encode(webhook.ca_bundle);
  return out;
}

json WebhookJson(const Webhook& webhook) {
  json rules = json::array();
  for (const WebhookRule& rule : webhook.rules) {
    rules.push_back({{"apiGroups", rule.api_groups},
                     {"apiVersions", rule.api_versions},
                     {"operations", rule.operations},
                     {"resources", rule.resources},
                     {"scope", rule.scope}});
  }
  json out = {{"name", webhook.name},
              {"admissionReviewVersions", webhook.review_versions},
              {"clientConfig", ClientConfigJson(webhook)},
              {"failurePolicy", webhook.failure_policy == FailurePolicy::kFail ? "Fail" : "Ignore"},
              {"matchPolicy", webhook.match_policy},
              {"namespaceSelector", SelectorJson(webhook.namespace_selector)},
              {"objectSelector", SelectorJson(webhook.object_selector)},
              {"rules", std::move(rules)},
              {"sideEffects", webhook.side_effects},
              {"timeoutSeconds", webhook.timeout_seconds}};
  for (const MatchCondition& condition : webhook.match_conditions) {
    out["matchConditions"].push_back(
        {{"name", condition.name}, {"expression", condition.expression}});
  }
  return out;
}

// ---- reading ----

std::vector<std::string> ReadStrings(JsonView list) {
  std::vector<std::string> out;
  for (const JsonView element : list.elements()) out.emplace_back(element.StringOrEmpty());
  return out;
}

std::string StringOr(JsonView value, std::string_view otherwise) {
  return std::string(value.is_string() ? value.text() : otherwise);
}

LabelSelector ReadSelector(JsonView object) {
  LabelSelector selector;
  for (const JsonMember label : object["matchLabels"].members()) {
    selector.requirements.push_back({std::string(label.key),
                                     LabelSelector::Operator::kIn,
                                     {std::string(label.value.StringOrEmpty())}});
  }
  for (const JsonView element : object["matchExpressions"].elements()) {
    const auto op =
        std::find(kOperators.begin(), kOperators.end(), element["operator"].StringOrEmpty());
    if (op == kOperators.end()) continue;  // the API server takes no other
    selector.requirements.push_back({std::string(element["key"].StringOrEmpty()),
                                     static_cast<LabelSelector::Operator>(op - kOperators.begin()),
                                     ReadStrings(element["values"])});
  }
  return selector;
}

// Missing fields have the API server's defaults.
Webhook ReadWebhook(JsonView object) {
  Webhook webhook;
  webhook.name = object["name"].StringOrEmpty();
  for (const JsonView rule : object["rules"].elements()) {
    webhook.rules.push_back({ReadStrings(rule["apiGroups"]), ReadStrings(rule["apiVersions"]),
                             ReadStrings(rule["operations"]), ReadStrings(rule["resources"]),
                             StringOr(rule["scope"], "*")});
  }
  webhook.failure_policy = object["failurePolicy"].StringOrEmpty() == "Ignore"
                               ? FailurePolicy::kIgnore
                               : FailurePolicy::kFail;
  webhook.namespace_selector = ReadSelector(object["namespaceSelector"]);
  webhook.object_selector = ReadSelector(object["objectSelector"]);
  for (const JsonView condition : object["matchConditions"].elements()) {
    webhook.match_conditions.push_back({std::string(condition["name"].StringOrEmpty()),
                                        std::string(condition["expression"].StringOrEmpty())});
  }
  const JsonView client = object["clientConfig"];
  const JsonView service = client["service"];
  webhook.service = {std::string(service["namespace"].StringOrEmpty()),
                     std::string(service["name"].StringOrEmpty()),
                     std::string(service["path"].StringOrEmpty()),
                     static_cast<int32_t>(service["port"].AsInt().value_or(443))};
  webhook.url = client["url"].StringOrEmpty();
  // What is not base64 the API server would not have taken.
  webhook.ca_bundle = Base64Decode(client["caBundle"].StringOrEmpty()).value_or("");
  webhook.side_effects = object["sideEffects"].StringOrEmpty();
  webhook.match_policy = StringOr(object["matchPolicy"], "Equivalent");
  webhook.review_versions = ReadStrings(object["admissionReviewVersions"]);
  webhook.timeout_seconds = static_cast<int32_t>(object["timeoutSeconds"].AsInt().value_or(10));
  return webhook;
}

}  // namespace

std::string WriteWebhookConfiguration(std::string_view name,
                                      const WebhookConfiguration& configuration) {
  json metadata = {{"name", name}};
  if (!configuration.uid.empty()) metadata["uid"] = configuration.uid;
  if (!configuration.resource_version.empty()) {
    metadata["resourceVersion"] = configuration.resource_version;
  }
  for (const OwnerReference& owner : configuration.owners) {
    metadata["ownerReferences"].push_back({{"apiVersion", owner.api_version},
                                           {"kind", owner.kind},
                                           {"name", owner.name},
                                           {"uid", owner.uid}});
  }
  json webhooks = json::array();
  for (const Webhook& webhook : configuration.webhooks) webhooks.push_back(WebhookJson(webhook));
  return WriteJson({{"apiVersion", kValidatingWebhookConfigurations.api_version()},
                    {"kind", kValidatingWebhookConfigurations.kind},
                    {"metadata", std::move(metadata)},
                    {"webhooks", std::move(webhooks)}});
}

Result<WebhookConfiguration> ReadWebhookConfiguration(JsonView object) {
  const JsonView metadata = object["metadata"];
  if (object["kind"].StringOrEmpty() != kValidatingWebhookConfigurations.kind ||
      metadata["resourceVersion"].StringOrEmpty().empty()) {
    return Fail(ErrorCode::kInternal,
                "expected a ValidatingWebhookConfiguration with a resourceVersion, got kind \"" +
                    std::string(object["kind"].StringOrEmpty().substr(0, 64)) + "\"");
  }
  WebhookConfiguration out;
  out.uid = metadata["uid"].StringOrEmpty();
  out.resource_version = metadata["resourceVersion"].StringOrEmpty();
  for (const JsonView owner : metadata["ownerReferences"].elements()) {
    out.owners.push_back({std::string(owner["apiVersion"].StringOrEmpty()),
                          std::string(owner["kind"].StringOrEmpty()),
                          std::string(owner["name"].StringOrEmpty()),
                          std::string(owner["uid"].StringOrEmpty())});
  }
  for (const JsonView webhook : object["webhooks"].elements()) {
    out.webhooks.push_back(ReadWebhook(webhook));
  }
  return out;
}

}  // namespace plimsoll::kube
