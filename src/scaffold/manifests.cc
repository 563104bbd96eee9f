#include "scaffold/manifests.h"

#include <algorithm>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/record/stamps.h"
#include "scaffold/text.h"

namespace plimsoll {
namespace {

// A start: what a small service needs. Its people know better after the first load test.
constexpr std::string_view kCpuRequest = "100m";
constexpr std::string_view kMemory = "128Mi";

constexpr std::string_view kImageHint = "the image, with its tag and digest";
constexpr std::string_view kRouteHint = "where its alerts go: a service, schedule or channel";
constexpr std::string_view kRunbookHint = "the address of its runbook (docs/runbook.md, published)";
constexpr std::string_view kContactHint = "how to reach its people: a channel or an address";

std::string Answer(const std::string& answer, std::string_view hint) {
  if (!answer.empty()) return YamlText(answer);
  return YamlText(kPlaceholder) + "  " + std::string(kPlaceholderMark) + std::string(hint);
}

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

Spelling WrittenOut(const ServicePlan& plan, const ServiceTerms& terms, bool with_namespace) {
  Spelling spelling;
  if (!plan.namespace_name.empty()) {
    if (with_namespace) spelling.namespace_line = "namespace: " + plan.namespace_name;
    spelling.namespace_matcher = "namespace=\"" + plan.namespace_name + "\", ";
  }
  spelling.image = Answer(plan.image, kImageHint);
  spelling.owner = YamlText(plan.owner);
  spelling.tier = YamlText(plan.tier);
  spelling.route = Answer(plan.alert_route, kRouteHint);
  spelling.runbook = Answer(plan.runbook, kRunbookHint);
  spelling.contact = Answer(plan.contact, kContactHint);
  spelling.replicas = std::to_string(plan.replicas > 0 ? plan.replicas : terms.replicas);
  spelling.max_replicas = std::to_string(plan.max_replicas);
  spelling.cpu_request = kCpuRequest;
  spelling.memory = kMemory;
  const std::string runbook =
      YamlText(plan.runbook.empty() ? std::string(kPlaceholder) : plan.runbook);
  spelling.runbook_open = runbook.substr(0, runbook.size() - 1);
  spelling.runbook_close = "\"";
  if (plan.runbook.empty()) {
    spelling.runbook_close += "  " + std::string(kPlaceholderMark) + std::string(kRunbookHint);
  }
  return spelling;
}

Spelling AsReferences(const ServicePlan& plan) {
  Spelling spelling;
  spelling.namespace_line = "namespace: {{ .Release.Namespace }}";
  spelling.namespace_matcher = "namespace=\"{{ .Release.Namespace }}\", ";
  spelling.image = "{{ .Values.image | quote }}";
  spelling.owner = "{{ .Values.owner | quote }}";
  spelling.tier = "{{ .Values.tier | quote }}";
  spelling.route = "{{ .Values.alertRoute | quote }}";
  spelling.runbook = "{{ .Values.runbook | quote }}";
  spelling.contact = "{{ .Values.contact | quote }}";
  spelling.replicas =
      plan.max_replicas > 0 ? "{{ .Values.minReplicas }}" : "{{ .Values.replicas }}";
  spelling.max_replicas = "{{ .Values.maxReplicas }}";
  spelling.cpu_request = "{{ .Values.cpuRequest }}";
  spelling.memory = "{{ .Values.memory }}";
  spelling.runbook_open = "{{ printf \"%s";
  spelling.runbook_close = "\" .Values.runbook | quote }}";
  return spelling;
}

std::string ChartValues(const ServicePlan& plan, const ServiceTerms& terms) {
  const Spelling values = WrittenOut(plan, terms, false);
  std::string text = "image: " + values.image + "\nowner: " + values.owner + '\n';
  if (!plan.tier.empty() && !terms.tier_labels.empty()) text += "tier: " + values.tier + '\n';
  text += "alertRoute: " + values.route + "\nrunbook: " + values.runbook + '\n';
  if (!terms.contact_keys.empty()) text += "contact: " + values.contact + '\n';
  if (plan.max_replicas > 0) {
    text += "minReplicas: " + values.replicas + "\nmaxReplicas: " + values.max_replicas + '\n';
  } else {
    text += "replicas: " + values.replicas + '\n';
  }
  return text + "cpuRequest: " + values.cpu_request +
         "\n# Requested and not to be exceeded: what is requested is what there is.\nmemory: " +
         values.memory + '\n';
}

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
           "`: was there a release just now? Then roll it back, see below.\n3. `" + kubectl +
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
