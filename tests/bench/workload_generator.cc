#include "tests/bench/workload_generator.h"

#include <string_view>

namespace plimsoll::bench {
namespace {

// One object. mt19937 and its use by remainder are the same everywhere; distributions of the library are not.
class Maker {
 public:
  Maker(uint32_t seed, uint32_t number) : number_(number), random_(seed * 1'000'003U + number) {}

  std::string Make(uint32_t version) {
    const std::string name = WorkloadGenerator::NameOf(number_);
    const std::string spec = Spec(name);
    std::string text = R"({"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":")" +
                       name + R"(","namespace":")" + WorkloadGenerator::NamespaceOf(number_) +
                       R"(","uid":")" + Uid() + R"(","resourceVersion":")" +
                       std::to_string(version) +
                       R"(","generation":1,"creationTimestamp":"2026-03-04T10:00:00Z",)";
    text += R"("labels":{"app.kubernetes.io/name":")" + name +
            R"(","app.kubernetes.io/managed-by":"Helm")";
    if (Percent(70)) text += R"(,"plimsoll.dev/owner":"owner-)" + Number(40) + "\"";
    if (Percent(30)) text += R"(,"plimsoll.dev/tier":"critical")";
    text += R"(},"annotations":{"deployment.kubernetes.io/revision":"7")";
    if (Percent(50)) {
      text += R"(,"plimsoll.dev/runbook":"https://wiki.corp.internal/runbooks/)" + name + "\"";
    }
    if (Percent(50)) text += R"(,"plimsoll.dev/alert-route":"owner-pager")";
    text += R"(,"kubectl.kubernetes.io/last-applied-configuration":")" + std::string(1500, 'x') +
            R"("},"managedFields":[)" + ManagedFields() + R"(]},"spec":)" + spec;
    return text + R"(,"status":{"observedGeneration":)" + std::to_string(version) +
           R"(,"replicas":3,"conditions":[{"type":"Available","status":"True",)"
           R"("lastUpdateTime":"2026-03-04T10:00:00Z"}]}})";
  }

 private:
  uint32_t Below(uint32_t bound) { return static_cast<uint32_t>(random_()) % bound; }
  bool Percent(uint32_t percent) { return Below(100) < percent; }
  std::string Number(uint32_t bound) { return std::to_string(Below(bound)); }

  std::string Uid() {
    constexpr std::string_view kHex = "0123456789abcdef";
    std::string uid;
    for (int i = 0; i < 36; ++i) {
      uid += i == 8 || i == 13 || i == 18 || i == 23 ? '-' : kHex[Below(16)];
    }
    return uid;
  }

  std::string ManagedFields() {
    std::string text = R"({"manager":"helm","operation":"Update","fieldsV1":{)";
    for (int i = 0; i < 60; ++i) {
      text += (i > 0 ? "," : "") + (R"("f:field)" + std::to_string(i)) + R"(":{".":{}})";
    }
    return text + "}}";
  }

  std::string Probe(std::string_view kind) {
    std::string text = ",\"";
    return text.append(kind).append(
        R"(":{"httpGet":{"path":"/healthz","port":"http","scheme":"HTTP"},"timeoutSeconds":2,)"
        R"("periodSeconds":10,"successThreshold":1,"failureThreshold":3})");
  }

  std::string Container(const std::string& name) {
    std::string text = R"({"name":")" + name + R"(","image":"registry.corp.internal/apps/)" + name;
    text += Percent(90) ? ":1." + Number(40) + "." + Number(9) : ":latest";
    text += R"(","ports":[{"name":"http","containerPort":8080,"protocol":"TCP"}],"env":[)";
    const uint32_t variables = 4 + Below(14);
    for (uint32_t i = 0; i < variables; ++i) {
      text += (i > 0 ? "," : "") + (R"({"name":"SETTING_)" + std::to_string(i)) +
              R"(","value":"the value of setting )" + Number(1000) + "\"}";
    }
    text += R"(],"resources":{"requests":{"cpu":"100m","memory":"128Mi"})";
    if (Percent(70)) text += R"(,"limits":{"memory":"128Mi"})";
    text += "}";
    if (Percent(60)) text += Probe("readinessProbe");
    if (Percent(50)) text += Probe("livenessProbe");
    return text + R"(,"terminationMessagePath":"/dev/termination-log",)"
                  R"("terminationMessagePolicy":"File","imagePullPolicy":"IfNotPresent"})";
  }

  std::string Spec(const std::string& name) {
    const std::string labels = R"({"app.kubernetes.io/name":")" + name + "\"}";
    std::string text = R"({"replicas":)" + std::to_string(1 + Below(4));
    text += R"(,"selector":{"matchLabels":)" + labels +
            R"(},"template":{"metadata":{)"
            R"("creationTimestamp":null,"labels":)" +
            labels + R"(},"spec":{"containers":[)";
    text += Container(name);
    if (Percent(40)) text += "," + Container("sidecar");
    return text + R"(],"restartPolicy":"Always","terminationGracePeriodSeconds":30,)"
                  R"("dnsPolicy":"ClusterFirst","securityContext":{},)"
                  R"("schedulerName":"default-scheduler"}},"strategy":{"type":"RollingUpdate",)"
                  R"("rollingUpdate":{"maxUnavailable":"25%","maxSurge":"25%"}},)"
                  R"("revisionHistoryLimit":10,"progressDeadlineSeconds":600})";
  }

  uint32_t number_;
  std::mt19937 random_;
};

}  // namespace

std::string WorkloadGenerator::Deployment(uint32_t number, uint32_t version) const {
  return Maker(seed_, number).Make(version);
}

}  // namespace plimsoll::bench
