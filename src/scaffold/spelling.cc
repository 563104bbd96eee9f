// How values are spelled in manifests, and a chart's values.yaml.
#include "plimsoll/base/text.h"
#include "scaffold/manifests.h"
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

}  // namespace plimsoll
