// What is live beside what is wanted.
#include <algorithm>
#include <utility>

#include "plimsoll/controllers/webhook_configuration.h"

namespace plimsoll::controllers {
namespace {

const Webhook* FindRequests(const WebhookConfiguration& configuration, const Webhook& of) {
  const auto found = std::find_if(configuration.webhooks.begin(), configuration.webhooks.end(),
                                  [&](const Webhook& other) {
                                    return IsOurWebhook(other.name) && other.rules == of.rules &&
                                           other.namespace_selector == of.namespace_selector &&
                                           other.object_selector == of.object_selector;
                                  });
  return found == configuration.webhooks.end() ? nullptr : &*found;
}

// The wanted entry that `have`, one of `live`, is about. Names alone do not say: entries are numbered anew.
const Webhook* WantedFor(const Webhook& have, const WebhookConfiguration& wanted,
                         const WebhookConfiguration& live) {
  if (const Webhook* same = FindRequests(wanted, have)) return same;
  const Webhook* named = wanted.Find(have.name);
  return named != nullptr && FindRequests(live, *named) == nullptr ? named : nullptr;
}

// In the API's words.
std::vector<std::string_view> DifferingFields(const Webhook& want, const Webhook& have,
                                              bool own_certificates) {
  const std::pair<std::string_view, bool> fields[] = {
      {"rules", want.rules == have.rules},
      {"failurePolicy", want.failure_policy == have.failure_policy},
      {"namespaceSelector", want.namespace_selector == have.namespace_selector},
      {"objectSelector", want.object_selector == have.object_selector},
      {"matchConditions", want.match_conditions == have.match_conditions},
      {"clientConfig.service", want.service == have.service},
      {"clientConfig.url", want.url == have.url},
      {"clientConfig.caBundle", !own_certificates || want.ca_bundle == have.ca_bundle},
      {"sideEffects", want.side_effects == have.side_effects},
      {"matchPolicy", want.match_policy == have.match_policy},
      {"admissionReviewVersions", want.review_versions == have.review_versions},
      {"timeoutSeconds", want.timeout_seconds == have.timeout_seconds},
  };
  std::vector<std::string_view> differing;
  for (const auto& [name, same] : fields) {
    if (!same) differing.push_back(name);
  }
  return differing;
}

bool HasOwners(const WebhookConfiguration& wanted, const WebhookConfiguration& live) {
  return std::all_of(wanted.owners.begin(), wanted.owners.end(), [&](const OwnerReference& owner) {
    return std::find(live.owners.begin(), live.owners.end(), owner) != live.owners.end();
  });
}

// Whether what is called, for which resources, and what it must show are as wanted.
bool CallsUs(const Webhook& want, const Webhook& have, bool own_certificates) {
  return want.rules == have.rules && want.service == have.service && want.url == have.url &&
         want.review_versions == have.review_versions &&
         (!own_certificates || want.ca_bundle == have.ca_bundle);
}

}  // namespace

bool Differs(const WebhookConfiguration& wanted, const WebhookConfiguration& live,
             bool own_certificates) {
  if (!UnwantedWebhooks(wanted, live).empty()) return true;
  for (const Webhook& want : wanted.webhooks) {
    const Webhook* have = live.Find(want.name);
    if (have == nullptr) return true;
    Webhook compared = *have;
    if (!own_certificates) compared.ca_bundle = want.ca_bundle;
    if (compared != want) return true;
  }
  return !HasOwners(wanted, live);
}

std::string WhatDiffers(const WebhookConfiguration& wanted, const WebhookConfiguration& live,
                        bool own_certificates) {
  std::string text;
  const auto add = [&](std::string_view part) {
    if (!text.empty()) text += "; ";
    text += part;
  };
  for (const std::string& name : UnwantedWebhooks(wanted, live)) add(name + ": not wanted");
  for (const Webhook& want : wanted.webhooks) {
    const Webhook* have = live.Find(want.name);
    if (have == nullptr) {
      add(want.name + ": missing");
      continue;
    }
    std::string fields;
    for (const std::string_view field : DifferingFields(want, *have, own_certificates)) {
      fields += (fields.empty() ? ": " : ", ") + std::string(field);
    }
    if (!fields.empty()) add(want.name + fields);
  }
  if (!HasOwners(wanted, live)) add("metadata.ownerReferences");
  return text;
}

bool CallsUs(const WebhookConfiguration& wanted, const WebhookConfiguration& live,
             bool own_certificates) {
  return UnwantedWebhooks(wanted, live).empty() &&
         std::all_of(wanted.webhooks.begin(), wanted.webhooks.end(), [&](const Webhook& want) {
           const Webhook* have = live.Find(want.name);
           return have != nullptr && CallsUs(want, *have, own_certificates);
         });
}

std::vector<Webhook> StillWanted(const WebhookConfiguration& wanted,
                                 const WebhookConfiguration& live) {
  const bool asks_for_new =
      std::any_of(wanted.webhooks.begin(), wanted.webhooks.end(),
                  [&](const Webhook& want) { return FindRequests(live, want) == nullptr; });
  std::vector<Webhook> kept;
  for (const Webhook& have : live.webhooks) {
    if (!IsOurWebhook(have.name)) continue;
    const Webhook* want = WantedFor(have, wanted, live);
    if (want == nullptr && !asks_for_new) continue;
    kept.push_back(have);
    if (want == nullptr || want->failure_policy == FailurePolicy::kIgnore) {
      kept.back().failure_policy = FailurePolicy::kIgnore;
    }
  }
  return kept;
}

std::vector<std::string> ContestedWebhooks(const WebhookConfiguration& wanted,
                                           const WebhookConfiguration& live) {
  std::vector<std::string> names;
  for (const Webhook& want : wanted.webhooks) {
    const Webhook* have = live.Find(want.name);
    if (have == nullptr) continue;
    const auto is_ours = [&](const MatchCondition& condition) {
      return std::any_of(want.match_conditions.begin(), want.match_conditions.end(),
                         [&](const auto& other) { return other.name == condition.name; });
    };
    // A list merged by name keeps what others have put into it; of url and service the API server takes one.
    if (!have->url.empty() ||
        !std::all_of(have->match_conditions.begin(), have->match_conditions.end(), is_ours)) {
      names.push_back(have->name);
    }
  }
  return names;
}

std::vector<std::string> UnwantedWebhooks(const WebhookConfiguration& wanted,
                                          const WebhookConfiguration& live) {
  std::vector<std::string> names;
  for (const Webhook& have : live.webhooks) {
    if (IsOurWebhook(have.name) && wanted.Find(have.name) == nullptr) names.push_back(have.name);
  }
  return names;
}

}  // namespace plimsoll::controllers
