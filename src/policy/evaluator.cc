#include "plimsoll/policy/evaluator.h"

#include <algorithm>
#include <optional>
#include <span>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/policy/waiver_set.h"
#include "policy/findings.h"
#include "policy/locate.h"
#include "policy/matching.h"
#include "policy/mercy.h"
#include "policy/ratchet.h"
#include "policy/schema_check.h"
#include "policy/standing.h"

namespace plimsoll {
namespace {

// The owner as written; the rule ownership.owner says whether it is one.
std::string_view OwnerOf(const std::vector<std::string>& keys, const Workload& workload) {
  for (const std::string& key : keys) {
    for (const std::optional<std::string_view> value :
         {workload.Label(key), workload.Annotation(key), workload.TemplateLabel(key),
          workload.TemplateAnnotation(key)}) {
      if (value && !value->empty()) return *value;
    }
  }
  return {};
}

// A tier that the policy does not have, as a violation of kTierRuleId.
Violation TierViolation(const Tiers& tiers, const TierChoice& choice) {
  const std::vector<std::string_view> names(tiers.values.begin(), tiers.values.end());
  const std::string hint = DidYouMean(choice.written, names);
  const std::string_view nearest = NearestName(choice.written, names);
  const std::string_view suggested = nearest.empty() ? tiers.default_tier : nearest;
  const bool inherited = choice.source == TierChoice::Source::kNamespace;
  Violation violation;
  violation.path = ChildPath("metadata.labels", tiers.label);
  violation.message = "tier " + Quoted(choice.written) +
                      (inherited ? ", from the namespace's label " + tiers.label + "," : "") +
                      " is none of " + OneOf(names) + "; judged as " + tiers.default_tier + hint;
  violation.observed = Quoted(choice.written);
  violation.required = OneOf(names);
  violation.fix = "metadata:\n  labels:\n    " + tiers.label + ": \"" + std::string(suggested) +
                  "\"  # replace with the workload's tier: " + OneOf(names) + "\n";
  violation.identity = "tier\n" + std::string(choice.written);
  return violation;
}

// Why a waiver that is about a finding does not excuse it, for the end of its reason.
std::string NotWaived(const ReadinessWaiver& waiver, WaiverState state) {
  std::string text = "; waiver " + waiver.name;
  switch (state) {
    case WaiverState::kPending:
      return text + " is not approved yet";
    case WaiverState::kExpired:
      return text + " expired on " + FormatDate(waiver.expires);
    default:
      return text + " is not valid";
  }
}

// One call of Evaluate.
class Judgement {
 public:
  // `kept` and `old_kept`: for the workload and for what it was.
  Judgement(const Workload& workload, const EvaluationContext& context, JudgementMemory& kept,
            JudgementMemory& old_kept, Verdict& verdict)
      : workload_(workload),
        context_(context),
        environment_{context.now, context.namespace_labels, context.namespace_annotations,
                     nullptr,     context.directory,        context.links},
        outcome_(kept.outcome),
        old_outcome_(old_kept.outcome),
        verdict_(verdict) {
    old_environment_ = environment_;
    if (context.related == nullptr) return;
    kept.beside.Begin(workload, *context.related);
    environment_.beside = &kept.beside;
    if (context.old_workload == nullptr) return;
    old_kept.beside.Begin(*context.old_workload, *context.related);
    old_environment_.beside = &old_kept.beside;
  }

  void Judge(const ReadinessPolicy& policy) {
    const TierChoice tier = ResolveTier(policy.tiers, workload_, context_);
    environment_.owner_keys = &policy.owner_keys;
    old_environment_.owner_keys = &policy.owner_keys;
    if (verdict_.owner.empty()) verdict_.owner = OwnerOf(policy.owner_keys, workload_);
    if (verdict_.tier.empty()) verdict_.tier = tier.tier;
    verdict_.enforced = verdict_.enforced || Enforces(policy, tier, context_.now);
    if (!tier.known) JudgeTier(policy, tier);
    for (const PolicyRule& rule : policy.rules) JudgeRule(policy, rule, tier);
  }

  void Finish() { findings_.Finish(verdict_); }

 private:
  void JudgeTier(const ReadinessPolicy& policy, const TierChoice& tier) {
    outcome_.Clear();
    old_outcome_.Clear();
    outcome_.Fail(TierViolation(policy.tiers, tier));
    if (context_.old_workload != nullptr) {
      const TierChoice old = ResolveTier(policy.tiers, *context_.old_workload, context_);
      if (!old.known) old_outcome_.Fail(TierViolation(policy.tiers, old));
    }
    ReportFailures(policy, kTierRuleId, nullptr, tier);
  }

