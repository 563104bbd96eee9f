#include "policy/standing.h"

#include <algorithm>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

std::string Since(const Stage& stage) {
  std::string text(ActionName(stage.action));
  if (stage.from) text += " since " + FormatDate(*stage.from);
  return text;
}

// "Warn since 2026-12-01", or with a cap "Warn, the most for tier standard (Deny since 2027-02-01)".
std::string StandingReason(const Standing& standing) {
  if (standing.action == standing.stage.action) return Since(standing.stage);
  std::string text(ActionName(standing.action));
  text += ", the most ";
  if (standing.held) {
    text += "in Plimsoll's mode here";
  } else {
    text += standing.mild ? "for this finding" : "for tier ";
    if (!standing.mild) text += standing.tier;
  }
  text += " (";
  text += Since(standing.stage);
  text += ')';
  return text;
}

// The next stage, where it will make a difference.
std::optional<Upcoming> NextOf(const Standing& standing) {
  if (!standing.next || !standing.next->from) return std::nullopt;
  const Action then =
      standing.cap ? std::min(*standing.cap, standing.next->action) : standing.next->action;
  if (then <= standing.action) return std::nullopt;
  return Upcoming{then, *standing.next->from};
}

// "; Deny from 2027-02-01", or "".
std::string Announcement(const std::optional<Upcoming>& upcoming) {
  if (!upcoming) return "";
  std::string text = "; ";
  text += ActionName(upcoming->action);
  text += " from ";
  text += FormatDate(upcoming->from);
  return text;
}

}  // namespace

bool IsSkipped(const PolicyRule& rule, const TierChoice& tier) {
  return std::any_of(rule.by_tier.begin(), rule.by_tier.end(),
                     [&](const auto& entry) { return !entry.second && entry.first == tier.tier; });
}

Standing StandingOf(const ReadinessPolicy& policy, const PolicyRule* rule, const TierChoice& tier,
                    Timestamp now) {
  Standing standing = PublishedStandingOf(policy, rule, tier, now);
  if (policy.strongest >= standing.cap.value_or(Action::kDeny)) return standing;
  standing.cap = policy.strongest;
  standing.held = standing.action > policy.strongest;
  standing.action = std::min(standing.action, policy.strongest);
  return standing;
}

std::optional<Upcoming> WithheldFrom(const Standing& published, Action strongest) {
  if (strongest == Action::kDeny) return std::nullopt;
  if (published.action == Action::kDeny) {
    return Upcoming{Action::kDeny, published.stage.from.value_or(Timestamp{})};
  }
  const std::optional<Upcoming> next = NextOf(published);
  return next && next->action == Action::kDeny ? next : std::nullopt;
}

Standing PublishedStandingOf(const ReadinessPolicy& policy, const PolicyRule* rule,
                             const TierChoice& tier, Timestamp now) {
  const std::vector<Stage>& stages =
      rule != nullptr && !rule->stages.empty() ? rule->stages : policy.stages;
  Standing standing;
  standing.stage = StageAt(stages, now);
  standing.next = NextStage(stages, now);
  standing.action = standing.stage.action;
  if (rule == nullptr || tier.source == TierChoice::Source::kNone) return standing;
  standing.tier = tier.tier;
  for (const auto& [name, cap] : rule->by_tier) {
    if (name != tier.tier) continue;
    standing.cap = cap;
    if (cap) standing.action = std::min(standing.action, *cap);
  }
  return standing;
}

bool Enforces(const ReadinessPolicy& policy, const TierChoice& tier, Timestamp now) {
  if (policy.strongest < Action::kDeny) return false;
  const bool by_policy = StageAt(policy.stages, now).action == Action::kDeny;
  const auto capped = [&](const PolicyRule& rule) {
    return tier.source != TierChoice::Source::kNone &&
           std::any_of(rule.by_tier.begin(), rule.by_tier.end(), [&](const auto& entry) {
             return entry.first == tier.tier && entry.second != Action::kDeny;
           });
  };
  // The first rule answers where the policy denies as a whole; elsewhere only rules with stages of their own are looked at.
  return std::any_of(policy.rules.begin(), policy.rules.end(), [&](const PolicyRule& rule) {
    const bool denies =
        rule.stages.empty() ? by_policy : StageAt(rule.stages, now).action == Action::kDeny;
    return denies && !capped(rule);
  });
}

Standing CappedAt(Standing standing, Action strongest) {
  if (strongest >= standing.cap.value_or(Action::kDeny)) return standing;
  standing.cap = strongest;
  standing.mild = true;
  standing.held = false;
  standing.action = std::min(standing.action, strongest);
  return standing;
}

Effect EffectOf(const ReadinessPolicy& policy, const Standing& standing, Ratchet ratchet) {
  const ExistingViolations& existing = policy.existing_violations;
  switch (ratchet) {
    case Ratchet::kNone: {
      const std::optional<Upcoming> upcoming = NextOf(standing);
      return {standing.action,
              StandingReason(standing) + Announcement(upcoming),
              upcoming,
              LetThrough::kNone,
              {},
              {}};
    }
    case Ratchet::kExisting: {
      std::string reason(ActionName(existing.action));
      reason += ": the object already had this finding";
      if (existing.until) reason += ", let through until " + FormatDate(*existing.until);
      std::optional<Upcoming> upcoming;
      if (existing.until) upcoming = Upcoming{standing.action, *existing.until};
      return {existing.action,
              reason + " (otherwise " + StandingReason(standing) + ")",
              upcoming,
              standing.action == Action::kDeny ? LetThrough::kExisting : LetThrough::kNone,
              {},
              {}};
    }
    case Ratchet::kUntouchedTemplate:
      return {Action::kWarn,
              "Warn: the object already had this finding and its pod template stays the same "
              "(otherwise " +
                  StandingReason(standing) + ")",
              std::nullopt,
              LetThrough::kUntouchedTemplate,
              {},
              {}};
  }
  return {};
}

Effect WaivedEffect(const ReadinessWaiver& waiver, const Effect& otherwise,
                    const Standing& standing, Ratchet ratchet, const Standing& then) {
  // Names of users are whatever their issuer makes them; a reason is one line.
  constexpr size_t kMaxShownUser = 120;
  Effect effect;
  effect.waiver = waiver.name;
  effect.reason = "Audit: waived by " + waiver.name;
  effect.reason += waiver.approved_by.empty() ? ", requested by " : ", approved by ";
  effect.reason += SanitizeLine(
      waiver.approved_by.empty() ? waiver.requested_by : waiver.approved_by, kMaxShownUser);
  effect.reason += ", until " + FormatDate(waiver.expires) + " (otherwise ";
  if (ratchet == Ratchet::kNone) {
    effect.reason += StandingReason(standing);
  } else {
    effect.reason += ActionName(otherwise.action);
    effect.reason += ", as the object already had this finding";
  }
  effect.reason += ')';
  if (then.action > Action::kAudit) {
    effect.upcoming = Upcoming{then.action, waiver.expires};
  } else {
    effect.upcoming = NextOf(then);
  }
  return effect;
}

}  // namespace plimsoll
