#include "break_glass_events.h"

#include <set>
#include <string>

namespace plimsoll::controller {
namespace {

// "production/health.readiness-probe, production/runbook.url": what the glass was broken for, each once.
std::string ForgivenRules(const Verdict& verdict) {
  std::set<std::string> rules;
  for (const Finding& finding : verdict.findings) {
    if (finding.let_through == LetThrough::kBreakGlass) {
      rules.insert(finding.policy + "/" + finding.rule);
    }
  }
  std::string text;
  for (const std::string& rule : rules) text += (text.empty() ? "" : ", ") + rule;
  return text;
}

controllers::ClusterEvent EventOf(const ObservedReview& review) {
  const AdmissionRequest& request = review.request;
  const JsonView metadata = request.object["metadata"];
  controllers::ClusterEvent event;
  event.type = controllers::ClusterEvent::Type::kWarning;
  event.reason = "BreakGlass";
  event.action = "LettingThrough";
  // Cut at its end where it is too long: who and why come first.
  event.note = "glass broken for " + review.verdict.mercy_detail +
               "; would be denied by: " + ForgivenRules(review.verdict);
  event.api_version = std::string(request.group) + (request.group.empty() ? "" : "/") +
                      std::string(request.version);
  event.kind = request.kind;
  const std::string_view name = metadata["name"].StringOrEmpty();
  event.regarding = {std::string(request.namespace_name),
                     std::string(name.empty() ? request.name : name)};
  // On CREATE, too: the API server has chosen it before it asks.
  event.uid = metadata["uid"].StringOrEmpty();
  return event;
}

}  // namespace

void BreakGlassEvents::Observe(const ObservedReview& review) {
  if (review.verdict.mercy != Mercy::kBreakGlass || review.request.dry_run) return;
  events_.Emit(EventOf(review));
}

}  // namespace plimsoll::controller
