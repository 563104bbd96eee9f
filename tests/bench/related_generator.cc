#include "tests/bench/related_generator.h"

#include <chrono>
#include <cstddef>
#include <cstdlib>
#include <utility>

#include "plimsoll/codec/related_objects.h"
#include "tests/bench/workload_generator.h"

namespace plimsoll::bench {

RelatedGenerator::RelatedGenerator(RelatedIndex& index) : index_(index) {
  for (size_t i = 0; i < kRelatedKindCount; ++i) {
    index_.SetKnowledge(static_cast<RelatedKind>(i), Knowledge::kKnown);
  }
}

void RelatedGenerator::Set(RelatedKind kind, uint32_t number, std::string json) {
  const Result<JsonView> object = parser_.Parse(json);
  if (!object) std::abort();  // a fault of this file
  SetRelated(index_, kind,
             {WorkloadGenerator::NamespaceOf(number), WorkloadGenerator::NameOf(number)}, *object);
}

void RelatedGenerator::AddBeside(uint32_t number) {
  const std::string name = WorkloadGenerator::NameOf(number);
  const std::string home = WorkloadGenerator::NamespaceOf(number);
  const std::string selector = R"({"matchLabels":{"app.kubernetes.io/name":")" + name + R"("}})";
  Set(RelatedKind::kPodDisruptionBudget, number,
      R"({"spec":{"maxUnavailable":1,"selector":)" + selector + "}}");
  Set(RelatedKind::kAutoscaler, number,
      R"({"spec":{"minReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":")" +
          name + "\"}}}");
  Set(RelatedKind::kService, number,
      R"({"metadata":{"labels":{"app.kubernetes.io/name":")" + name +
          R"("}},"spec":{"selector":{"app.kubernetes.io/name":")" + name +
          R"("},"ports":[{"name":"http","port":80,"targetPort":"http"}]}})");
  Set(RelatedKind::kServiceMonitor, number,
      R"({"spec":{"selector":)" + selector + R"(,"endpoints":[{"port":"http"}]}})");
  // Expressions as JSON strings: quotes are escaped.
  const auto alert = [&](const std::string& called, const std::string& expression) {
    return "{\"alert\":\"" + called + "\",\"expr\":\"" + expression +
           "\",\"for\":\"5m\",\"labels\":{\"severity\":\"page\"},\"annotations\":{\"runbook_url\":"
           "\"https://wiki.corp.internal/" +
           name + "\",\"summary\":\"It fails.\"}}";
  };
  const std::string here = "namespace=\\\"" + home + "\\\"";
  Set(RelatedKind::kPrometheusRule, number,
      "{\"spec\":{\"groups\":[{\"name\":\"g\",\"rules\":[" +
          alert("Down", "absent(up{job=\\\"" + name + "\\\"})") + "," +
          alert("Errors", "sum(rate(http_requests_total{" + here + ",service=\\\"" + name +
                              "\\\",code=~\\\"5..\\\"}[5m])) > 1") +
          "," +
          alert("Crashing", "increase(kube_pod_container_status_restarts_total{" + here +
                                ",pod=~\\\"" + name + "-.*\\\"}[10m]) > 3") +
          "]}]}}");
}

std::vector<std::shared_ptr<const ReadinessWaiver>> WaiversFor(uint32_t workloads, Timestamp now) {
  std::vector<std::shared_ptr<const ReadinessWaiver>> waivers;
  for (uint32_t number = 0; number < workloads; number += 10) {
    ReadinessWaiver waiver;
    waiver.namespace_name = WorkloadGenerator::NamespaceOf(number);
    waiver.name = "waiver-" + std::to_string(number);
    waiver.workloads = {{WorkloadKind::kDeployment, WorkloadGenerator::NameOf(number)}};
    waiver.policy = "plimsoll-baseline";
    waiver.rules = {"runbook.url", "alerting.route"};
    waiver.reason = "its runbook moves to another host next week";
    waiver.requested_by = "ann@corp.internal";
    waiver.approved_by = "bob@corp.internal";
    waiver.created = now;
    waiver.expires = now + std::chrono::hours(24 * 14);
    waivers.push_back(std::make_shared<const ReadinessWaiver>(std::move(waiver)));
  }
  return waivers;
}

}  // namespace plimsoll::bench
