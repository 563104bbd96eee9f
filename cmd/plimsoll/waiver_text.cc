// Waivers as text: what people type, and what is applied.
#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "plimsoll/base/text.h"
#include "waiver_commands.h"

namespace plimsoll::cli {
namespace {

// As kubectl abbreviates them.
constexpr std::array<std::pair<std::string_view, std::string_view>, 9> kShort = {{
    {"deploy", "Deployment"},
    {"deployments", "Deployment"},
    {"sts", "StatefulSet"},
    {"statefulsets", "StatefulSet"},
    {"ds", "DaemonSet"},
    {"daemonsets", "DaemonSet"},
    {"cj", "CronJob"},
    {"cronjobs", "CronJob"},
    {"po", "Pod"},
}};

// Of names of objects.
constexpr size_t kMaxNameBytes = 63;
// Ten years; a policy allows less.
constexpr int64_t kMaxDays = 3650;

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

}  // namespace

std::optional<std::chrono::seconds> ParseDays(std::string_view text) {
  if (!text.ends_with('d')) return ParseDuration(text);
  int64_t days = 0;
  const char* const end = text.data() + text.size() - 1;
  const auto [stop, error] = std::from_chars(text.data(), end, days);
  if (error != std::errc() || stop != end || days < 1 || days > kMaxDays) return std::nullopt;
  return std::chrono::days(days);
}

std::optional<WaivedWorkload> ParseWaivedWorkload(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || slash + 1 == text.size()) return std::nullopt;
  const std::string_view given = text.substr(0, slash);
  const auto known = std::find_if(kShort.begin(), kShort.end(), [&](const auto& entry) {
    return EqualsIgnoreCase(entry.first, given);
  });
  const std::string_view name = known == kShort.end() ? given : known->second;
  for (size_t i = 0; i < kWorkloadKindCount; ++i) {
    const auto kind = static_cast<WorkloadKind>(i);
    if (EqualsIgnoreCase(WorkloadKindName(kind), name)) {
      return WaivedWorkload{kind, std::string(text.substr(slash + 1))};
    }
  }
  return std::nullopt;
}

std::string WaiverNameFor(const ReadinessWaiver& waiver) {
  std::string name = waiver.workloads.front().name;
  name += '-' + (waiver.rules.size() == 1 ? waiver.rules.front() : waiver.policy);
  std::replace(name.begin(), name.end(), '.', '-');
  if (name.size() > kMaxNameBytes) name.resize(kMaxNameBytes);
  while (name.ends_with('-')) name.pop_back();
  return name;
}

std::string WaiverYaml(const ReadinessWaiver& waiver) {
  std::string text =
      "apiVersion: plimsoll.dev/v1alpha1\nkind: ReadinessWaiver\nmetadata:\n  name: " +
      Quoted(waiver.name) + "\n  namespace: " + Quoted(waiver.namespace_name) +
      "\nspec:\n  workloads:\n";
  for (const WaivedWorkload& one : waiver.workloads) {
    text += "    - {kind: " + std::string(WorkloadKindName(one.kind)) +
            ", name: " + Quoted(one.name) + "}\n";
  }
  text += "  policy: " + Quoted(waiver.policy) + "\n  rules:\n";
  for (const std::string& rule : waiver.rules) text += "    - " + Quoted(rule) + '\n';
  return text + "  reason: " + Quoted(waiver.reason) +
         "\n  requestedBy: " + Quoted(waiver.requested_by) + "\n  expires: \"" +
         FormatTimestamp(waiver.expires) + "\"\n";
}

}  // namespace plimsoll::cli
