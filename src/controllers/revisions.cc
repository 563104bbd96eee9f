#include "plimsoll/controllers/revisions.h"

#include <algorithm>

namespace plimsoll::controllers {
namespace {

// What a controller of ReplicaSets writes on those it makes.
struct Marks {
  std::string_view group;     // of the owner's apiVersion
  std::string_view hash;      // label
  std::string_view revision;  // annotation
};

constexpr Marks kDeploymentMarks{"apps/", "pod-template-hash", "deployment.kubernetes.io/revision"};
constexpr Marks kRolloutMarks{"argoproj.io/", "rollouts-pod-template-hash",
                              "rollout.argoproj.io/revision"};

bool ControlledBy(const RevisionOwner& owner, std::string_view group, JsonView metadata) {
  if (owner.uid.empty()) return false;
  for (const JsonView reference : metadata["ownerReferences"].elements()) {
    if (!reference["controller"].AsBool().value_or(false)) continue;
    // There is one at most; the API server sees to it.
    return reference["uid"].StringOrEmpty() == owner.uid &&
           reference["name"].StringOrEmpty() == owner.name &&
           reference["kind"].StringOrEmpty() == WorkloadKindName(owner.kind) &&
           reference["apiVersion"].StringOrEmpty().substr(0, group.size()) == group;
  }
  return false;
}

bool IsPositiveNumber(std::string_view text) {
  return !text.empty() && text.front() != '0' &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "web-5d8c9": the owner's name, cut where it is too long, and a suffix.
bool NamedAfter(std::string_view owner, std::string_view name, std::string_view suffix) {
  if (suffix.empty() || name.size() <= suffix.size() + 1) return false;
  const std::string_view base = name.substr(0, name.size() - suffix.size() - 1);
  return name[base.size()] == '-' && name.ends_with(suffix) && owner.starts_with(base);
}

bool IsRevisionSet(const RevisionOwner& owner, JsonView object, JsonView pod_template) {
  const Marks& marks = owner.kind == WorkloadKind::kRollout ? kRolloutMarks : kDeploymentMarks;
  const JsonView metadata = object["metadata"];
  const JsonView spec = object["spec"];
  const std::string_view hash = metadata["labels"][marks.hash].StringOrEmpty();
  return ControlledBy(owner, marks.group, metadata) &&
         IsPositiveNumber(metadata["annotations"][marks.revision].StringOrEmpty()) &&
         NamedAfter(owner.name, metadata["name"].StringOrEmpty(), hash) &&
         spec["selector"]["matchLabels"][marks.hash].StringOrEmpty() == hash &&
         spec["template"]["metadata"]["labels"][marks.hash].StringOrEmpty() == hash &&
         SameRevision(spec["template"], pod_template);
}

// `data` is a patch: {"spec": {"template": {..., "$patch": "replace"}}}.
bool IsControllerRevision(const RevisionOwner& owner, JsonView object, JsonView pod_template) {
  const JsonView metadata = object["metadata"];
  const JsonView kept = object["data"]["spec"]["template"];
  const std::string_view name = metadata["name"].StringOrEmpty();
  const size_t dash = name.rfind('-');
  return dash != std::string_view::npos && NamedAfter(owner.name, name, name.substr(dash + 1)) &&
         ControlledBy(owner, "apps/", metadata) && object["revision"].AsInt().value_or(0) > 0 &&
         kept["$patch"].StringOrEmpty() == "replace" && kept["spec"].is_object() &&
         SameRevision(kept, pod_template);
}

// "tier in (a,b)", "!canary"; nothing where it is not understood.
std::optional<std::string> RequirementQuery(JsonView expression) {
  std::string key(expression["key"].StringOrEmpty());
  const std::string_view op = expression["operator"].StringOrEmpty();
  if (key.empty()) return std::nullopt;
  if (op == "Exists") return key;
  if (op == "DoesNotExist") return "!" + key;
  if (op != "In" && op != "NotIn") return std::nullopt;
  std::string values;
  for (const JsonView value : expression["values"].elements()) {
    if (!values.empty()) values += ',';
    values += value.StringOrEmpty();
  }
  return key + (op == "In" ? " in (" : " notin (") + values + ")";
}

}  // namespace

std::optional<RevisionKeeper> RevisionKeeperOf(WorkloadKind kind) {
  switch (kind) {
    case WorkloadKind::kDeployment:
    case WorkloadKind::kRollout:
      return RevisionKeeper::kReplicaSet;
    case WorkloadKind::kStatefulSet:
    case WorkloadKind::kDaemonSet:
      return RevisionKeeper::kControllerRevision;
    default:
      return std::nullopt;
  }
}

std::optional<std::string> SelectorQuery(JsonView selector) {
  std::string query;
  const auto add = [&query](std::string_view part) {
    if (!query.empty()) query += ',';
    query += part;
  };
  for (const JsonMember label : selector["matchLabels"].members()) {
    add(std::string(label.key) + "=" + std::string(label.value.StringOrEmpty()));
  }
  for (const JsonView expression : selector["matchExpressions"].elements()) {
    const std::optional<std::string> part = RequirementQuery(expression);
    if (!part) return std::nullopt;
    add(*part);
  }
  if (query.empty()) return std::nullopt;
  return query;
}

bool IsRevision(const RevisionOwner& owner, JsonView object, JsonView pod_template) {
  const std::optional<RevisionKeeper> keeper = RevisionKeeperOf(owner.kind);
  if (!keeper || !pod_template["spec"].is_object()) return false;
  return *keeper == RevisionKeeper::kReplicaSet ? IsRevisionSet(owner, object, pod_template)
                                                : IsControllerRevision(owner, object, pod_template);
}

}  // namespace plimsoll::controllers
