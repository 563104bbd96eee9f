#include "plimsoll/model/finding.h"

namespace plimsoll {

std::string_view RuleResultName(RuleResult result) {
  switch (result) {
    case RuleResult::kPass:
      return "pass";
    case RuleResult::kFail:
      return "fail";
    case RuleResult::kNotApplicable:
      return "notApplicable";
    case RuleResult::kPending:
      return "pending";
    case RuleResult::kError:
      return "error";
  }
  return "error";
}

std::string_view LetThroughLabel(LetThrough why) {
  switch (why) {
    case LetThrough::kNone:
      return "";
    case LetThrough::kExisting:
      return "existing";
    case LetThrough::kUntouchedTemplate:
      return "unchanged_template";
    case LetThrough::kRollback:
      return "rollback";
    case LetThrough::kBreakGlass:
      return "break_glass";
  }
  return "";
}

std::string_view MercyName(Mercy mercy) {
  switch (mercy) {
    case Mercy::kNone:
      return "";
    case Mercy::kRollback:
      return "rollback";
    case Mercy::kBreakGlass:
      return "break-glass";
  }
  return "";
}

std::string_view DecisionName(Decision decision) {
  switch (decision) {
    case Decision::kAllow:
      return "allow";
    case Decision::kWarn:
      return "warn";
    case Decision::kDeny:
      return "deny";
  }
  return "allow";
}

std::string_view ExemptionReason(Exemption exemption) {
  switch (exemption) {
    case Exemption::kNone:
      return "";
    case Exemption::kNoPolicyMatches:
      return "no policy matches";
    case Exemption::kBeingDeleted:
      return "being deleted";
    case Exemption::kScaledToZero:
      return "scaled to zero replicas";
    case Exemption::kControlledByOwner:
      return "controlled by an owner that is judged itself";
    case Exemption::kPartial:
      return "partial object";
    case Exemption::kTemplateElsewhere:
      return "the pod template is in another object, which is judged itself";
  }
  return "";
}

}  // namespace plimsoll
