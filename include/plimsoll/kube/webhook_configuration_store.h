// WebhookConfigurationStore: the ValidatingWebhookConfiguration of that name, written by server-side apply.
//
// Our entries and our owner reference belong to the field manager plimsoll-controller; everything else in the object stays
// with whom it belongs (a chart that installs the object without entries, cert-manager's caBundle). An entry of ours to which
// somebody else has added what apply would leave is removed just before (docs/adr/0057).
// RBAC: get and patch on that name; create, which cannot be limited to a name, for one that was deleted.
//
// Thread-safety: as of the ApiCaller, which must outlive it. Errors: those of ApiCaller; kInternal where the answer is no such
// object. Semantics: API concepts, server-side apply: `webhooks` merges by name, rules and selectors are replaced whole.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::kube {

inline constexpr std::string_view kFieldManager = "plimsoll-controller";

// An object as a watch or a GET gives it.
Result<controllers::WebhookConfiguration> ReadWebhookConfiguration(JsonView object);

class WebhookConfigurationStore final : public controllers::WebhookConfigurationStore {
 public:
  WebhookConfigurationStore(ApiCaller& api, std::string name);

  Result<controllers::WebhookConfiguration> Read() override;
  Result<controllers::WebhookConfiguration> Apply(
      const controllers::WebhookConfiguration& wanted,
      const controllers::WebhookConfiguration* live) override;

 private:
  Result<controllers::WebhookConfiguration> Send(const ApiRequest& request);
  // `object` as the API server has it; returns what is left.
  Result<controllers::WebhookConfiguration> Remove(const std::vector<std::string>& names,
                                                   controllers::WebhookConfiguration object);

  ApiCaller& api_;
  std::string name_;
  std::string path_;
};

}  // namespace plimsoll::kube
