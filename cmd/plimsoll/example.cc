#include "example.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/codec/manifest.h"
#include "plimsoll/codec/related_objects.h"
#include "plimsoll/model/neighbours.h"
#include "plimsoll/model/related_objects.h"
#include "plimsoll/model/workload.h"

namespace plimsoll::cli {
namespace {

// What is left out is what most rules ask for. Names and ports are there so that fixes have something to refer to.
constexpr std::string_view kBare = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout
  namespace: payments
spec:
  replicas: 1
  selector:
    matchLabels: {app: checkout}
  template:
    metadata:
      labels: {app: checkout}
    spec:
      containers:
        - name: web
          image: registry.corp.internal/checkout
          ports:
            - {name: http, containerPort: 8080}
)";

// For rules about how something is done, not whether it is there.
constexpr std::string_view kCareless = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout
  namespace: payments
  labels: {team: payments}
spec:
  replicas: 3
  strategy: {type: Recreate}
  selector:
    matchLabels: {app: checkout}
  template:
    metadata:
      labels: {app: checkout}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: web
          image: registry.corp.internal/checkout:1.4.2
          ports:
            - {name: http, containerPort: 8080}
          readinessProbe:
            httpGet: {path: /healthz, port: http}
            timeoutSeconds: 30
          livenessProbe:
            httpGet: {path: /healthz, port: http}
)";

constexpr std::string_view kFake = R"(apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout
  namespace: payments
spec:
  replicas: 3
  selector:
    matchLabels: {app: checkout}
  template:
    metadata:
      labels: {app: checkout}
    spec:
      containers:
        - name: web
          image: registry.corp.internal/checkout:1.4.2
          ports:
            - {name: http, containerPort: 8080}
          readinessProbe:
            exec: {command: ["true"]}
          livenessProbe:
            httpGet: {path: /healthz, port: metrics}
)";

// About how manifests are written: one small mistake each.
constexpr std::string_view kUnrendered = R"(apiVersion: v1
kind: Pod
metadata:
  name: checkout
spec:
  containers:
    - name: web
      image: registry.corp.internal/checkout:${TAG}
)";

constexpr std::string_view kNumber = R"(apiVersion: v1
kind: Pod
metadata:
  name: checkout
  labels:
    app.kubernetes.io/version: 1.10
spec:
  containers:
    - name: web
      image: registry.corp.internal/checkout:1.10
)";

constexpr std::string_view kTwice = R"(apiVersion: v1
kind: Pod
metadata:
  name: checkout
spec:
  containers:
    - name: web
      image: registry.corp.internal/checkout:1.4.2
      env: [{name: MODE, value: live}]
      env: [{name: REGION, value: north}]
)";

constexpr std::string_view kMerged = R"(apiVersion: v1
kind: Pod
metadata:
  name: checkout
spec:
  containers:
    - &web
      name: web
      image: registry.corp.internal/checkout:1.4.2
    - <<: *web
      name: canary
)";

// With what there is beside it.
constexpr std::string_view kBeside = R"X(apiVersion: apps/v1
kind: Deployment
metadata:
  name: checkout
  namespace: payments
spec:
  replicas: 2
  selector:
    matchLabels: {app: checkout}
  template:
    metadata:
      labels: {app: checkout}
    spec:
      containers:
        - name: web
          image: registry.corp.internal/checkout:1.4.2
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: checkout
  namespace: payments
spec:
  minAvailable: 2
  selector:
    matchLabels: {app: checkout}
---
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: checkout
  namespace: payments
spec:
  groups:
    - name: checkout
      rules:
        - alert: CheckoutDown
          expr: absent(up{job="checkout"})
          labels: {severity: page}
)X";

constexpr std::array<std::string_view, 8> kManifests = {kBare,   kCareless, kFake,   kUnrendered,
                                                        kNumber, kTwice,    kMerged, kBeside};

}  // namespace

RuleExample ExampleFor(const Rule& rule) {
  std::vector<Diagnostic> problems;
  const Parameters parameters = CompileParameters(rule, JsonView(), "", problems);
  for (const std::string_view manifest : kManifests) {
    const std::unique_ptr<Manifests> parsed = ParseManifests(std::string(manifest));
    Workload workload;
    if (parsed->objects.empty() || !workload.Assign(parsed->objects.front())) continue;
    RelatedIndex index;  // what the manifest has is all there is
    AddAllRelated(index, parsed->objects, "");
    const std::shared_ptr<const RelatedObjects> related = index.Snapshot();
    RuleEnvironment environment{};
    Neighbours beside(workload, *related);
    environment.beside = &beside;
    RuleOutcome outcome;
    rule.evaluate({workload, parameters, environment}, outcome);
    if (outcome.violations().empty()) continue;
    const Violation& violation = outcome.violations().front();
    return {std::string(manifest), violation.message, violation.fix};
  }
  return {};
}

}  // namespace plimsoll::cli