  void JudgeRule(const ReadinessPolicy& policy, const PolicyRule& rule, const TierChoice& tier) {
    if (IsSkipped(rule, tier)) {
      ReportSkipped(policy, *rule.rule, tier.tier);
      return;
    }
    outcome_.Clear();
    rule.rule->evaluate({workload_, rule.parameters, environment_}, outcome_);
    if (!outcome_.violations().empty()) {
      old_outcome_.Clear();
      if (context_.old_workload != nullptr) {
        rule.rule->evaluate({*context_.old_workload, rule.parameters, old_environment_},
                            old_outcome_);
      }
      if (context_.settles_at) ReportPending(policy, *rule.rule, *context_.settles_at);
      if (outcome_.violations().empty()) return;
      ReportFailures(policy, rule.rule->id, &rule, tier);
    } else if (!outcome_.not_applicable().empty()) {
      ReportNotApplicable(policy, *rule.rule, outcome_.not_applicable());
    } else {
      ReportPass(policy, *rule.rule);
    }
  }

  // Takes out of outcome_ what may yet come: of a new object, what is beside it.
  void ReportPending(const ReadinessPolicy& policy, const Rule& rule, Timestamp until) {
    const bool all = rule.rule_class == RuleClass::kCrossObject;
    std::vector<Violation>& violations = outcome_.violations();
    const auto pending = std::stable_partition(
        violations.begin(), violations.end(),
        [&](const Violation& violation) { return !all && !violation.related; });
    for (auto at = pending; at != violations.end(); ++at) {
      Finding finding = Describe(policy, rule.id, std::move(*at));
      finding.result = RuleResult::kPending;
      finding.reason =
          "the object is new: what belongs to it may come until " + FormatTimestamp(until);
      findings_.Add(std::move(finding));
    }
    violations.erase(pending, violations.end());
  }

  // What a waiver makes of a rule's findings.
  struct Waiving {
    Excuse excuse;
    Standing then;  // the rule's, when the active one expires
  };

  Waiving WaivingOf(const ReadinessPolicy& policy, std::string_view rule, const PolicyRule* entry,
                    const TierChoice& tier) {
    Waiving waiving;
    if (context_.waivers == nullptr) return waiving;
    if (!waivers_) {
      waivers_ = context_.waivers->For(workload_.kind(), context_.namespace_name, workload_.name());
    }
    if (waivers_->empty()) return waiving;
    waiving.excuse = FindExcuse(*waivers_, policy, rule, context_.now);
    if (waiving.excuse.active != nullptr) {
      waiving.then = StandingOf(policy, entry, tier, waiving.excuse.active->expires);
    }
    return waiving;
  }

  // `strongest`: what the finding deserves at most.
  static Effect EffectUnder(const Waiving& waiving, const ReadinessPolicy& policy,
                            const Standing& standing, Ratchet ratchet,
                            Action strongest = Action::kDeny) {
    Effect effect = EffectOf(policy, standing, ratchet);
    if (waiving.excuse.active != nullptr) {
      return WaivedEffect(*waiving.excuse.active, effect, standing, ratchet,
                          CappedAt(waiving.then, strongest));
    }
    if (waiving.excuse.near != nullptr) {
      effect.reason += NotWaived(*waiving.excuse.near, waiving.excuse.near_state);
    }
    return effect;
  }

  // outcome_ and old_outcome_ hold what the new and the old object violate. `entry`: null for a finding of the policy.
  void ReportFailures(const ReadinessPolicy& policy, std::string_view rule, const PolicyRule* entry,
                      const TierChoice& tier) {
    const Standing standing = StandingOf(policy, entry, tier, context_.now);
    const Waiving waiving = WaivingOf(policy, rule, entry, tier);
    Ratchet ratchet = Ratchet::kNone;
    OldViolations old;
    if (context_.old_workload != nullptr) {
      ratchet = RatchetFor(policy.existing_violations, standing, context_.now,
                           [this] { return TemplateUntouched(); });
      old = OldViolations(old_outcome_.violations());
    }
    // The rule had nothing to ask of the old object only because it was scaled to zero: bringing it back must work.
    const bool woken = ratchet != Ratchet::kNone && !old_outcome_.not_applicable().empty() &&
                       context_.old_workload->replicas() == 0 && TemplateUntouched();
    const Effect fresh = EffectUnder(waiving, policy, standing, Ratchet::kNone);
    const Effect excused = EffectUnder(waiving, policy, standing, ratchet);
    for (Violation& violation : outcome_.violations()) {
      const bool had = woken || old.Take(violation);
      if (violation.strongest < Action::kDeny) {
        ReportMild(policy, rule, std::move(violation), standing, had ? ratchet : Ratchet::kNone,
                   waiving);
        continue;
      }
      Report(policy, rule, std::move(violation), had ? excused : fresh);
    }
    const bool had_untold = woken || outcome_.untold() <= old_outcome_.untold();
    const Effect& untold = had_untold ? excused : fresh;
    findings_.AddUntold(outcome_.untold(), Merciful(untold.action), !untold.waiver.empty());
  }

