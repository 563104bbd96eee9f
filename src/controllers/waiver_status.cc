#include "plimsoll/controllers/waiver_status.h"

#include <algorithm>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll::controllers {
namespace {

constexpr std::string_view kNotUsedYet = "NotUsedYet";
constexpr std::string_view kUnused = "Unused";

WaiverStanding StandingOf(const ParsedWaiver& parsed, const PolicySnapshot& policies,
                          Timestamp now) {
  if (parsed.waiver) return ExplainState(*parsed.waiver, policies, now);
  WaiverStanding standing{WaiverState::kInvalid, "Unreadable", "It excuses nothing:"};
  const size_t listed = std::min(parsed.problems.size(), kMaxListedProblems);
  for (size_t i = 0; i < listed; ++i) {
    const Diagnostic& problem = parsed.problems[i];
    standing.message +=
        "\n- " + SanitizeLine(problem.path + ": " + problem.message, kMaxProblemBytes);
  }
  return standing;
}

// Somebody may approve it yet, and its policy may come yet; else nothing but another waiver excuses.
bool WaitingIsOfNoUse(const WaiverStanding& standing) {
  if (standing.state == WaiverState::kInvalid) return standing.reason != kUnknownPolicyReason;
  return standing.state == WaiverState::kExpired;
}

int64_t DaysUntil(Timestamp expires, Timestamp now) {
  return std::chrono::ceil<std::chrono::days>(expires - now).count();
}

const PolicyCondition* Find(const WaiverStatus* status, std::string_view type) {
  if (status == nullptr) return nullptr;
  for (const PolicyCondition& condition : status->conditions) {
    if (condition.type == type) return &condition;
  }
  return nullptr;
}

class Maker {
 public:
  Maker(WaiverStatus& status, const WaiverStatus* previous, Timestamp now)
      : status_(status), previous_(previous), now_(now) {}

  void Add(std::string_view type, bool holds, std::string_view reason, std::string message) {
    PolicyCondition condition;
    condition.type = type;
    condition.status = holds;
    condition.observed_generation = status_.observed_generation;
    condition.reason = reason;
    condition.message = std::move(message);
    const PolicyCondition* before = Find(previous_, type);
    const bool same = before != nullptr && before->status == holds;
    condition.last_transition = same ? before->last_transition : now_;
    status_.conditions.push_back(std::move(condition));
  }

  void AddUse(const WaiverStatus::Use& use) {
    status_.used_by = use;
    if (use.findings > 0) {
      return Add(kUsedCondition, true, "Excuses",
                 "It excuses " + std::to_string(use.findings) +
                     (use.findings == 1 ? " finding." : " findings."));
    }
    const bool before = previous_ != nullptr && previous_->unused_since.has_value();
    status_.unused_since = before ? *previous_->unused_since : now_;
    const bool long_ago = now_ - *status_.unused_since >= kUnusedGrace;
    Add(kUsedCondition, false, long_ago ? kUnused : kNotUsedYet,
        "Nothing needs it: its workloads do not exist, or what it waives is put right.");
  }

 private:
  WaiverStatus& status_;
  const WaiverStatus* previous_;
  Timestamp now_;
};

bool Says(const PolicyCondition* condition, std::string_view reason) {
  return condition != nullptr && condition->reason == reason;
}

}  // namespace

WaiverStatus MakeWaiverStatus(const ParsedWaiver& parsed, int64_t generation,
                              const PolicySnapshot& policies,
                              const std::optional<WaiverStatus::Use>& use,
                              const WaiverStatus* previous, Timestamp now) {
  WaiverStatus status;
  status.observed_generation = generation;
  WaiverStanding standing = StandingOf(parsed, policies, now);
  status.state = standing.state;
  status.message = standing.message;
  const bool active = status.state == WaiverState::kActive;
  if (parsed.waiver && (active || status.state == WaiverState::kPending)) {
    status.days_left = DaysUntil(parsed.waiver->expires, now);
  }
  Maker maker(status, previous, now);
  maker.Add(kReadyCondition, active, standing.reason, standing.message);
  if (WaitingIsOfNoUse(standing)) {
    maker.Add(kStalledCondition, true, standing.reason, std::move(standing.message));
  }
  if (!active) return status;
  if (use) {
    maker.AddUse(*use);
  } else if (const PolicyCondition* known = Find(previous, kUsedCondition)) {
    // Before the first audit of a new leader, what the one before has found is still the best there is.
    status.used_by = previous->used_by;
    status.unused_since = previous->unused_since;
    status.conditions.push_back(*known);
  }
  return status;
}

std::vector<WaiverNews> NewsOf(const WaiverStatus* before, const WaiverStatus& now) {
  std::vector<WaiverNews> news;
  const bool changed = before == nullptr || before->state != now.state;
  switch (now.state) {
    case WaiverState::kActive:
      if (changed) news.push_back({"WaiverApproved", now.message, false});
      break;
    case WaiverState::kExpired:
      if (changed) news.push_back({"WaiverExpired", now.message, true});
      break;
    case WaiverState::kInvalid:
      if (changed) news.push_back({"WaiverInvalid", now.message, true});
      break;
    case WaiverState::kPending:
      break;
  }
  const PolicyCondition* used = Find(&now, kUsedCondition);
  if (Says(used, kUnused) && !Says(Find(before, kUsedCondition), kUnused)) {
    news.push_back({"WaiverUnused", used->message, true});
  }
  return news;
}

}  // namespace plimsoll::controllers
