// The alerts of a new service: by what kube-state-metrics and Prometheus tell of every one.
#include "scaffold/manifests.h"
#include "scaffold/text.h"

namespace plimsoll {

std::vector<PlannedAlert> PlanAlerts(const ServicePlan& plan, std::string_view namespace_matcher) {
  const std::string prefix = CamelCase(plan.name);
  const std::string where(namespace_matcher);
  const std::string deployment = "{" + where + "deployment=\"" + plan.name + "\"}";
  const std::string kubectl =
      "kubectl" + (plan.namespace_name.empty() ? "" : " -n " + plan.namespace_name);
  return {
      {prefix + "Down", "kube_deployment_status_replicas_available" + deployment + " == 0", "2m",
       true, "No replica of " + plan.name + " is available.",
       "1. `" + kubectl + " get pods -l app.kubernetes.io/name=" + plan.name +
           "`: are there any, and what do they wait for?\n2. `" + kubectl +
           " rollout history deployment/" + plan.name +
           "`: was there a release just now? Then roll it back, see above.\n3. `" + kubectl +
           " logs deployment/" + plan.name + " --previous`: why did it end?\n"},
      {prefix + "ReplicasMissing",
       "kube_deployment_status_replicas_available" + deployment +
           " < kube_deployment_spec_replicas" + deployment,
       "15m", false,
       "Some replicas of " + plan.name + " have been missing for a quarter of an hour.",
       "1. `" + kubectl + " describe deployment/" + plan.name +
           "`: a release that does not go on?\n2. `" + kubectl +
           " get events --field-selector type=Warning`: no room, no image, a failing probe?\n"},
      {prefix + "Restarting",
       "increase(kube_pod_container_status_restarts_total{" + where + "container=\"" + plan.name +
           "\"}[15m]) > 3",
       "5m", false, "Containers of " + plan.name + " are restarted over and over.",
       "1. `" + kubectl + " get pods -l app.kubernetes.io/name=" + plan.name +
           " -o wide`: all of them, or those of one node?\n2. `" + kubectl +
           " describe pod POD`: OOMKilled (then "
           "more memory), or a failing livenessProbe?\n"},
      {prefix + "NotScraped", "absent(up{" + where + "job=\"" + plan.name + "\"} == 1)", "10m",
       false, "Prometheus gets no metrics from " + plan.name + ": its other alerts may be blind.",
       "1. Prometheus, Status, Targets: what does it say about " + plan.name + "?\n2. `" + kubectl +
           " get servicemonitor,service,endpointslices -l app.kubernetes.io/name=" + plan.name +
           "`: is the chain whole?\n"},
  };
}

}  // namespace plimsoll
