// Workload: the view of one object that rules look at. It knows where the pod template is for each kind, which
// containers there are and what role each plays, and the API server's defaults, so that a manifest on the command line
// and the same object at admission are judged alike.
//
// Thread-safety: immutable after FromObject. Ownership: views into the object's Document, which must outlive it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/probe.h"

namespace plimsoll {

enum class WorkloadKind : uint8_t {
  kDeployment,
  kStatefulSet,
  kDaemonSet,
  kReplicaSet,
  kPod,
  kJob,
  kCronJob,
  kRollout,                // argoproj.io
  kReplicationController,  // superseded, still met
};
inline constexpr size_t kWorkloadKindCount = 9;

// "Deployment", "Rollout", ...
std::string_view WorkloadKindName(WorkloadKind kind);
std::optional<WorkloadKind> ParseWorkloadKind(std::string_view name);
// The apiVersion under which today's API servers have the kind: "apps/v1".
std::string ServedApiVersion(WorkloadKind kind);
// By apiVersion and kind together: `apps/v1 Deployment` (also the removed apps/v1beta1, apps/v1beta2 and
// extensions/v1beta1, which manifests still carry), `v1 Pod` and `ReplicationController`, `batch/v1 Job` and `CronJob` (and batch/v1beta1),
// `argoproj.io/v1alpha1 Rollout`.
std::optional<WorkloadKind> WorkloadKindOf(std::string_view api_version, std::string_view kind);

enum class ContainerRole : uint8_t {
  kMain,
  kSidecar,    // an init container with restartPolicy: Always; its probes count (KEP-753)
  kInit,       // runs to completion; cannot have probes
  kEphemeral,  // debugging; cannot have probes, ports or resources
};

// Fields of a container that several rules ask for.
enum class ContainerField : uint8_t {
  kImage,
  kPorts,
  kResources,
  kLifecycle,
  kReadinessProbe,
  kLivenessProbe,
  kStartupProbe,
};
inline constexpr size_t kContainerFieldCount = 7;

struct Container {
  JsonView object;
  std::string_view name;  // "" where it has none
  ContainerRole role = ContainerRole::kMain;
  uint32_t index = 0;  // within its own list
  // Where the fields' values are in the document: found in one pass over the container; 0 where it has none.
  std::array<uint32_t, kContainerFieldCount> fields{};

  // By ProbeRole: which of the workload's probes it is, counted from 1; 0 where there is none.
  std::array<uint32_t, std::size(kProbeRoles)> probes{};

  // The same as `object` asked for that field.
  JsonView Field(ContainerField field) const {
    const uint32_t node = fields[static_cast<size_t>(field)];
    return node == 0 ? JsonView() : JsonView(object.document(), node);
  }

  // Main containers and sidecars: those that run for as long as the pod does.
  bool long_running() const {
    return role == ContainerRole::kMain || role == ContainerRole::kSidecar;
  }
};

class Workload {
 public:
  // Why an object has no complete pod template to judge.
  enum class Shape : uint8_t {
    kFull,
    kPartial,   // a patch or overlay (no container has an image): not to be judged alone
    kExternal,  // the template is in another object (Rollout's workloadRef)
  };

  Workload() = default;

  // Nothing if the object is of no kind we know. `default_namespace` is used where the object names none. Reuses the
  // memory of `*this`.
  bool Assign(JsonView object, std::string_view default_namespace = {});

  WorkloadKind kind() const { return kind_; }
  std::string_view api_version() const { return object_["apiVersion"].StringOrEmpty(); }
  // False where nothing serves this kind under that apiVersion ("v1 Deployment", "apps/v1alpha1"): no API server would take
  // it, so this is met in files only. What was meant is plain, and is what the view shows.
  bool api_version_served() const { return api_version_served_; }
  // metadata.name, else generateName followed by "*", else "".
  const std::string& name() const { return name_; }
  std::string_view namespace_name() const { return namespace_; }
  Shape shape() const { return shape_; }
  // For kPartial and kExternal: what is missing, in words.
  const std::string& shape_reason() const { return shape_reason_; }

  JsonView object() const { return object_; }
  JsonView metadata() const { return metadata_; }
  JsonView spec() const { return spec_; }
  // Whatever stands under metadata.labels and metadata.annotations, of any type.
  JsonView labels() const { return labels_; }
  JsonView annotations() const { return annotations_; }
  // The pod template ({metadata, spec}); for a Pod the object itself.
  JsonView pod_template() const { return pod_template_; }
  JsonView pod_spec() const { return pod_spec_; }
  // Of the template's own metadata; for a Pod the same as the workload's.
  JsonView template_labels() const { return template_labels_; }
  JsonView template_annotations() const { return template_annotations_; }
  // "spec.template", "spec.jobTemplate.spec.template", or "" for a Pod.
  std::string_view template_path() const;
  // "spec.template.spec", "spec.jobTemplate.spec.template.spec", or "spec" for a Pod.
  std::string_view pod_spec_path() const;

  // Main containers, then init containers (sidecars among them), then ephemeral ones, each list in document order.
  const std::vector<Container>& containers() const { return containers_; }
  // Read once, for all rules that ask. Null where the container has no such probe. Any of containers().
  const Probe* ProbeOf(const Container& container, ProbeRole role) const {
    const uint32_t number = container.probes[static_cast<size_t>(role)];
    return number == 0 ? nullptr : &probes_[number - 1];
  }
  // "spec.template.spec.containers[0]" and so on.
  std::string ContainerPath(const Container& container) const;

  // Runs to completion by nature: Job, CronJob, a Pod controlled by a Job, a bare Pod whose restartPolicy is not Always.
  bool runs_to_completion() const { return runs_to_completion_; }
  // The number of replicas asked for, after defaults (unset = 1). Nothing for kinds without one (DaemonSet, Pod, Job,
  // CronJob) and where the field is not an integer.
  std::optional<int64_t> replicas() const;
  bool replicas_set() const { return spec()["replicas"].present(); }

  // The label or annotation, on the workload's own metadata or on its template's; nothing unless it is a string.
  std::optional<std::string_view> Label(std::string_view key) const;
  std::optional<std::string_view> Annotation(std::string_view key) const;
  std::optional<std::string_view> TemplateLabel(std::string_view key) const;
  std::optional<std::string_view> TemplateAnnotation(std::string_view key) const;

 private:
  void ReadProbes();
  void DecideShape();

  WorkloadKind kind_ = WorkloadKind::kDeployment;
  Shape shape_ = Shape::kFull;
  bool runs_to_completion_ = false;
  bool api_version_served_ = true;
  JsonView object_;
  JsonView metadata_;
  JsonView spec_;
  JsonView labels_;
  JsonView annotations_;
  JsonView pod_template_;
  JsonView template_labels_;
  JsonView template_annotations_;
  JsonView pod_spec_;
  std::string name_;
  std::string_view namespace_;
  std::string shape_reason_;
  std::vector<Container> containers_;
  std::vector<Probe> probes_;
};

// What differs between two versions of a workload, for the ratchet. Both sides must be of the same kind.
// True if the pod templates are the same but for what `kubectl rollout restart` writes
// (annotation kubectl.kubernetes.io/restartedAt).
bool SamePodTemplate(const Workload& a, const Workload& b);
// For two pod templates ({metadata, spec}), of which one may be that of a revision: as above, and but for the labels that
// controllers put on a revision's template to tell revisions apart (the Deployment controller's EqualIgnoreHash).
bool SameRevision(JsonView template_a, JsonView template_b);

}  // namespace plimsoll
