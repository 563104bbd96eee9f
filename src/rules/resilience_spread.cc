#include <algorithm>
#include <array>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/fix.h"
#include "rules/metadata.h"
#include "rules/selector.h"

namespace plimsoll {
namespace {

constexpr std::string_view kHostname = "kubernetes.io/hostname";
constexpr std::string_view kZone = "topology.kubernetes.io/zone";
// Set by the API server on every namespace.
constexpr std::string_view kNamespaceName = "kubernetes.io/metadata.name";
// Set by the Deployment controller on every pod, so no template shows it.
constexpr std::string_view kTemplateHash = "pod-template-hash";

enum Spec : size_t { kTopologyKeys };

constexpr ParameterSpec kParameters[] = {
    {.name = "topologyKeys",
     .type = ParameterType::kKeyList,
     .default_json = "[]",
     .description = "Node labels that replicas must be spread over, any one of them, such as "
                    "topology.kubernetes.io/zone; empty: any node label will do."},
};

// Why a term that spreads pods does not spread these: the best explanation so far.
struct Why {
  int rank = 0;
  std::string path;
  std::string message;

  void Note(int new_rank, std::string new_path, std::string new_message) {
    if (new_rank <= rank) return;
    rank = new_rank;
    path = std::move(new_path);
    message = std::move(new_message);
  }
};

class SpreadCheck {
 public:
  explicit SpreadCheck(const RuleInput& input)
      : input_(input),
        labels_{input.workload.pod_template()["metadata"]["labels"]},
        topology_keys_(input.parameters.List(kTopologyKeys)) {}

  bool Spreads() {
    const JsonView spec = input_.workload.pod_spec();
    for (const JsonView constraint : spec["topologySpreadConstraints"].elements()) {
      if (ConstraintHolds(constraint)) return true;
    }
    const JsonView affinity = spec["affinity"]["podAntiAffinity"];
    for (const JsonView term :
         affinity["requiredDuringSchedulingIgnoredDuringExecution"].elements()) {
      if (TermHolds(term)) return true;
    }
    for (const JsonView weighted :
         affinity["preferredDuringSchedulingIgnoredDuringExecution"].elements()) {
      if (TermHolds(weighted["podAffinityTerm"])) return true;
    }
    return false;
  }

  const Why& why() const { return why_; }

 private:
  std::string Below(std::string_view field) const {
    return std::string(input_.workload.pod_spec_path()) + "." + std::string(field);
  }

  bool TopologyKeyHolds(JsonView term, std::string_view field) {
    const std::string_view key = term["topologyKey"].StringOrEmpty();
    if (!key.empty() &&
        (topology_keys_.empty() ||
         std::find(topology_keys_.begin(), topology_keys_.end(), key) != topology_keys_.end())) {
      return true;
    }
    why_.Note(2, Below(field),
              key.empty() ? "names no topologyKey"
                          : "spreads its pods over \"" + SanitizeLine(key, 80) + "\", not over " +
                                JoinKeys(topology_keys_));
    return false;
  }

  bool ConstraintHolds(JsonView constraint) {
    constexpr std::string_view kField = "topologySpreadConstraints";
    if (!SelectorMatches(constraint["labelSelector"], labels_)) {
      why_.Note(3, Below(kField),
                "has topologySpreadConstraints whose labelSelector does not match its own pods");
      return false;
    }
    return TopologyKeyHolds(constraint, kField);
  }

  bool TermHolds(JsonView term) {
    constexpr std::string_view kField = "affinity.podAntiAffinity";
    if (!SelectorMatches(term["labelSelector"], labels_) || KeepsOffOthersOnly(term)) {
      why_.Note(3, Below(kField),
                "has podAntiAffinity whose labelSelector does not match its own pods");
      return false;
    }
    if (!OwnNamespaceIsMeant(term)) {
      why_.Note(3, Below(kField), "has podAntiAffinity that looks only at other namespaces");
      return false;
    }
    return TopologyKeyHolds(term, kField);
  }

  // mismatchLabelKeys takes the pods out that share the value of a key with this one: its own replicas.
  bool KeepsOffOthersOnly(JsonView term) const {
    for (const JsonView key : term["mismatchLabelKeys"].elements()) {
      const std::string_view name = key.StringOrEmpty();
      if (name == kTemplateHash || labels_.Find(name)) return true;
    }
    return false;
  }

  // Of core/v1 PodAffinityTerm: `namespaces` and `namespaceSelector` add up; neither means the pod's own; an empty selector
  // means all.
  bool OwnNamespaceIsMeant(JsonView term) const {
    const JsonView namespaces = term["namespaces"];
    const JsonView selector = term["namespaceSelector"];
    if (namespaces.size() == 0 && !selector.present()) return true;
    const std::string_view own = input_.workload.namespace_name();
    if (own.empty()) return true;  // wherever it will be applied
    for (const JsonView name : namespaces.elements()) {
      if (name.StringOrEmpty() == own) return true;
    }
    return SelectorMatches(selector, {input_.environment.namespace_labels, kNamespaceName, own});
  }

