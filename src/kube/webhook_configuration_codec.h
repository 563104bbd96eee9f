// ValidatingWebhookConfiguration as JSON for server-side apply.
//
// Thread-safety: pure functions. Semantics: k8s.io/api/admissionregistration/v1.
#pragma once

#include <string>
#include <string_view>

#include "plimsoll/controllers/webhook_configuration.h"

namespace plimsoll::kube {

// What we own of it. With a uid and a resource version it is refused where the object is another one by now.
std::string WriteWebhookConfiguration(std::string_view name,
                                      const controllers::WebhookConfiguration& configuration);

}  // namespace plimsoll::kube
