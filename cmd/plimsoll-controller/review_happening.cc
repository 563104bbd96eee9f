#include "review_happening.h"

#include <array>
#include <string>
#include <utility>

#include "plimsoll/base/fingerprint.h"
#include "plimsoll/base/text.h"
#include "plimsoll/model/workload_record.h"
#include "plimsoll/record/service.h"

namespace plimsoll::controller {
namespace {

std::string Hex(uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(16, '0');
  for (size_t i = text.size(); i-- > 0; number >>= 4U) text[i] = kDigits[number & 0xFU];
  return text;
}

// Whoever sends the same template again sends the same release. The API server writes members in one order.
std::string ReleaseOf(const Workload& workload) {
  return Hex(FingerprintOf(ToJson(workload.pod_template())).low);
}

std::string MercyDetail(const ObservedReview& review) {
  if (review.verdict.mercy == Mercy::kNone) return {};
  // The findings say it, each for itself; the annotations say it once.
  for (const auto& [name, value] : review.response.audit_annotations) {
    if (name == "break-glass" || name == "rollback") return value;
  }
  return std::string(review.request.username);
}

}  // namespace

bool MayBeNews(const ObservedReview& review) {
  const Verdict& verdict = review.verdict;
  if (review.request.dry_run || review.workload == nullptr) return false;
  if (verdict.exemption != Exemption::kNone) return false;
  return verdict.decision != Decision::kAllow || verdict.enforced || verdict.mercy != Mercy::kNone;
}

std::string_view StoredName(const ObservedReview& review) {
  if (!review.request.name.empty()) return review.request.name;
  return review.workload->metadata()["name"].StringOrEmpty();
}

bool IsRollout(const ObservedReview& review) {
  return review.old_workload == nullptr || !SamePodTemplate(*review.old_workload, *review.workload);
}

Happening HappeningOf(const ObservedReview& review, Timestamp now) {
  const Workload& workload = *review.workload;
  const Verdict& verdict = review.verdict;
  Happening happening;
  happening.workload = {workload.kind(), std::string(review.request.namespace_name),
                        std::string(StoredName(review))};
  happening.owner = SanitizeLine(verdict.owner, kMaxRecordedNameBytes);
  happening.tier = verdict.tier;
  happening.api_version = workload.api_version();
  happening.service = ServiceOf(workload, happening.owner, happening.workload.namespace_name,
                                happening.workload.name);
  Attempt attempt;
  attempt.at = now;
  attempt.denied = verdict.decision == Decision::kDeny;
  attempt.enforced = verdict.enforced;
  attempt.creates = review.request.operation == Operation::kCreate;
  // A refusal needs the digest; of a rollout that was let through it is enough that it was one.
  if (attempt.denied) {
    attempt.release = ReleaseOf(workload);
  } else if (verdict.enforced && IsRollout(review)) {
    attempt.release = "-";
  }
  attempt.mercy = verdict.mercy;
  attempt.mercy_detail = SanitizeLine(MercyDetail(review), kMaxEventNoteBytes);
  attempt.stamps = ReadStamps(workload, now);
  for (const Finding& finding : verdict.findings) {
    if (finding.result != RuleResult::kFail || finding.action == Action::kAudit) continue;
    if (attempt.findings.size() == kMaxToldFindings) break;  // worst first
    attempt.findings.push_back(
        {finding.policy, finding.rule, SanitizeLine(finding.container, kMaxRecordedNameBytes),
         SanitizeLine(finding.path, kMaxRecordedPathBytes),
         SanitizeLine(finding.message, kMaxRecordedMessageBytes), finding.action});
  }
  happening.what = std::move(attempt);
  return happening;
}

}  // namespace plimsoll::controller
