#include "plimsoll/controllers/webhook_configuration.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "controllers/match_region.h"

namespace plimsoll::controllers {
namespace {

constexpr std::string_view kOurDomain = ".plimsoll.dev";

// The resources of one API group and version.
WebhookRule RuleOf(std::string_view group, std::string_view version, std::string_view scope) {
  WebhookRule rule;
  rule.api_groups = {std::string(group)};
  rule.api_versions = {std::string(version)};
  // Never DELETE, so that everything can be removed, and never CONNECT.
  rule.operations = {"CREATE", "UPDATE"};
  rule.scope = scope;
  return rule;
}

struct KindResource {
  WorkloadKind kind;
  std::string_view group;
  std::string_view version;
  std::string_view resource;
};

// In order of group. Subresources (scale, status, ephemeralcontainers) are not matched by these. Other versions of a group
// are sent as these: matchPolicy Equivalent.
constexpr KindResource kResources[] = {
    {WorkloadKind::kPod, "", "v1", "pods"},
    {WorkloadKind::kReplicationController, "", "v1", "replicationcontrollers"},
    {WorkloadKind::kDeployment, "apps", "v1", "deployments"},
    {WorkloadKind::kStatefulSet, "apps", "v1", "statefulsets"},
    {WorkloadKind::kDaemonSet, "apps", "v1", "daemonsets"},
    {WorkloadKind::kReplicaSet, "apps", "v1", "replicasets"},
    {WorkloadKind::kRollout, "argoproj.io", "v1alpha1", "rollouts"},
    {WorkloadKind::kJob, "batch", "v1", "jobs"},
    {WorkloadKind::kCronJob, "batch", "v1", "cronjobs"},
};
static_assert(std::size(kResources) == kWorkloadKindCount);

std::vector<WebhookRule> RulesOf(const std::set<WorkloadKind>& kinds) {
  std::vector<WebhookRule> rules;
  for (const KindResource& entry : kResources) {
    if (!kinds.contains(entry.kind)) continue;
    if (rules.empty() || rules.back().api_groups.front() != entry.group) {
      rules.push_back(RuleOf(entry.group, entry.version, "Namespaced"));
    }
    rules.back().resources.emplace_back(entry.resource);
  }
  return rules;
}

std::string NumberedName(std::string_view first, size_t index) {
  std::string name(first);
  if (index == 0) return name;
  return name.insert(name.size() - kOurDomain.size(), "-" + std::to_string(index + 1));
}

class Writer {
 public:
  Writer(const WebhookOptions& options, const std::string& ca_bundle)
      : options_(options), ca_bundle_(ca_bundle) {}

  Webhook Entry(std::string name, std::string_view path) const {
    Webhook webhook;
    webhook.name = std::move(name);
    webhook.service = {options_.own_namespace, options_.service_name, std::string(path),
                       options_.service_port};
    webhook.ca_bundle = ca_bundle_;
    webhook.timeout_seconds = options_.timeout_seconds;
    return webhook;
  }

  void AddRegions(const std::vector<MatchRegion>& regions, std::string_view first_name,
                  FailurePolicy failure_policy, std::vector<Webhook>& webhooks) const {
    for (size_t i = 0; i < regions.size(); ++i) {
      Webhook webhook = Entry(NumberedName(first_name, i), kWorkloadsPath);
      webhook.rules = RulesOf(regions[i].kinds);
      webhook.failure_policy = failure_policy;
      webhook.namespace_selector = regions[i].namespaces.ToSelector();
      webhook.object_selector = regions[i].objects.ToSelector();
      // Finalizers must come off and namespaces go away, also while nobody answers. The API server sets the field and lets
      // nobody else; every object has metadata, so this cannot be an error (which Fail would make a refusal).
      webhook.match_conditions = {{"not-being-deleted", "!has(object.metadata.deletionTimestamp)"}};
      webhooks.push_back(std::move(webhook));
    }
  }

