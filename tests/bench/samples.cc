#include "tests/bench/samples.h"

#include <cstdlib>

namespace plimsoll::bench {
namespace {

constexpr std::string_view kHead =
    R"({"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{)"
    R"("uid":"705ab4f5-6393-11e8-b7cc-42010a800002",)"
    R"("kind":{"group":"apps","version":"v1","kind":"Deployment"},)"
    R"("resource":{"group":"apps","version":"v1","resource":"deployments"},)"
    R"("requestKind":{"group":"apps","version":"v1","kind":"Deployment"},)"
    R"("requestResource":{"group":"apps","version":"v1","resource":"deployments"},)"
    R"("name":"checkout","namespace":"shop","operation":"CREATE",)"
    R"("userInfo":{"username":"system:serviceaccount:argocd:argocd-application-controller",)"
    R"("uid":"0fa1c0de-0000-4000-8000-000000000001","groups":["system:serviceaccounts",)"
    R"("system:serviceaccounts:argocd","system:authenticated"]},)"
    R"("object":{"kind":"Deployment","apiVersion":"apps/v1","metadata":{"name":"checkout",)"
    R"("namespace":"shop","uid":"9c5b6a3e-1111-4222-8333-444455556666","generation":1,)"
    R"("creationTimestamp":"2026-11-23T10:00:00Z",)";

// What `kubectl apply` leaves behind: the object as text within the object.
constexpr std::string_view kLastApplied =
    R"("kubectl.kubernetes.io/last-applied-configuration":"{\"apiVersion\":\"apps/v1\",\"kind\":)"
    R"(\"Deployment\",\"metadata\":{\"annotations\":{},\"labels\":{\"app.kubernetes.io/name\":)"
    R"(\"checkout\"},\"name\":\"checkout\",\"namespace\":\"shop\"},\"spec\":{\"minReadySeconds\":10,)"
    R"(\"replicas\":3,\"selector\":{\"matchLabels\":{\"app.kubernetes.io/name\":\"checkout\"}},)"
    R"(\"template\":{\"metadata\":{\"labels\":{\"app.kubernetes.io/name\":\"checkout\"}},\"spec\":)"
    R"({\"containers\":[{\"env\":[{\"name\":\"SETTING_0\",\"value\":\"some value of it\"}],)"
    R"(\"image\":\"registry.corp.internal/payments/checkout:4.2.1\",\"name\":\"checkout\",)"
    R"(\"ports\":[{\"containerPort\":8080,\"name\":\"http\"}],\"resources\":{\"limits\":)"
    R"({\"memory\":\"256Mi\"},\"requests\":{\"cpu\":\"250m\",\"memory\":\"256Mi\"}}}]}}}}\n")";

constexpr std::string_view kReadyMetadata =
    R"("labels":{"app.kubernetes.io/name":"checkout","plimsoll.dev/owner":"payments",)"
    R"("plimsoll.dev/tier":"critical"},"annotations":{"plimsoll.dev/contact":"#team-payments",)"
    R"("plimsoll.dev/alert-route":"payments-pager",)"
    R"("plimsoll.dev/runbook":"https://wiki.corp.internal/runbooks/checkout",)";
constexpr std::string_view kUnreadyMetadata =
    R"("labels":{"app.kubernetes.io/name":"checkout"},"annotations":{)";

constexpr std::string_view kSpec =
    R"(},"spec":{"replicas":3,"minReadySeconds":10,"revisionHistoryLimit":10,)"
    R"("progressDeadlineSeconds":600,"strategy":{"type":"RollingUpdate","rollingUpdate":)"
    R"({"maxUnavailable":0,"maxSurge":1}},"selector":{"matchLabels":{"app.kubernetes.io/name":"checkout"}},)"
    R"("template":{"metadata":{"creationTimestamp":null,"labels":{"app.kubernetes.io/name":"checkout",)"
    R"("app.kubernetes.io/version":"4.2.1","plimsoll.dev/owner":"payments"}},"spec":{)"
    R"("automountServiceAccountToken":false,"dnsPolicy":"ClusterFirst","restartPolicy":"Always",)"
    R"("schedulerName":"default-scheduler","terminationGracePeriodSeconds":45,)"
    R"("securityContext":{"runAsNonRoot":true},"topologySpreadConstraints":[{"maxSkew":1,)"
    R"("topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"ScheduleAnyway",)"
    R"("labelSelector":{"matchLabels":{"app.kubernetes.io/name":"checkout"}}}],"containers":[)";

constexpr std::string_view kProbes =
    R"("readinessProbe":{"httpGet":{"path":"/ready","port":"http","scheme":"HTTP"},)"
    R"("timeoutSeconds":2,"periodSeconds":5,"successThreshold":1,"failureThreshold":3},)"
    R"("livenessProbe":{"httpGet":{"path":"/alive","port":"http","scheme":"HTTP"},)"
    R"("timeoutSeconds":2,"periodSeconds":10,"successThreshold":1,"failureThreshold":6},)"
    R"("startupProbe":{"httpGet":{"path":"/alive","port":"http","scheme":"HTTP"},)"
    R"("timeoutSeconds":2,"periodSeconds":2,"successThreshold":1,"failureThreshold":30},)";

constexpr std::string_view kContainerEnd =
    R"("resources":{"limits":{"memory":"256Mi"},"requests":{"cpu":"250m","memory":"256Mi"}},)"
    R"("lifecycle":{"preStop":{"exec":{"command":["/bin/sleep","10"]}}},)"
    R"("terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File",)"
    R"("imagePullPolicy":"IfNotPresent","securityContext":{"allowPrivilegeEscalation":false}})";

std::string Container(Quality quality, std::string_view name, std::string_view port,
                      std::string_view env) {
  std::string text = R"({"name":")";
  text.append(name).append(R"(","image":"registry.corp.internal/payments/)").append(name);
  text.append(
          R"(:4.2.1@sha256:6f3d4a9c1b2e5f708192a3b4c5d6e7f8091a2b3c4d5e6f708192a3b4c5d6e7f8","ports":[{"name":"http","containerPort":)")
      .append(port);
  text.append(R"(,"protocol":"TCP"}],"env":[)").append(env).append("],");
  if (quality == Quality::kReady) text += kProbes;
  return text.append(kContainerEnd);
}

// Without padding: `env` goes into the first container, `fields` into managedFields.
std::string Build(Quality quality, std::string_view env, std::string_view fields) {
  std::string text(kHead);
  text += quality == Quality::kReady ? kReadyMetadata : kUnreadyMetadata;
  text += kLastApplied;
  text.append(R"(},"managedFields":[{"manager":"argocd-controller","operation":"Apply",)")
      .append(R"("apiVersion":"apps/v1","fieldsType":"FieldsV1","fieldsV1":{)")
      .append(fields)
      .append("}}]");
  text += kSpec;
  text += Container(quality, "checkout", "8080", env);
  text += ",";
  text += Container(quality, "proxy", "8081", R"({"name":"MODE","value":"sidecar"})");
  text += R"(]}}},"status":{}},"oldObject":null,"dryRun":false,)";
  text += R"("options":{"kind":"CreateOptions","apiVersion":"meta.k8s.io/v1"}}})";
  return text;
}

}  // namespace

std::string MakeReview(Quality quality, size_t bytes) {
  std::string env;
  for (int i = 0; i < 12; ++i) {
    if (i > 0) env += ",";
    env += R"({"name":"SETTING_)" + std::to_string(i) + R"(","value":"some value of it"})";
  }
  std::string fields;
  for (int i = 0; Build(quality, env, fields).size() + 60 < bytes; ++i) {
    if (i > 0) fields += ",";
    fields += R"("f:field)" + std::to_string(i) + R"(":{".":{},"f:value":{}})";
  }
  std::string text = Build(quality, env, fields);
  if (text.size() > bytes)
    std::abort();  // a fault of this file: no benchmark may lie about its input
  text.insert(text.size() - 1, bytes - text.size(), ' ');
  return text;
}

std::string_view FourChecksPolicyYaml() {
  return R"(apiVersion: plimsoll.dev/v1alpha1
kind: ReadinessPolicy
metadata: {name: production}
spec:
  contact: "#sre-readiness"
  documentation: https://wiki.corp.internal/readiness
  stages: [{action: Deny, from: "2026-01-01T00:00:00Z"}]
  rules:
    - rule: health.readiness-probe
    - rule: health.liveness-probe
    - rule: ownership.owner
    - rule: alerting.route
    - rule: runbook.url
)";
}

}  // namespace plimsoll::bench
