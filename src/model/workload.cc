#include "plimsoll/model/workload.h"

#include <array>
#include <utility>

namespace plimsoll {
namespace {

struct KindRow {
  WorkloadKind kind;
  std::string_view name;
  std::string_view group;
  // Versions that carry a pod template at the same place, today's first. Removed ones are still in many manifests.
  std::array<std::string_view, 3> versions;
  // "extensions/v1beta1" served this kind, too, until Kubernetes 1.16.
  bool in_extensions;
};

constexpr std::array<KindRow, kWorkloadKindCount> kKinds = {{
    {WorkloadKind::kDeployment, "Deployment", "apps", {"v1", "v1beta1", "v1beta2"}, true},
    {WorkloadKind::kStatefulSet, "StatefulSet", "apps", {"v1", "v1beta1", "v1beta2"}, false},
    {WorkloadKind::kDaemonSet, "DaemonSet", "apps", {"v1", "v1beta2"}, true},
    {WorkloadKind::kReplicaSet, "ReplicaSet", "apps", {"v1", "v1beta2"}, true},
    {WorkloadKind::kPod, "Pod", "", {"v1"}, false},
    {WorkloadKind::kJob, "Job", "batch", {"v1"}, false},
    {WorkloadKind::kCronJob, "CronJob", "batch", {"v1", "v1beta1", "v2alpha1"}, false},
    {WorkloadKind::kRollout, "Rollout", "argoproj.io", {"v1alpha1"}, false},
    {WorkloadKind::kReplicationController, "ReplicationController", "", {"v1"}, false},
}};

constexpr std::string_view kRestartedAt = "kubectl.kubernetes.io/restartedAt";
// What the Deployment controller and Argo Rollouts put on the templates of the ReplicaSets they make.
constexpr std::array<std::string_view, 2> kTemplateHashes = {"pod-template-hash",
                                                             "rollouts-pod-template-hash"};

bool ServedIn(const KindRow& row, std::string_view group, std::string_view version) {
  if (row.in_extensions && group == "extensions" && version == "v1beta1") return true;
  if (group != row.group || version.empty()) return false;
  for (const std::string_view candidate : row.versions) {
    if (version == candidate) return true;
  }
  return false;
}

// Groups whose versions are Kubernetes' own (or, for argoproj.io, one project's): a kind of ours in one of these is ours,
// however its version is spelled. Other groups may have kinds of the same name that are something else.
bool IsBuiltInGroup(std::string_view api_version) {
  const size_t slash = api_version.find('/');
  if (slash == std::string_view::npos) return !api_version.empty();
  const std::string_view group = api_version.substr(0, slash);
  return group == "apps" || group == "extensions" || group == "batch" || group == "argoproj.io";
}

std::optional<std::string_view> StringAt(JsonView map, std::string_view key) {
  return map[key].AsString();
}

JsonView PodTemplateOf(WorkloadKind kind, JsonView object) {
  switch (kind) {
    case WorkloadKind::kPod:
      return object;
    case WorkloadKind::kCronJob:
      return object["spec"]["jobTemplate"]["spec"]["template"];
    default:
      return object["spec"]["template"];
  }
}

// restartPolicy "" means Always, by the API server's default.
bool RestartsAlways(JsonView pod_spec) {
  const std::string_view policy = pod_spec["restartPolicy"].StringOrEmpty();
  return policy.empty() || policy == "Always";
}

bool ControlledByJob(JsonView metadata) {
  for (const JsonView owner : metadata["ownerReferences"].elements()) {
    if (owner["controller"].AsBool().value_or(false) && owner["kind"].StringOrEmpty() == "Job") {
      return true;
    }
  }
  return false;
}

// Which of its container's fields a key names, by the key's length first.
std::optional<ContainerField> ContainerFieldOf(std::string_view key) {
  const auto only = [key](std::string_view name, ContainerField field) {
    return key == name ? std::optional(field) : std::nullopt;
  };
  switch (key.size()) {
    case 5:
      return key[0] == 'i' ? only("image", ContainerField::kImage)
                           : only("ports", ContainerField::kPorts);
    case 9:
      return key[0] == 'r' ? only("resources", ContainerField::kResources)
                           : only("lifecycle", ContainerField::kLifecycle);
    case 12:
      return only("startupProbe", ContainerField::kStartupProbe);
    case 13:
      return only("livenessProbe", ContainerField::kLivenessProbe);
    case 14:
      return only("readinessProbe", ContainerField::kReadinessProbe);
    default:
      return std::nullopt;
  }
}

Container ReadContainer(JsonView object, ContainerRole role, uint32_t index) {
  Container container{object, {}, role, index};
  for (const JsonMember member : object.members()) {
    if (member.key == "name") {
      container.name = member.value.StringOrEmpty();
    } else if (const std::optional<ContainerField> field = ContainerFieldOf(member.key)) {
      container.fields[static_cast<size_t>(*field)] = member.value.index();
    } else if (role == ContainerRole::kInit && member.key == "restartPolicy" &&
               member.value.StringOrEmpty() == "Always") {
      container.role = ContainerRole::kSidecar;
    }
  }
  return container;
}

void AppendContainers(JsonView list, ContainerRole role, std::vector<Container>& out) {
  uint32_t index = 0;
  for (const JsonView object : list.elements()) {
    if (object.is_object()) out.push_back(ReadContainer(object, role, index));
    ++index;
  }
}

// Equal but for one annotation of the template's metadata.
bool SameTemplateMetadata(JsonView a, JsonView b) {
  static constexpr std::array<std::string_view, 2> kNotCompared = {"annotations",
                                                                   "creationTimestamp"};
  static constexpr std::array<std::string_view, 1> kRestarts = {kRestartedAt};
  return MembersEqual(a, b, kNotCompared) &&
         MembersEqual(a["annotations"], b["annotations"], kRestarts);
}

// As above, and but for the labels that controllers add to a revision's.
bool SameRevisionMetadata(JsonView a, JsonView b) {
  static constexpr std::array<std::string_view, 3> kNotCompared = {"annotations", "labels",
                                                                   "creationTimestamp"};
  static constexpr std::array<std::string_view, 1> kRestarts = {kRestartedAt};
  return MembersEqual(a, b, kNotCompared) &&
         MembersEqual(a["labels"], b["labels"], kTemplateHashes) &&
         MembersEqual(a["annotations"], b["annotations"], kRestarts);
}

}  // namespace

std::string_view WorkloadKindName(WorkloadKind kind) {
  for (const KindRow& row : kKinds) {
    if (row.kind == kind) return row.name;
  }
  return "";
}

std::optional<WorkloadKind> ParseWorkloadKind(std::string_view name) {
  for (const KindRow& row : kKinds) {
    if (row.name == name) return row.kind;
  }
  return std::nullopt;
}

std::string ServedApiVersion(WorkloadKind kind) {
  for (const KindRow& row : kKinds) {
    if (row.kind != kind) continue;
    std::string text(row.group);
    if (!text.empty()) text += '/';
    return text.append(row.versions.front());
  }
  return "";
}

std::optional<WorkloadKind> WorkloadKindOf(std::string_view api_version, std::string_view kind) {
  const size_t slash = api_version.find('/');
  const bool grouped = slash != std::string_view::npos;
  const std::string_view group = grouped ? api_version.substr(0, slash) : std::string_view();
  const std::string_view version = grouped ? api_version.substr(slash + 1) : api_version;
  for (const KindRow& row : kKinds) {
    if (row.name == kind && ServedIn(row, group, version)) return row.kind;
  }
  return std::nullopt;
}

bool Workload::Assign(JsonView object, std::string_view default_namespace) {
  const std::string_view api_version = object["apiVersion"].StringOrEmpty();
  const std::string_view name_of_kind = object["kind"].StringOrEmpty();
  std::optional<WorkloadKind> kind = WorkloadKindOf(api_version, name_of_kind);
  api_version_served_ = kind.has_value();
  if (!kind && IsBuiltInGroup(api_version)) kind = ParseWorkloadKind(name_of_kind);
  if (!kind) return false;
  kind_ = *kind;
  object_ = object;
  metadata_ = object["metadata"];
  spec_ = object["spec"];
  labels_ = metadata_["labels"];
  annotations_ = metadata_["annotations"];
  name_ = metadata()["name"].StringOrEmpty();
  if (const std::string_view prefix = metadata()["generateName"].StringOrEmpty();
      name_.empty() && !prefix.empty()) {
    name_ = prefix;
    name_ += '*';
  }
  namespace_ = metadata()["namespace"].StringOrEmpty();
  if (namespace_.empty()) namespace_ = default_namespace;
  pod_template_ = PodTemplateOf(kind_, object_);
  pod_spec_ = pod_template_["spec"];
  const JsonView template_metadata = pod_template_["metadata"];
  template_labels_ = template_metadata["labels"];
  template_annotations_ = template_metadata["annotations"];
  containers_.clear();
  AppendContainers(pod_spec_["containers"], ContainerRole::kMain, containers_);
  AppendContainers(pod_spec_["initContainers"], ContainerRole::kInit, containers_);
  AppendContainers(pod_spec_["ephemeralContainers"], ContainerRole::kEphemeral, containers_);
  ReadProbes();
  runs_to_completion_ =
      kind_ == WorkloadKind::kJob || kind_ == WorkloadKind::kCronJob ||
      (kind_ == WorkloadKind::kPod && (!RestartsAlways(pod_spec_) || ControlledByJob(metadata())));
  DecideShape();
  return true;
}

void Workload::ReadProbes() {
  probes_.clear();
  for (Container& container : containers_) {
    for (const ProbeRole role : kProbeRoles) {
      const std::optional<Probe> probe = ReadProbe(container, role);
      if (!probe) continue;
      probes_.push_back(*probe);
      container.probes[static_cast<size_t>(role)] = static_cast<uint32_t>(probes_.size());
    }
  }
}

// A patch names only what it changes. What every complete workload has, and almost no patch, is an image.
void Workload::DecideShape() {
  shape_ = Shape::kFull;
  shape_reason_.clear();
  if (kind_ == WorkloadKind::kRollout && !pod_template_.present() &&
      spec()["workloadRef"].present()) {
    shape_ = Shape::kExternal;
    shape_reason_ = "the pod template is in the object that spec.workloadRef names";
    return;
  }
  bool main_container = false;
  for (const Container& container : containers_) {
    if (container.role != ContainerRole::kMain) continue;
    main_container = true;
    if (container.Field(ContainerField::kImage).present()) return;
  }
  shape_ = Shape::kPartial;
  shape_reason_ = main_container ? "no container has an image" : "it has no containers";
}

std::string_view Workload::template_path() const {
  switch (kind_) {
    case WorkloadKind::kPod:
      return "";
    case WorkloadKind::kCronJob:
      return "spec.jobTemplate.spec.template";
    default:
      return "spec.template";
  }
}

std::string_view Workload::pod_spec_path() const {
  switch (kind_) {
    case WorkloadKind::kPod:
      return "spec";
    case WorkloadKind::kCronJob:
      return "spec.jobTemplate.spec.template.spec";
    default:
      return "spec.template.spec";
  }
}

std::string Workload::ContainerPath(const Container& container) const {
  std::string path(pod_spec_path());
  switch (container.role) {
    case ContainerRole::kMain:
      path += ".containers[";
      break;
    case ContainerRole::kSidecar:
    case ContainerRole::kInit:
      path += ".initContainers[";
      break;
    case ContainerRole::kEphemeral:
      path += ".ephemeralContainers[";
      break;
  }
  path += std::to_string(container.index);
  path += ']';
  return path;
}

std::optional<int64_t> Workload::replicas() const {
  switch (kind_) {
    case WorkloadKind::kDaemonSet:
    case WorkloadKind::kPod:
    case WorkloadKind::kJob:
    case WorkloadKind::kCronJob:
      return std::nullopt;
    default:
      return replicas_set() ? spec()["replicas"].AsInt() : 1;
  }
}

std::optional<std::string_view> Workload::Label(std::string_view key) const {
  return StringAt(labels_, key);
}

std::optional<std::string_view> Workload::Annotation(std::string_view key) const {
  return StringAt(annotations_, key);
}

std::optional<std::string_view> Workload::TemplateLabel(std::string_view key) const {
  return StringAt(template_labels_, key);
}

std::optional<std::string_view> Workload::TemplateAnnotation(std::string_view key) const {
  return StringAt(template_annotations_, key);
}

bool SamePodTemplate(const Workload& a, const Workload& b) {
  return DeepEquals(a.pod_spec(), b.pod_spec()) &&
         SameTemplateMetadata(a.pod_template()["metadata"], b.pod_template()["metadata"]);
}

bool SameRevision(JsonView template_a, JsonView template_b) {
  return DeepEquals(template_a["spec"], template_b["spec"]) &&
         SameRevisionMetadata(template_a["metadata"], template_b["metadata"]);
}

}  // namespace plimsoll
