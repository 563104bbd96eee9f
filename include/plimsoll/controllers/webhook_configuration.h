// What the API server is told to send to Plimsoll: the ValidatingWebhookConfiguration as a value, and the one that the
// policies in force need.
//
// Every entry asks for the narrowest requests its policies are about, and no request is asked about by two entries: whoever
// is asked judges by all policies, so an answer is always whole (docs/adr/0055-which-entry-is-asked.md). Entries for policies
// with `failurePolicy: Fail` ask for nothing that such a policy is not about, but for namespaces that it excludes by a
// pattern, which selectors cannot say. kube-system, kube-public, kube-node-lease and Plimsoll's own namespace are in none.
//
// Pure: values in, values out. Thread-safety: value types and functions. Semantics: k8s.io/api/admissionregistration/v1.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/model/readiness_policy.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controllers {

// POST here is answered by server/webhook_endpoint.h.
inline constexpr std::string_view kWorkloadsPath = "/validate";
inline constexpr std::string_view kPoliciesPath = "/validate-policies";
inline constexpr std::string_view kWaiversPath = "/validate-waivers";

// Denials name the entry, so these are stable. Where policies of one kind need several entries, the further ones are
// numbered: "validate-2.plimsoll.dev".
inline constexpr std::string_view kIgnoreWebhook = "validate.plimsoll.dev";
inline constexpr std::string_view kFailWebhook = "validate-fail.plimsoll.dev";
inline constexpr std::string_view kPoliciesWebhook = "validate-policies.plimsoll.dev";
inline constexpr std::string_view kWaiversWebhook = "validate-waivers.plimsoll.dev";

// The API server looks at every entry for every request. Beyond: entries ask for more than they must (regions), or
// overlap (pieces).
inline constexpr size_t kMaxWebhookRegions = 8;  // of each failurePolicy
inline constexpr size_t kMaxRegionPieces = 8;    // into which one region may fall

// A review takes well below a millisecond, a lost packet or a killed node a second or two; a person waits no longer.
inline constexpr int32_t kWebhookTimeoutSeconds = 5;

struct WebhookRule {
  std::vector<std::string> api_groups;
  std::vector<std::string> api_versions;
  std::vector<std::string> operations;
  std::vector<std::string> resources;
  std::string scope;
  friend bool operator==(const WebhookRule&, const WebhookRule&) = default;
};

struct MatchCondition {
  std::string name;
  std::string expression;  // CEL
  friend bool operator==(const MatchCondition&, const MatchCondition&) = default;
};

struct ServiceReference {
  std::string namespace_name;
  std::string name;
  std::string path;
  int32_t port = 443;
  friend bool operator==(const ServiceReference&, const ServiceReference&) = default;
};

// One entry of `webhooks`.
struct Webhook {
  std::string name;
  std::vector<WebhookRule> rules;  // none: nothing is sent
  FailurePolicy failure_policy = FailurePolicy::kIgnore;
  LabelSelector namespace_selector;
  LabelSelector object_selector;
  std::vector<MatchCondition> match_conditions;
  ServiceReference service;
  std::string url;        // "" in ours; somebody else's may call a URL instead of a service
  std::string ca_bundle;  // PEM
  std::string side_effects = "NoneOnDryRun";
  std::string match_policy = "Equivalent";
  std::vector<std::string> review_versions = {"v1"};
  int32_t timeout_seconds = kWebhookTimeoutSeconds;
  friend bool operator==(const Webhook&, const Webhook&) = default;
};

struct OwnerReference {
  std::string api_version;
  std::string kind;
  std::string name;
  std::string uid;
  friend bool operator==(const OwnerReference&, const OwnerReference&) = default;
};

struct WebhookConfiguration {
  // As read; "" in one that is to be applied without looking at what is there.
  std::string uid;
  std::string resource_version;
  std::vector<OwnerReference> owners;
  std::vector<Webhook> webhooks;

  const Webhook* Find(std::string_view name) const;
  friend bool operator==(const WebhookConfiguration&, const WebhookConfiguration&) = default;
};

struct WebhookOptions {
  std::string own_namespace;
  std::string service_name;
  int32_t service_port = 443;
  int32_t timeout_seconds = kWebhookTimeoutSeconds;
  // Besides those that are never judged: of network and storage add-ons without which nothing starts.
  std::vector<std::string> exclude_namespaces;
  // The own Namespace object: when it is gone, so is the configuration, and nobody is locked out by an entry that calls a
  // service that is no more. Nothing: the configuration outlives everything.
  std::optional<OwnerReference> owner;
  // False: somebody else writes caBundle (cert-manager's cainjector).
  bool own_certificates = true;
};

// "plimsoll.plimsoll.svc": what the API server asks for by SNI and verifies.
std::string ServerName(const WebhookOptions& options);
// Namespaces that no webhook is ever called for: what must start when nothing of Plimsoll runs.
std::vector<std::string> NeverJudged(const WebhookOptions& options);

// The entries for `policies`, each with `ca_bundle`. Not ready: the entry for policies alone, which asks for nothing; it
// carries the bundle, so that what is live can be tried before anything depends on it.
WebhookConfiguration DesiredConfiguration(const PolicySnapshot& policies,
                                          const WebhookOptions& options,
                                          const std::string& ca_bundle, bool ready);

// Whether Plimsoll writes the entry of that name.
bool IsOurWebhook(std::string_view name);

// Whether something of ours in `live` is not as wanted. Entries of others are none of our business, and without
// own_certificates neither is caBundle.
bool Differs(const WebhookConfiguration& wanted, const WebhookConfiguration& live,
             bool own_certificates);

// What makes them differ, in the API's words and for people: "validate.plimsoll.dev: namespaceSelector, timeoutSeconds";
// "" where they do not.
std::string WhatDiffers(const WebhookConfiguration& wanted, const WebhookConfiguration& live,
                        bool own_certificates);
// Whether the API server calls us for everything that is wanted, but for what somebody has changed of whom and under which
// conditions it asks. False where an entry is missing or one too many is there.
bool CallsUs(const WebhookConfiguration& wanted, const WebhookConfiguration& live,
             bool own_certificates);

// Our entries in `live` that may stay while nothing new can be asked for, because nobody is known to answer. Asking for less
// needs no answer: what is no longer wanted goes, and what is no longer wanted under Fail becomes Ignore. An entry is wanted
// still if one asks for the same, or has its name. While `wanted` asks for something that `live` does not, a part of which
// may be in an entry that is to go, such an entry stays, under Ignore.
std::vector<Webhook> StillWanted(const WebhookConfiguration& wanted,
                                 const WebhookConfiguration& live);

// Our entries in `live` that server-side apply cannot make what they should be, because somebody else owns a part that
// would stay or be refused beside ours: they must be removed before.
std::vector<std::string> ContestedWebhooks(const WebhookConfiguration& wanted,
                                           const WebhookConfiguration& live);
// Our entries in `live` that are not wanted: applying removes them, unless somebody else owns a part of them, too.
std::vector<std::string> UnwantedWebhooks(const WebhookConfiguration& wanted,
                                          const WebhookConfiguration& live);

}  // namespace plimsoll::controllers
