#include "scaffold/manifests.h"

#include <algorithm>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/record/stamps.h"
#include "scaffold/text.h"

namespace plimsoll {
namespace {

// An anchor behind an address that has one already leads nowhere.
bool TakesAnchors(const ServicePlan& plan) { return plan.runbook.find('#') == std::string::npos; }

class LabelLines {
 public:
  void Add(const std::string& key, const std::string& scalar) {
    if (std::find(keys_.begin(), keys_.end(), key) != keys_.end()) return;
    keys_.push_back(key);
    lines_ += key + ": " + scalar + '\n';
  }
  const std::string& text() const { return lines_; }

 private:
  std::vector<std::string> keys_;
  std::string lines_;
};

// What is on the pods, too.
LabelLines PodLabels(const ServicePlan& plan, const ServiceTerms& terms, const Spelling& spelling) {
  LabelLines labels;
  labels.Add("app.kubernetes.io/name", YamlText(plan.name));
  for (const std::string& key : terms.app_labels) labels.Add(key, YamlText(plan.name));
  for (const std::string& key : terms.owner_keys) labels.Add(key, spelling.owner);
  if (!plan.tier.empty()) {
    for (const std::string& key : terms.tier_labels) labels.Add(key, spelling.tier);
  }
  return labels;
}

std::string Labels(const ServicePlan& plan, const ServiceTerms& terms, const Spelling& spelling) {
  LabelLines labels = PodLabels(plan, terms, spelling);
  for (const auto& [key, value] : terms.object_labels) labels.Add(key, YamlText(value));
  return labels.text();
}

std::string Annotations(const ServicePlan& plan, const ServiceTerms& terms,
                        const Spelling& spelling) {
  LabelLines lines;
  lines.Add(std::string(kKickoffAnnotation), YamlText(plan.kickoff));
  for (const std::string& key : terms.owner_notes) lines.Add(key, spelling.owner);
  for (const std::string& key : terms.route_keys) lines.Add(key, spelling.route);
  for (const std::string& key : terms.runbook_keys) lines.Add(key, spelling.runbook);
  for (const std::string& key : terms.contact_keys) lines.Add(key, spelling.contact);
  return lines.text();
}

std::string PodAnnotations(const ServicePlan& plan, const ServiceTerms& terms,
                           const Spelling& spelling) {
  std::string lines;
  for (const std::string& key : terms.owner_notes)
    lines += "  " + key + ": " + spelling.owner + '\n';
  if (terms.scrape_annotations) {
    lines += "  prometheus.io/scrape: \"true\"\n  prometheus.io/port: " +
             YamlText(std::to_string(plan.port)) + '\n';
  }
  return lines.empty() ? lines : "annotations:\n" + lines;
}

constexpr std::string_view kDeployment = R"(
apiVersion: apps/v1
kind: Deployment
metadata:
  name: @NAME@
  @NAMESPACE@
  labels:
    @LABELS@
  annotations:
    @ANNOTATIONS@
spec:
  @REPLICAS@
  selector:
    matchLabels:
      app.kubernetes.io/name: "@NAME@"
  strategy:
    type: RollingUpdate
    rollingUpdate:
      maxSurge: 1
      maxUnavailable: 0
  template:
    metadata:
      labels:
        @POD_LABELS@
      @POD_ANNOTATIONS@
    spec:
      # The preStop hook below, and as long again as the longest request.
      terminationGracePeriodSeconds: 30
      topologySpreadConstraints:
        - maxSkew: 1
          topologyKey: @TOPOLOGY@
          whenUnsatisfiable: ScheduleAnyway
          labelSelector:
            matchLabels:
              app.kubernetes.io/name: "@NAME@"
      containers:
        - name: @NAME@
          image: @IMAGE@
          ports:
            - name: http
              containerPort: @PORT@
          # Up to a minute to start; the other probes wait for it.
          startupProbe:
            httpGet:
              path: /livez
              port: http
            periodSeconds: 2
            failureThreshold: 30
          # Answers 200 while it can serve. Not what it depends on: they would take it down with them.
          readinessProbe:
            httpGet:
              path: /readyz
              port: http
            periodSeconds: 5
            failureThreshold: 3
          # Fails only where a restart would help.
          livenessProbe:
            httpGet:
              path: /livez
              port: http
            periodSeconds: 10
            failureThreshold: 6
          lifecycle:
            preStop:
              sleep:
                seconds: 5  # until nothing is sent here any more; needs Kubernetes 1.30
          resources:
            requests:
              cpu: @CPU@
              memory: @MEMORY@
            limits:
              memory: @MEMORY@
)";

constexpr std::string_view kService = R"(
apiVersion: v1
kind: Service
metadata:
  name: @NAME@
  @NAMESPACE@
  labels:
    @LABELS@
spec:
  selector:
    app.kubernetes.io/name: "@NAME@"
  ports:
    - name: http
      port: 80
      targetPort: http
)";

