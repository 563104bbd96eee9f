#include "admission/mercy.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "plimsoll/admission/break_glass.h"
#include "plimsoll/base/text.h"
#include "plimsoll/rules/placeholder.h"

namespace plimsoll {
namespace {

constexpr std::string_view kGlassLabel = "break-glass";
// Users and policies in sentences of ours; longer ones are an attempt to fill answers.
constexpr size_t kMaxShownUser = 120;
constexpr size_t kMaxShownPolicy = 63;

// The policies that deny, each once. Where findings were dropped, all that apply: a dropped one may have been theirs.
std::vector<std::string_view> DenyingPolicies(const Verdict& verdict) {
  if (verdict.findings_dropped > 0) return verdict.policies;
  std::vector<std::string_view> names;
  for (const Finding& finding : verdict.findings) {
    if (finding.result != RuleResult::kFail || finding.action != Action::kDeny) continue;
    if (std::find(names.begin(), names.end(), finding.policy) == names.end()) {
      names.emplace_back(finding.policy);
    }
  }
  return names;
}

std::string WhomToAsk(const DeniedRequest& denied, std::string_view policy) {
  const ReadinessPolicy* found = denied.policies.Find(policy);
  if (found == nullptr || found->contact.empty()) return "whoever grants roles in this cluster";
  return SanitizeLine(found->contact, kMaxContactBytes);
}

std::string May(const DeniedRequest& denied, std::string_view policy) {
  return "`" + std::string(kBreakGlassVerb) + "` " + std::string(kPolicyResource) + "/" +
         SanitizeLine(policy, kMaxShownPolicy) + " (" +
         SanitizeLine(denied.request.username, kMaxShownUser) + ")";
}

enum class Glass { kNotTried, kBroken, kWhole, kPending };

// Fills `answer` with the detail, or with why the glass did not break.
Glass TryGlass(const DeniedRequest& denied, const AccessSource* access, MercyAnswer& answer) {
  const auto whole = [&answer](std::string why) {
    answer.no.push_back({kGlassLabel, std::move(why)});
    return Glass::kWhole;
  };
  if (!denied.workload.Annotation(kBreakGlassAnnotation)) return Glass::kNotTried;
  const std::string incident = IncidentOf(denied.workload.metadata());
  if (incident.empty()) {
    return whole("not broken: the annotation " + std::string(kBreakGlassAnnotation) +
                 " names no incident");
  }
  const std::string not_broken = "not broken for " + incident + ": ";
  if (access == nullptr) return whole(not_broken + "without a cluster nobody can say who may");
  bool pending = false;
  std::string_view unknown;
  // All are asked before one is waited for.
  for (const std::string_view policy : DenyingPolicies(denied.verdict)) {
    switch (access->MayDo(denied.request, {kBreakGlassVerb, kPolicyResource, "", policy})) {
      case AccessSource::Answer::kAllowed:
        break;
      case AccessSource::Answer::kDenied:
        return whole(not_broken + "it takes the right to " + May(denied, policy) + "; ask " +
                     WhomToAsk(denied, policy));
      case AccessSource::Answer::kPending:
        pending = true;
        break;
      case AccessSource::Answer::kUnknown:
        unknown = policy;
        break;
    }
  }
  if (pending) return Glass::kPending;
  if (!unknown.empty()) {
    return whole(not_broken + "the API server did not say who may " + May(denied, unknown) +
                 "; try again");
  }
  answer.detail = incident + " by " + SanitizeLine(denied.request.username, kMaxShownUser);
  return Glass::kBroken;
}

// A template that stays as it is is no rollback: the ratchet has dealt with what the object had before, and what is new is
// not excused by where the template comes from.
RevisionSource::Answer FindRevision(const DeniedRequest& denied, const RevisionSource* revisions) {
  if (revisions == nullptr || denied.old_workload == nullptr) return {};
  const JsonView wanted = denied.workload.pod_template();
  if (SameRevision(denied.old_workload->pod_template(), wanted)) return {};
  return revisions->Find(*denied.old_workload, wanted);
}

}  // namespace

std::string IncidentOf(JsonView metadata) {
  const std::string_view text =
      Trim(metadata["annotations"][kBreakGlassAnnotation].StringOrEmpty());
  if (IsPlaceholder(text)) return {};
  return SanitizeLine(text, kMaxIncidentBytes);
}

Result<MercyAnswer> FindMercy(const DeniedRequest& denied, const MercySources& sources) {
  MercyAnswer answer;
  RevisionSource::Answer revision = FindRevision(denied, sources.revisions);
  if (revision.state == RevisionSource::State::kFound) {
    answer.mercy = Mercy::kRollback;
    answer.detail = SanitizeLine(revision.revision, kMaxNameBytes);
    return answer;
  }
  // Asked in any case, so that both answers are on their way at once.
  const Glass glass = TryGlass(denied, sources.access, answer);
  if (revision.state == RevisionSource::State::kPending) {
    return Fail(ErrorCode::kUnavailable,
                "whether this is an earlier revision is not known yet and is being asked for");
  }
  if (glass == Glass::kPending) {
    return Fail(ErrorCode::kUnavailable,
                "whether the user may break the glass is not known yet and is being asked for");
  }
  if (glass == Glass::kBroken) answer.mercy = Mercy::kBreakGlass;
  if (revision.state == RevisionSource::State::kUnknown) {
    answer.no.push_back({"rollback", "whether this is an earlier revision could not be found out"});
  }
  return answer;
}

}  // namespace plimsoll