  // A finding with a cap of its own gets the weaker of what the cap and what the ratchet make of it.
  void ReportMild(const ReadinessPolicy& policy, std::string_view rule, Violation violation,
                  const Standing& standing, Ratchet ratchet, const Waiving& waiving) {
    const Standing mild = CappedAt(standing, violation.strongest);
    const Effect fresh = EffectUnder(waiving, policy, mild, Ratchet::kNone, violation.strongest);
    const Effect excused = EffectUnder(waiving, policy, mild, ratchet, violation.strongest);
    Report(policy, rule, std::move(violation), excused.action < fresh.action ? excused : fresh);
  }

  void Report(const ReadinessPolicy& policy, std::string_view rule, Violation violation,
              const Effect& effect) {
    Finding finding = Describe(policy, rule, std::move(violation));
    finding.action = effect.action;
    finding.reason = effect.reason;
    finding.upcoming = effect.upcoming;
    finding.waiver = effect.waiver;
    finding.let_through = effect.let_through;
    if (Merciful(finding.action) != finding.action) {
      Forgive(context_.mercy, context_.mercy_detail, finding);
    }
    findings_.Add(std::move(finding));
  }

  Finding Describe(const ReadinessPolicy& policy, std::string_view rule, Violation violation) {
    Finding finding;
    finding.policy = policy.name;
    finding.rule = rule;
    finding.result = RuleResult::kFail;
    if (context_.locate) finding.position = Locate(workload_.object(), violation.path);
    finding.path = std::move(violation.path);
    finding.container = std::move(violation.container);
    finding.message = std::move(violation.message);
    finding.observed = std::move(violation.observed);
    finding.required = std::move(violation.required);
    finding.fix = std::move(violation.fix);
    return finding;
  }

  // What becomes of an action where there is mercy; the verdict says that it made a difference.
  Action Merciful(Action action) {
    if (context_.mercy == Mercy::kNone || action != Action::kDeny) return action;
    if (verdict_.mercy == Mercy::kNone) verdict_.mercy_detail = context_.mercy_detail;
    verdict_.mercy = context_.mercy;
    return Action::kWarn;
  }

  void ReportSkipped(const ReadinessPolicy& policy, const Rule& rule, std::string_view tier) {
    ++verdict_.not_applicable;
    if (!context_.report_all) return;
    ReportOther(policy, rule, RuleResult::kNotApplicable, "not asked of tier " + std::string(tier));
  }

  void ReportNotApplicable(const ReadinessPolicy& policy, const Rule& rule,
                           std::string_view reason) {
    ++verdict_.not_applicable;
    if (context_.report_all) ReportOther(policy, rule, RuleResult::kNotApplicable, reason);
  }

  void ReportPass(const ReadinessPolicy& policy, const Rule& rule) {
    ++verdict_.passed;
    if (context_.report_all) ReportOther(policy, rule, RuleResult::kPass, outcome_.note());
  }

  void ReportOther(const ReadinessPolicy& policy, const Rule& rule, RuleResult result,
                   std::string_view reason) {
    Finding finding;
    finding.policy = policy.name;
    finding.rule = rule.id;
    finding.result = result;
    finding.reason = reason;
    finding.message = rule.title;
    if (context_.locate) finding.position = Locate(workload_.object(), "");
    findings_.Add(std::move(finding));
  }

  bool TemplateUntouched() {
    if (!same_template_) {
      same_template_ = SamePodTemplate(*context_.old_workload, workload_);
    }
    return *same_template_;
  }

  const Workload& workload_;
  const EvaluationContext& context_;
  RuleEnvironment environment_;
  RuleEnvironment old_environment_;
  RuleOutcome& outcome_;
  RuleOutcome& old_outcome_;
  Verdict& verdict_;
  FindingCollector findings_;
  // Looked up once, and only where something fails.
  std::optional<std::span<const ReadinessWaiver* const>> waivers_;
  std::optional<bool> same_template_;  // compared once, and only where it matters
};

}  // namespace

std::optional<Timestamp> SettlesAt(const Workload& workload, bool being_created, Timestamp now,
                                   std::chrono::seconds grace) {
  std::optional<Timestamp> created = now;
  if (!being_created) {
    created = ParseTimestamp(workload.metadata()["creationTimestamp"].StringOrEmpty());
  }
  if (!created || *created + grace <= now) return std::nullopt;
  return *created + grace;
}

Verdict Evaluator::Evaluate(const PolicySnapshot& policies, const Workload& workload,
                            const EvaluationContext& context) {
  Verdict verdict;
  verdict.exemption = ExemptionOf(workload, context);
  if (verdict.exemption != Exemption::kNone) return verdict;
  Judgement judgement(workload, context, memory_, old_memory_, verdict);
  for (const ReadinessPolicy& policy : policies.policies()) {
    if (!Applies(policy.match, workload, context)) continue;
    if (verdict.policies.empty()) verdict.policies.reserve(policies.policies().size());
    verdict.policies.push_back(policy.name);
    judgement.Judge(policy);
  }
  if (verdict.policies.empty()) verdict.exemption = Exemption::kNoPolicyMatches;
  judgement.Finish();
  return verdict;
}

}  // namespace plimsoll