  const RuleInput& input_;
  LabelSet labels_;
  const std::vector<std::string>& topology_keys_;
  Why why_;
};

// Labels that tell the workload's pods from others: its selector, where that is sound, else the most telling one.
Yaml OwnLabels(const Workload& workload) {
  const JsonView labels = workload.pod_template()["metadata"]["labels"];
  const JsonView match = workload.spec()["selector"]["matchLabels"];
  if (match.size() > 0 && SelectorMatches(workload.spec()["selector"], {labels})) {
    return Yaml::Copy(match);
  }
  constexpr std::array<std::string_view, 4> kTelling = {"app.kubernetes.io/name", "app", "k8s-app",
                                                        "name"};
  for (const std::string_view key : kTelling) {
    if (labels[key].is_string()) return Yaml::Map({{std::string(key), Yaml::Copy(labels[key])}});
  }
  for (const JsonMember label : labels.members()) {
    if (label.value.is_string()) {
      return Yaml::Map({{std::string(label.key), Yaml::Copy(label.value)}});
    }
  }
  return Yaml::Map();
}

// A key that no constraint has yet: constraints of one key are merged by it.
std::string_view FreeTopologyKey(const RuleInput& input) {
  const std::vector<std::string>& wanted = input.parameters.List(kTopologyKeys);
  std::vector<std::string_view> keys(wanted.begin(), wanted.end());
  if (keys.empty()) keys = {kHostname, kZone, "topology.kubernetes.io/region"};
  for (const std::string_view key : keys) {
    bool taken = false;
    for (const JsonView constraint :
         input.workload.pod_spec()["topologySpreadConstraints"].elements()) {
      taken = taken || constraint["topologyKey"].StringOrEmpty() == key;
    }
    if (!taken) return key;
  }
  return keys.front();
}

std::string Fix(const RuleInput& input) {
  Yaml own = OwnLabels(input.workload);
  const bool labelled = input.workload.pod_template()["metadata"]["labels"].size() > 0;
  const std::string name = SuggestedName(input.workload);
  if (!labelled) own.Set("app.kubernetes.io/name", Yaml::String(name));
  Yaml constraint = Yaml::Map({
      {"maxSkew", Yaml::Int(1)},
      {"topologyKey", Yaml::String(FreeTopologyKey(input))},
      {"whenUnsatisfiable", Yaml::String("ScheduleAnyway")},
      {"labelSelector", Yaml::Map({{"matchLabels", std::move(own)}})},
  });
  Yaml constraints = Yaml::List();
  constraints.Add(std::move(constraint));
  Yaml spec = Yaml::Map({{"topologySpreadConstraints", std::move(constraints)}});
  if (labelled) return PodSpecFix(input.workload, std::move(spec));
  Yaml labels = Yaml::Map({{"app.kubernetes.io/name", Yaml::String(name)}});
  return TemplateFix(input.workload,
                     Yaml::Map({{"metadata", Yaml::Map({{"labels", std::move(labels)}})},
                                {"spec", std::move(spec)}}));
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const Workload& workload = input.workload;
  const std::optional<int64_t> replicas = workload.replicas();
  if (!replicas) {
    outcome.NotApplicable("its kind has no number of replicas");
    return;
  }
  if (*replicas < 2) {
    outcome.NotApplicable("it has no second replica to be put elsewhere");
    return;
  }
  SpreadCheck check(input);
  if (check.Spreads()) return;
  const Why& why = check.why();
  Violation violation;
  violation.path = why.rank > 0
                       ? why.path
                       : std::string(workload.pod_spec_path()) + ".topologySpreadConstraints";
  violation.message = Subject(workload) + " " +
                      (why.rank > 0 ? why.message + ", so all " : "lets all ") +
                      std::to_string(*replicas) + " replicas" +
                      (why.rank > 0 ? " may land" : " land") + " on one node";
  violation.observed = why.rank > 0 ? why.message : "neither spread nor anti-affinity";
  violation.required = "topologySpreadConstraints or podAntiAffinity that match its own pods";
  violation.fix = Fix(input);
  violation.identity = "spread";
  outcome.Fail(std::move(violation));
}

constexpr Rule kRule = {
    .id = "resilience.spread",
    .title = "Replicas are kept apart",
    .rationale =
        "Three replicas, and the scheduler put all of them on the node that had room. The node "
        "dies "
        "and takes the service with it, although it was \"highly available\". Worse is a "
        "constraint "
        "copied from another service: its selector still names that one, so it spreads nothing, "
        "and "
        "nobody notices until the node is gone.",
    .remediation =
        "Add topologySpreadConstraints (or podAntiAffinity) to the pod spec, with a labelSelector "
        "that matches the labels of the pod template itself. An absent selector matches nothing; a "
        "term that lists namespaces must include its own.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/, "
        "https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/ (inter-pod "
        "affinity)",
};

}  // namespace

const Rule& ResilienceSpreadRule() { return kRule; }

}  // namespace plimsoll