 private:
  const WebhookOptions& options_;
  const std::string& ca_bundle_;
};

std::vector<MatchRegion> RegionsOf(const PolicySnapshot& policies, FailurePolicy failure_policy,
                                   const std::vector<std::string>& never) {
  std::vector<MatchRegion> regions;
  for (const ReadinessPolicy& policy : policies.policies()) {
    if (policy.failure_policy == failure_policy) regions.push_back(RegionOf(policy.match, never));
  }
  return UniteRegions(std::move(regions), kMaxWebhookRegions);
}

// Ignore, whatever the policies say: a policy that cannot be changed while Plimsoll is away could not be told to let go.
// What is wrong with a policy is also in its status.
Webhook PoliciesEntry(const Writer& writer, bool ready) {
  Webhook webhook = writer.Entry(std::string(kPoliciesWebhook), kPoliciesPath);
  if (ready) {
    webhook.rules = {RuleOf("plimsoll.dev", "v1alpha1", "Cluster")};
    webhook.rules.front().resources = {"readinesspolicies"};
  }
  return webhook;
}

// Fail: a waiver that nobody has checked must not come about, and no release waits for one (docs/adr/0066). It asks for
// nothing but specs that are written: labels, finalizers, status and deletion go on while nobody answers. There is no
// exception for what is being deleted, by which a spec could be written unseen.
Webhook WaiversEntry(const Writer& writer) {
  Webhook webhook = writer.Entry(std::string(kWaiversWebhook), kWaiversPath);
  webhook.rules = {RuleOf("plimsoll.dev", "v1alpha1", "Namespaced")};
  webhook.rules.front().resources = {"readinesswaivers"};
  webhook.failure_policy = FailurePolicy::kFail;
  webhook.match_conditions = {
      {"spec-is-written", "request.operation == 'CREATE' || object.spec != oldObject.spec"}};
  return webhook;
}

}  // namespace

std::vector<std::string> NeverJudged(const WebhookOptions& options) {
  std::vector<std::string> names = {"kube-system", "kube-public", "kube-node-lease",
                                    options.own_namespace};
  names.insert(names.end(), options.exclude_namespaces.begin(), options.exclude_namespaces.end());
  return names;
}

const Webhook* WebhookConfiguration::Find(std::string_view name) const {
  const auto found = std::find_if(webhooks.begin(), webhooks.end(),
                                  [&](const Webhook& webhook) { return webhook.name == name; });
  return found == webhooks.end() ? nullptr : &*found;
}

std::string ServerName(const WebhookOptions& options) {
  return options.service_name + "." + options.own_namespace + ".svc";
}

WebhookConfiguration DesiredConfiguration(const PolicySnapshot& policies,
                                          const WebhookOptions& options,
                                          const std::string& ca_bundle, bool ready) {
  WebhookConfiguration wanted;
  if (options.owner) wanted.owners = {*options.owner};
  const Writer writer(options, ca_bundle);
  if (ready) {
    const std::vector<std::string> never = NeverJudged(options);
    const std::vector<MatchRegion> fail = RegionsOf(policies, FailurePolicy::kFail, never);
    const std::vector<MatchRegion> ignore = RegionsOf(policies, FailurePolicy::kIgnore, never);
    writer.AddRegions(Disjoint(ignore, fail, kMaxRegionPieces), kIgnoreWebhook,
                      FailurePolicy::kIgnore, wanted.webhooks);
    writer.AddRegions(Disjoint(fail, {}, kMaxRegionPieces), kFailWebhook, FailurePolicy::kFail,
                      wanted.webhooks);
  }
  wanted.webhooks.push_back(PoliciesEntry(writer, ready));
  if (ready) wanted.webhooks.push_back(WaiversEntry(writer));
  return wanted;
}

bool IsOurWebhook(std::string_view name) { return name.ends_with(kOurDomain); }

}  // namespace plimsoll::controllers
