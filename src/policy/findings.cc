#include "policy/findings.h"

#include <algorithm>
#include <limits>
#include <span>
#include <tuple>
#include <utility>

#include "plimsoll/policy/evaluator.h"

namespace plimsoll {
namespace {

// Worst first: deny, warn, audit, error, pending, notApplicable, pass.
int Rank(const Finding& finding) {
  switch (finding.result) {
    case RuleResult::kFail:
      return 2 - static_cast<int>(finding.action);
    case RuleResult::kError:
      return 3;
    case RuleResult::kPending:
      return 4;
    case RuleResult::kNotApplicable:
      return 5;
    case RuleResult::kPass:
      return 6;
  }
  return 6;
}

// A total order, so that neither the order of the policies nor of their rules shows.
bool Before(const Finding& a, const Finding& b) {
  const int rank_a = Rank(a);
  const int rank_b = Rank(b);
  return std::tie(rank_a, a.policy, a.rule, a.path, a.container, a.message, a.observed, a.required,
                  a.reason, a.fix) < std::tie(rank_b, b.policy, b.rule, b.path, b.container,
                                              b.message, b.observed, b.required, b.reason, b.fix);
}

Decision DecisionFor(Action action) {
  switch (action) {
    case Action::kAudit:
      return Decision::kAllow;
    case Action::kWarn:
      return Decision::kWarn;
    case Action::kDeny:
      return Decision::kDeny;
  }
  return Decision::kAllow;
}

size_t CountWaived(std::span<const Finding> findings) {
  return static_cast<size_t>(
      std::count_if(findings.begin(), findings.end(),
                    [](const Finding& finding) { return !finding.waiver.empty(); }));
}

uint32_t Bounded(size_t count) {
  return static_cast<uint32_t>(std::min<size_t>(count, std::numeric_limits<uint32_t>::max()));
}

}  // namespace

void FindingCollector::Add(Finding finding) {
  if (finding.result == RuleResult::kFail) {
    decision_ = std::max(decision_, DecisionFor(finding.action));
  }
  findings_.push_back(std::move(finding));
  if (findings_.size() >= 2 * kMaxFindingsPerVerdict) Shrink();
}

void FindingCollector::AddUntold(size_t count, Action action, bool waived) {
  if (count == 0) return;
  dropped_ += count;
  if (waived) dropped_waived_ += count;
  decision_ = std::max(decision_, DecisionFor(action));
}

void FindingCollector::Shrink() {
  std::sort(findings_.begin(), findings_.end(), Before);
  findings_.erase(std::unique(findings_.begin(), findings_.end()), findings_.end());
  if (findings_.size() <= kMaxFindingsPerVerdict) return;
  dropped_ += findings_.size() - kMaxFindingsPerVerdict;
  dropped_waived_ += CountWaived(std::span(findings_).subspan(kMaxFindingsPerVerdict));
  findings_.resize(kMaxFindingsPerVerdict);
}

void FindingCollector::Finish(Verdict& verdict) {
  Shrink();
  verdict.decision = decision_;
  verdict.waived = Bounded(CountWaived(findings_) + dropped_waived_);
  verdict.findings = std::move(findings_);
  verdict.findings_dropped = Bounded(dropped_);
}

}  // namespace plimsoll