constexpr std::string_view kBudget = R"(
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata:
  name: @NAME@
  @NAMESPACE@
  labels:
    @LABELS@
spec:
  # Nodes are drained one replica at a time.
  maxUnavailable: 1
  selector:
    matchLabels:
      app.kubernetes.io/name: "@NAME@"
)";

constexpr std::string_view kAutoscaler = R"(
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata:
  name: @NAME@
  @NAMESPACE@
  labels:
    @LABELS@
spec:
  scaleTargetRef:
    apiVersion: apps/v1
    kind: Deployment
    name: @NAME@
  minReplicas: @MIN@
  maxReplicas: @MAX@
  metrics:
    - type: Resource
      resource:
        name: cpu
        target:
          type: Utilization
          averageUtilization: 70
)";

constexpr std::string_view kMonitor = R"(
apiVersion: monitoring.coreos.com/v1
kind: ServiceMonitor
metadata:
  name: @NAME@
  @NAMESPACE@
  labels:
    @LABELS@
spec:
  selector:
    matchLabels:
      app.kubernetes.io/name: "@NAME@"
  endpoints:
    - port: http
      path: /metrics
      interval: 30s
)";

constexpr std::string_view kRules = R"(
apiVersion: monitoring.coreos.com/v1
kind: PrometheusRule
metadata:
  name: @NAME@
  @NAMESPACE@
  labels:
    @LABELS@
spec:
  groups:
    - name: @NAME@
      rules:
        @ALERTS@
)";

constexpr std::string_view kAlert = R"(
- alert: @ALERT@
  expr: @EXPRESSION@
  for: @DURATION@
  labels:
    @SEVERITY_KEY@: @SEVERITY@
    owner: @OWNER@
  annotations:
    summary: @SUMMARY@
    @LINKS@
)";

std::string Links(const ServicePlan& plan, const ServiceTerms& terms, const Spelling& spelling,
                  const PlannedAlert& alert) {
  const std::string anchor = TakesAnchors(plan) ? '#' + ToLowerAscii(alert.name) : std::string();
  std::string lines;
  for (const std::string& key : terms.alert_runbook_keys) {
    lines += key + ": " + spelling.runbook_open + anchor + spelling.runbook_close + '\n';
  }
  return lines;
}

std::string AlertsText(const ServicePlan& plan, const ServiceTerms& terms,
                       const Spelling& spelling) {
  std::string text;
  for (const PlannedAlert& alert : PlanAlerts(plan, spelling.namespace_matcher)) {
    text += Fill(kAlert,
                 {{"ALERT", alert.name},
                  {"EXPRESSION", alert.expression},
                  {"DURATION", alert.duration},
                  {"SEVERITY_KEY", terms.severity_key.empty() ? "severity" : terms.severity_key},
                  {"SEVERITY", YamlText(alert.page ? terms.page_severity : terms.ticket_severity)},
                  {"OWNER", spelling.owner},
                  {"SUMMARY", YamlText(alert.summary)},
                  {"LINKS", Links(plan, terms, spelling, alert)}});
  }
  return text;
}

}  // namespace

std::vector<Manifest> WriteManifests(const ServicePlan& plan, const ServiceTerms& terms,
                                     const Spelling& spelling) {
  const std::string labels = Labels(plan, terms, spelling);
  const auto fill = [&](std::string_view text) {
    return Fill(text, {{"NAME", plan.name},
                       {"NAMESPACE", spelling.namespace_line},
                       {"LABELS", labels},
                       {"MIN", spelling.replicas},
                       {"MAX", spelling.max_replicas},
                       {"ALERTS", AlertsText(plan, terms, spelling)}});
  };
  std::vector<Manifest> manifests;
  manifests.push_back(
      {"deployment.yaml",
       Fill(kDeployment,
            {{"NAME", plan.name},
             {"NAMESPACE", spelling.namespace_line},
             {"LABELS", labels},
             {"ANNOTATIONS", Annotations(plan, terms, spelling)},
             {"REPLICAS", plan.max_replicas > 0 ? "" : "replicas: " + spelling.replicas},
             {"POD_LABELS", PodLabels(plan, terms, spelling).text()},
             {"POD_ANNOTATIONS", PodAnnotations(plan, terms, spelling)},
             {"TOPOLOGY", terms.topology_key},
             {"IMAGE", spelling.image},
             {"PORT", std::to_string(plan.port)},
             {"CPU", spelling.cpu_request},
             {"MEMORY", spelling.memory}})});
  if (plan.max_replicas > 0) manifests.push_back({"hpa.yaml", fill(kAutoscaler)});
  manifests.push_back({"pdb.yaml", fill(kBudget)});
  manifests.push_back({"prometheusrule.yaml", fill(kRules)});
  manifests.push_back({"service.yaml", fill(kService)});
  manifests.push_back({"servicemonitor.yaml", fill(kMonitor)});
  return manifests;
}

}  // namespace plimsoll
