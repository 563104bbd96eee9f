#include "plimsoll/model/workload.h"

#include <memory>
#include <string>

#include <gtest/gtest.h>

#include "plimsoll/codec/manifest.h"

namespace plimsoll {
namespace {

// A workload and the text it views into.
struct Owned {
  std::unique_ptr<Manifests> manifests;
  Workload workload;
  bool known = false;
};

Owned Parse(std::string yaml, std::string_view default_namespace = {}) {
  Owned owned;
  owned.manifests = ParseManifests(std::move(yaml));
  EXPECT_EQ(owned.manifests->objects.size(), 1U);
  owned.known = owned.workload.Assign(owned.manifests->objects.at(0), default_namespace);
  return owned;
}

constexpr const char* kPodSpec = "{containers: [{name: web, image: web:1}]}";

TEST(WorkloadKindTest, NeedsGroupVersionAndKind) {
  EXPECT_EQ(WorkloadKindOf("apps/v1", "Deployment"), WorkloadKind::kDeployment);
  EXPECT_EQ(WorkloadKindOf("extensions/v1beta1", "DaemonSet"), WorkloadKind::kDaemonSet);
  EXPECT_EQ(WorkloadKindOf("extensions/v1beta1", "StatefulSet"), std::nullopt);
  EXPECT_EQ(WorkloadKindOf("v1", "Pod"), WorkloadKind::kPod);
  EXPECT_EQ(WorkloadKindOf("batch/v1beta1", "CronJob"), WorkloadKind::kCronJob);
  EXPECT_EQ(WorkloadKindOf("argoproj.io/v1alpha1", "Rollout"), WorkloadKind::kRollout);
  EXPECT_EQ(WorkloadKindOf("v1", "ReplicationController"), WorkloadKind::kReplicationController);
  for (const auto& [version, kind] : {std::pair{"v1", "Deployment"},
                                      {"apps/v1", "Pod"},
                                      {"apps/", "Deployment"},
                                      {"", "Pod"},
                                      {"apps/v1", "deployment"},
                                      {"serving.knative.dev/v1", "Service"}}) {
    EXPECT_EQ(WorkloadKindOf(version, kind), std::nullopt) << version << " " << kind;
  }
}

TEST(WorkloadKindTest, ServedApiVersionLeadsBackToTheKind) {
  for (size_t i = 0; i < kWorkloadKindCount; ++i) {
    const auto kind = static_cast<WorkloadKind>(i);
    EXPECT_EQ(WorkloadKindOf(ServedApiVersion(kind), WorkloadKindName(kind)), kind);
  }
  EXPECT_EQ(ServedApiVersion(WorkloadKind::kPod), "v1");
  EXPECT_EQ(ServedApiVersion(WorkloadKind::kCronJob), "batch/v1");
}

TEST(WorkloadTest, FindsTheTemplateOfEachKind) {
  const std::string template_spec = std::string("template: {spec: ") + kPodSpec + "}";
  const std::string cases[][3] = {
      {"{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {" + template_spec +
           "}}",
       "spec.template.spec", "spec.template.spec.containers[0]"},
      {"{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: " + std::string(kPodSpec) + "}",
       "spec", "spec.containers[0]"},
      {"{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {jobTemplate: {spec: {" +
           template_spec + "}}}}",
       "spec.jobTemplate.spec.template.spec", "spec.jobTemplate.spec.template.spec.containers[0]"},
  };
  for (const auto& c : cases) {
    const Owned owned = Parse(c[0]);
    ASSERT_TRUE(owned.known) << c[0];
    EXPECT_EQ(owned.workload.shape(), Workload::Shape::kFull);
    EXPECT_EQ(owned.workload.pod_spec_path(), c[1]);
    ASSERT_EQ(owned.workload.containers().size(), 1U);
    EXPECT_EQ(owned.workload.ContainerPath(owned.workload.containers()[0]), c[2]);
  }
}

TEST(WorkloadTest, KnowsEachContainersRole) {
  const Owned owned = Parse(R"(
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers: [{name: web, image: web:1}, not an object, {name: log, image: log:1}]
  initContainers: [{name: migrate, image: m:1}, {name: proxy, image: p:1, restartPolicy: Always}]
  ephemeralContainers: [{name: debug, image: d:1}]
)");
  const auto& containers = owned.workload.containers();
  ASSERT_EQ(containers.size(), 5U);
  EXPECT_EQ(containers[0].role, ContainerRole::kMain);
  EXPECT_EQ(owned.workload.ContainerPath(containers[1]), "spec.containers[2]");
  EXPECT_EQ(containers[2].role, ContainerRole::kInit);
  EXPECT_FALSE(containers[2].long_running());
  EXPECT_EQ(containers[3].role, ContainerRole::kSidecar);
  EXPECT_TRUE(containers[3].long_running());
  EXPECT_EQ(owned.workload.ContainerPath(containers[3]), "spec.initContainers[1]");
  EXPECT_EQ(owned.workload.ContainerPath(containers[4]), "spec.ephemeralContainers[0]");
}

TEST(WorkloadTest, ShapeTellsPatchesFromWorkloads) {
  const auto shape = [](const std::string& spec,
                        const char* header = "apiVersion: apps/v1, kind: Deployment") {
    return Parse("{" + std::string(header) + ", metadata: {name: a}, spec: " + spec + "}")
        .workload.shape();
  };
  EXPECT_EQ(shape("{template: {spec: {containers: [{name: a, image: b}, {name: c}]}}}"),
            Workload::Shape::kFull);
  EXPECT_EQ(shape("{template: {spec: {containers: [{name: a}]}}}"), Workload::Shape::kPartial);
  EXPECT_EQ(shape("{template: {spec: {initContainers: [{name: a, image: b}]}}}"),
            Workload::Shape::kPartial);
  EXPECT_EQ(shape("{replicas: 3}"), Workload::Shape::kPartial);
  EXPECT_EQ(shape("[]"), Workload::Shape::kPartial);
  EXPECT_EQ(shape("{workloadRef: {kind: Deployment, name: a}}",
                  "apiVersion: argoproj.io/v1alpha1, kind: Rollout"),
            Workload::Shape::kExternal);
}

TEST(WorkloadTest, ReplicasHaveTheApiServersDefault) {
  const auto replicas = [](const char* header, const char* field) {
    return Parse(std::string("{") + header + ", metadata: {name: a}, spec: {" + field +
                 " template: {spec: " + kPodSpec + "}}}")
        .workload.replicas();
  };
  EXPECT_EQ(replicas("apiVersion: apps/v1, kind: Deployment", ""), 1);
  EXPECT_EQ(replicas("apiVersion: apps/v1, kind: Deployment", "replicas: null,"), 1);
  EXPECT_EQ(replicas("apiVersion: apps/v1, kind: Deployment", "replicas: 3,"), 3);
  EXPECT_EQ(replicas("apiVersion: apps/v1, kind: Deployment", "replicas: '3',"), std::nullopt);
  EXPECT_EQ(replicas("apiVersion: apps/v1, kind: DaemonSet", "replicas: 3,"), std::nullopt);
}

TEST(WorkloadTest, NamesAndNamespaces) {
  const Owned generated =
      Parse("{apiVersion: v1, kind: Pod, metadata: {generateName: web-}, spec: {}}", "shop");
  EXPECT_EQ(generated.workload.name(), "web-*");
  EXPECT_EQ(generated.workload.namespace_name(), "shop");
  const Owned named =
      Parse("{apiVersion: v1, kind: Pod, metadata: {name: web, namespace: own}, spec: {}}", "shop");
  EXPECT_EQ(named.workload.name(), "web");
  EXPECT_EQ(named.workload.namespace_name(), "own");
  EXPECT_FALSE(Parse("{apiVersion: v1, kind: Service, metadata: {name: web}}").known);
}

TEST(WorkloadTest, LabelsThatAreNoStringsAreNotThere) {
  const Owned owned = Parse(
      "{apiVersion: v1, kind: Pod, metadata: {labels: {a: x, b: 1, c: {d: e}}, annotations: [no]}, "
      "spec: {}}");
  EXPECT_EQ(owned.workload.Label("a"), "x");
  EXPECT_EQ(owned.workload.Label("b"), std::nullopt);
  EXPECT_EQ(owned.workload.Label("c"), std::nullopt);
  EXPECT_EQ(owned.workload.Annotation("no"), std::nullopt);
}

TEST(WorkloadTest, RunsToCompletion) {
  const auto pod = [](const std::string& extra) {
    return Parse("{apiVersion: v1, kind: Pod, metadata: {name: a" + extra +
                 "}, spec: " + (extra.empty() ? "{restartPolicy: Never}" : "{}") + "}")
        .workload.runs_to_completion();
  };
  EXPECT_TRUE(pod(""));
  EXPECT_TRUE(pod(", ownerReferences: [{controller: true, kind: Job}]"));
  EXPECT_FALSE(pod(", ownerReferences: [{controller: true, kind: ReplicaSet}]"));
  EXPECT_FALSE(pod(", ownerReferences: [{kind: Job}]"));
}

TEST(SamePodTemplateTest, IgnoresWhatARolloutRestartWrites) {
  const auto deployment = [](const char* annotations, const char* image = "web:1") {
    return Parse(std::string("{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: "
                             "{template: {metadata: {") +
                 annotations + "}, spec: {containers: [{name: web, image: '" + image + "'}]}}}}");
  };
  const Owned plain = deployment("");
  const Owned restarted =
      deployment("annotations: {kubectl.kubernetes.io/restartedAt: '2026-11-23'}");
  const Owned other = deployment("annotations: {a: b}");
  const Owned image = deployment("", "web:2");
  EXPECT_TRUE(SamePodTemplate(plain.workload, restarted.workload));
  EXPECT_TRUE(SamePodTemplate(restarted.workload, plain.workload));
  EXPECT_FALSE(SamePodTemplate(plain.workload, other.workload));
  EXPECT_FALSE(SamePodTemplate(other.workload, plain.workload));
  EXPECT_FALSE(SamePodTemplate(plain.workload, image.workload));
}

TEST(SameRevisionTest, IgnoresWhatControllersAndRestartsWrite) {
  const auto of = [](const std::string& labels, const std::string& annotations = "",
                     const char* image = "web:1", const char* more = "") {
    return Parse(
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {metadata: {labels: {" +
        labels + "}, annotations: {" + annotations + "}" + more +
        "}, spec: {containers: [{name: web, image: '" + image + "'}]}}}}");
  };
  struct Case {
    const char* name;
    Owned other;
    bool same;
  };
  const Owned plain = of("app: web");
  const std::vector<Case> cases = [&] {
    std::vector<Case> all;
    all.push_back({"itself", of("app: web"), true});
    all.push_back({"a ReplicaSet's", of("app: web, pod-template-hash: 5d8c9"), true});
    all.push_back({"a Rollout's", of("app: web, rollouts-pod-template-hash: 5d8c9"), true});
    all.push_back(
        {"restarted", of("app: web", "kubectl.kubernetes.io/restartedAt: '2026-11-23'"), true});
    all.push_back({"with a date", of("app: web", "", "web:1", ", creationTimestamp: null"), true});
    all.push_back({"another label", of("app: web, tier: a"), false});
    all.push_back({"another label's value", of("app: api"), false});
    all.push_back({"no label", of(""), false});
    all.push_back({"another annotation", of("app: web", "a: b"), false});
    all.push_back({"another name", of("app: web", "", "web:1", ", name: b"), false});
    all.push_back({"another image", of("app: web", "", "web:2"), false});
    return all;
  }();
  for (const Case& c : cases) {
    SCOPED_TRACE(c.name);
    EXPECT_EQ(SameRevision(plain.workload.pod_template(), c.other.workload.pod_template()), c.same);
    EXPECT_EQ(SameRevision(c.other.workload.pod_template(), plain.workload.pod_template()), c.same);
  }
}

}  // namespace
}  // namespace plimsoll
