#include <atomic>
#include <chrono>

#include "plimsoll/base/text.h"
#include "plimsoll/telemetry/logger.h"

namespace plimsoll {
namespace {

// Rules named in a line; the answer and the audit annotations have all of them.
constexpr size_t kMaxRulesInLine = 10;

std::string_view Message(const Verdict& verdict) {
  if (verdict.mercy == Mercy::kBreakGlass) return "review let through: the glass was broken";
  switch (verdict.decision) {
    case Decision::kAllow:
      return "review allowed";
    case Decision::kWarn:
      return "review allowed with warnings";
    case Decision::kDeny:
      return "review denied";
  }
  return "review";
}

// "production/health.readiness-probe,production/ownership.owner": those that warn or deny, each once.
std::string Rules(const Verdict& verdict) {
  std::string out;
  const Finding* last = nullptr;
  size_t count = 0;
  for (const Finding& finding : verdict.findings) {
    if (finding.result != RuleResult::kFail || finding.action == Action::kAudit) continue;
    if (last != nullptr && last->policy == finding.policy && last->rule == finding.rule) continue;
    last = &finding;
    if (++count > kMaxRulesInLine) return out + ",...";
    if (!out.empty()) out += ',';
    out += finding.policy + "/" + finding.rule;
  }
  return out;
}

int64_t Microseconds(std::chrono::nanoseconds duration) {
  return std::chrono::duration_cast<std::chrono::microseconds>(duration).count();
}

}  // namespace

// Counts lines in whole seconds. Not exact when threads cross a second together: one may log a line too many.
class ReviewLog::RateLimit {
 public:
  bool Allow() {
    const int64_t second = std::chrono::duration_cast<std::chrono::seconds>(
                               std::chrono::steady_clock::now().time_since_epoch())
                               .count();
    if (second_.exchange(second, std::memory_order_relaxed) != second) {
      lines_.store(0, std::memory_order_relaxed);
    }
    if (lines_.fetch_add(1, std::memory_order_relaxed) < kMaxReviewLinesPerSecond) return true;
    suppressed_.fetch_add(1, std::memory_order_relaxed);
    return false;
  }

  // Lines left out since the last one that was written.
  uint64_t TakeSuppressed() { return suppressed_.exchange(0, std::memory_order_relaxed); }

 private:
  std::atomic<int64_t> second_{0};
  std::atomic<uint64_t> lines_{0};
  std::atomic<uint64_t> suppressed_{0};
};

ReviewLog::ReviewLog(Logger& logger) : logger_(logger), limit_(std::make_unique<RateLimit>()) {}
ReviewLog::~ReviewLog() = default;

void ReviewLog::Observe(const ObservedReview& review) {
  const Verdict& verdict = review.verdict;
  const bool glass = verdict.mercy == Mercy::kBreakGlass;
  const LogLevel level = glass                                  ? LogLevel::kWarning
                         : verdict.decision == Decision::kAllow ? LogLevel::kDebug
                                                                : LogLevel::kInfo;
  if (!logger_.Enabled(level)) return;
  // Broken glass is told in any case: few may break it.
  if (!glass && !limit_->Allow()) return logger_.CountDropped(1);
  const AdmissionRequest& request = review.request;
  const std::string rules = Rules(verdict);
  logger_.Log(level, Message(verdict),
              {{"uid", request.uid},
               {"operation", OperationName(request.operation)},
               {"kind", request.kind},
               {"namespace", request.namespace_name},
               {"name", request.name},
               {"user", request.username},
               {"dry_run", request.dry_run},
               {"decision", DecisionName(verdict.decision)},
               {"exemption", ExemptionReason(verdict.exemption)},
               {"mercy", MercyName(verdict.mercy)},
               {"mercy_detail", verdict.mercy_detail},
               {"rules", rules},
               {"findings", static_cast<int64_t>(verdict.findings.size())},
               {"owner", verdict.owner},
               {"tier", verdict.tier},
               {"duration_us", Microseconds(review.duration)},
               {"suppressed_before", static_cast<int64_t>(limit_->TakeSuppressed())}});
}

void ReviewLog::ObserveUndecided(std::string_view uid, std::string_view reason,
                                 std::string_view detail, std::chrono::nanoseconds duration) {
  if (!logger_.Enabled(LogLevel::kWarning)) return;
  if (!limit_->Allow()) return logger_.CountDropped(1);
  logger_.Log(LogLevel::kWarning, "review got no verdict",
              {{"uid", uid},
               {"reason", reason},
               {"detail", detail},
               {"duration_us", Microseconds(duration)},
               {"suppressed_before", static_cast<int64_t>(limit_->TakeSuppressed())}});
}

}  // namespace plimsoll
