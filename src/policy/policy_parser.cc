// ParseReadinessPolicy: first the whole document is checked against its tables, then values are read from what is clean.
#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/base/time.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "policy/policy_schema.h"
#include "policy/schema_check.h"

namespace plimsoll {
namespace {

constexpr std::string_view kPolicyGroup = "plimsoll.dev/";
// Kinds of our group that may stand beside policies in a folder.
constexpr std::array<std::string_view, 2> kOtherKinds = {"ReadinessWaiver", "WorkloadReadiness"};
constexpr std::string_view kOwnerRule = "ownership.owner";
constexpr std::string_view kOwnerKeysParameter = "keys";

std::optional<Timestamp> ReadTimestamp(JsonView value) {
  return value.is_string() ? ParseTimestamp(value.text()) : std::nullopt;
}

// An enum whose values stand in the table in the order of the C++ enum.
template <class Enum>
Enum ReadEnum(JsonView value, std::span<const std::string_view> names, Enum otherwise) {
  const auto found = std::find(names.begin(), names.end(), value.StringOrEmpty());
  return found == names.end() ? otherwise : static_cast<Enum>(found - names.begin());
}

// ---- the timetable ----

void CheckStageOrder(JsonView stage, const Stage& before, const Stage& now, const std::string& path,
                     Problems& problems) {
  if (!now.from) {
    problems.Add(stage, ChildPath(path, "from"),
                 "required, but not set: only the first stage may begin at the beginning");
  } else if (before.from && *now.from <= *before.from) {
    problems.Add(stage["from"], ChildPath(path, "from"),
                 Quoted(stage["from"].text()) + " is not later than the stage before, " +
                     FormatTimestamp(*before.from) + "; stages stand in the order of their dates");
  }
  if (now.action <= before.action) {
    problems.Add(stage["action"], ChildPath(path, "action"),
                 std::string(ActionName(now.action)) + " is not stronger than " +
                     std::string(ActionName(before.action)) +
                     ", the stage before; a timetable goes from Audit to Warn to Deny");
  }
}

std::vector<Stage> ReadStages(JsonView list, const std::string& path, Problems& problems) {
  std::vector<Stage> stages;
  size_t index = 0;
  for (const JsonView element : list.elements()) {
    if (index == policy_schema::kMaxStages) break;
    const std::string element_path = ElementPath(path, index++);
    if (!problems.Clean(element)) continue;
    const Stage stage{ReadEnum(element["action"], policy_schema::kActions, Action::kAudit),
                      ReadTimestamp(element["from"])};
    if (!stages.empty()) {
      CheckStageOrder(element, stages.back(), stage, element_path, problems);
    }
    stages.push_back(stage);
  }
  return stages;
}

// ---- selectors ----

void ReadRequirement(JsonView object, const std::string& path, LabelSelector& selector,
                     Problems& problems) {
  using Operator = LabelSelector::Operator;
  LabelSelector::Requirement requirement;
  requirement.key = object["key"].text();
  requirement.op = ReadEnum(object["operator"], policy_schema::kOperators, Operator::kIn);
  for (const JsonView value : object["values"].elements()) {
    requirement.values.emplace_back(value.text());
  }
  const bool wants_values = requirement.op == Operator::kIn || requirement.op == Operator::kNotIn;
  if (wants_values && requirement.values.empty()) {
    problems.Add(object, ChildPath(path, "values"),
                 "required with the operator " + std::string(object["operator"].text()));
  } else if (!wants_values && !requirement.values.empty()) {
    problems.Add(object["values"], ChildPath(path, "values"),
                 "not allowed with the operator " + std::string(object["operator"].text()));
  }
  selector.requirements.push_back(std::move(requirement));
}

LabelSelector ReadSelector(JsonView object, const std::string& path, Problems& problems) {
  LabelSelector selector;
  for (const JsonMember label : object["matchLabels"].members()) {
    if (!label.value.is_string()) continue;
    selector.requirements.push_back(
        {std::string(label.key), LabelSelector::Operator::kIn, {std::string(label.value.text())}});
  }
  size_t index = 0;
  for (const JsonView element : object["matchExpressions"].elements()) {
    if (index == policy_schema::kMaxSelectorEntries) break;
    const std::string element_path = ElementPath(ChildPath(path, "matchExpressions"), index++);
    if (problems.Clean(element)) ReadRequirement(element, element_path, selector, problems);
  }
  return selector;
}

MatchConstraints ReadMatch(JsonView match, const std::string& path, Problems& problems) {
  MatchConstraints constraints;
  const std::string kinds_path = ChildPath(path, "kinds");
  for (const JsonView element : match["kinds"].elements()) {
    const std::optional<WorkloadKind> kind = ParseWorkloadKind(element.StringOrEmpty());
    if (!kind) continue;
    auto& kinds = constraints.kinds;
    if (std::find(kinds.begin(), kinds.end(), *kind) != kinds.end()) {
      problems.Add(element, kinds_path, Quoted(element.text()) + " is listed twice");
    }
    kinds.push_back(*kind);
  }
  if (!match["kinds"].present()) {
    constraints.kinds = {WorkloadKind::kDeployment, WorkloadKind::kStatefulSet,
                         WorkloadKind::kDaemonSet};
  }
  constraints.namespace_selector =
      ReadSelector(match["namespaceSelector"], ChildPath(path, "namespaceSelector"), problems);
  for (const JsonView element : match["excludeNamespaces"].elements()) {
    constraints.exclude_namespaces.emplace_back(element.StringOrEmpty());
  }
  constraints.object_selector =
      ReadSelector(match["objectSelector"], ChildPath(path, "objectSelector"), problems);
  return constraints;
}

// ---- the rest of spec ----

Tiers ReadTiers(JsonView object, const std::string& path, Problems& problems) {
  Tiers tiers;
  if (object["label"].present()) tiers.label = object["label"].text();
  for (const JsonView element : object["values"].elements()) {
    if (!problems.Clean(element)) continue;
    const std::string value(element.text());
    if (std::find(tiers.values.begin(), tiers.values.end(), value) != tiers.values.end()) {
      problems.Add(element, ChildPath(path, "values"), Quoted(value) + " is listed twice");
      continue;
    }
    tiers.values.push_back(value);
  }
  if (!problems.Clean(object["default"]) || !object["default"].is_string()) return tiers;
  tiers.default_tier = object["default"].text();
  const std::vector<std::string_view> names(tiers.values.begin(), tiers.values.end());
  if (std::find(names.begin(), names.end(), tiers.default_tier) == names.end()) {
    problems.Add(object["default"], ChildPath(path, "default"),
                 Quoted(tiers.default_tier) + " is none of the tiers; expected " + OneOf(names) +
                     DidYouMean(tiers.default_tier, names));
  }
  return tiers;
}

WaiverTerms ReadWaivers(JsonView object) {
  WaiverTerms terms;
  terms.approval_required = object["approval"].StringOrEmpty() != policy_schema::kApprovals[1];
  if (const auto duration = ParseDuration(object["maxDuration"].StringOrEmpty())) {
    terms.max_duration = *duration;
  }
  return terms;
}

// ---- rules ----

std::vector<std::pair<std::string, TierCap>> ReadByTier(JsonView map, const std::string& path,
                                                        JsonView tier_values, Problems& problems) {
  std::vector<std::pair<std::string, TierCap>> caps;
  // Tiers that cannot be read are no reason to call a name wrong.
  const bool checked = problems.Clean(tier_values);
  std::vector<std::string_view> known;
  for (const JsonView value : tier_values.elements()) known.push_back(value.StringOrEmpty());
  for (const JsonMember member : map.members()) {
    if (!member.value.present()) continue;
    if (!checked) {
      // Nothing to compare with.
    } else if (known.empty()) {
      problems.AddToKey(member, ChildPath(path, member.key),
                        "the policy has no tiers; list them under spec.tiers.values");
    } else if (std::find(known.begin(), known.end(), member.key) == known.end()) {
      problems.AddToKey(member, ChildPath(path, member.key),
                        Quoted(member.key) + " is none of the tiers; expected " + OneOf(known) +
                            DidYouMean(member.key, known));
    }
    caps.emplace_back(member.key, ParseAction(member.value.StringOrEmpty()));
  }
  return caps;
}

// Nothing if there is no such rule or it has been listed before.
const Rule* ReadRuleId(JsonView value, const std::string& path,
                       const std::vector<std::string_view>& before, Problems& problems) {
  const Rule* rule = FindRule(value.text());
  if (rule == nullptr) {
    const std::string_view nearest = NearestRuleId(value.text());
    const std::string hint = nearest.empty() ? "; `plimsoll explain all` lists them"
                                             : "; did you mean " + Quoted(nearest) + "?";
    problems.Add(value, path, Quoted(value.text()) + " is no rule" + hint);
    problems.MarkUnknownRule();
    return nullptr;
  }
  if (std::find(before.begin(), before.end(), value.text()) != before.end()) {
    problems.Add(value, path, Quoted(value.text()) + " is listed twice; one entry a rule");
  }
  return rule;
}

class RulesReader {
 public:
  RulesReader(JsonView spec, Problems& problems) : spec_(spec), problems_(problems) {}

  // The rules that are as their author meant them.
  std::vector<PolicyRule> Read() {
    std::vector<PolicyRule> rules;
    size_t index = 0;
    for (const JsonView element : spec_["rules"].elements()) {
      if (problems_.full() || index == policy_schema::kMaxRules) break;
      const std::string path = ElementPath("spec.rules", index++);
      if (!element.is_object()) continue;
      std::optional<PolicyRule> rule = ReadOne(element, path);
      if (rule && problems_.Clean(element)) rules.push_back(std::move(*rule));
    }
    return rules;
  }

 private:
  // Reads on after a problem: its author wants to hear of all of them at once.
  std::optional<PolicyRule> ReadOne(JsonView object, const std::string& path) {
    const JsonView id = object["rule"];
    if (!id.is_string() || !problems_.Clean(id)) return std::nullopt;
    PolicyRule out;
    out.rule = ReadRuleId(id, ChildPath(path, "rule"), before_, problems_);
    before_.push_back(id.text());
    out.stages = ReadStages(object["stages"], ChildPath(path, "stages"), problems_);
    out.by_tier = ReadByTier(object["byTier"], ChildPath(path, "byTier"), spec_["tiers"]["values"],
                             problems_);
    if (out.rule == nullptr) return std::nullopt;
    std::vector<Diagnostic> found;
    const JsonView parameters = object["parameters"];
    out.parameters = CompileParameters(*out.rule, parameters, ChildPath(path, "parameters"), found);
    problems_.AddAll(parameters.exists() ? parameters : object, std::move(found));
    return out;
  }

  JsonView spec_;
  Problems& problems_;
  std::vector<std::string_view> before_;
};

// The list of keys under which this rule looks for an owner.
const std::vector<std::string>* OwnerKeys(const Rule& rule, const Parameters& parameters) {
  for (size_t i = 0; i < rule.parameters.size(); ++i) {
    const ParameterSpec& spec = rule.parameters[i];
    if (spec.name == kOwnerKeysParameter && spec.type == ParameterType::kKeyList) {
      return &parameters.List(i);
    }
  }
  return nullptr;
}

std::vector<std::string> ReadOwnerKeys(const std::vector<PolicyRule>& rules) {
  for (const PolicyRule& rule : rules) {
    if (rule.rule->id != kOwnerRule) continue;
    if (const auto* keys = OwnerKeys(*rule.rule, rule.parameters)) return *keys;
  }
  const Rule* rule = FindRule(kOwnerRule);
  if (rule == nullptr) return {};
  std::vector<Diagnostic> none;
  const Parameters defaults = CompileParameters(*rule, JsonView(), "", none);
  const auto* keys = OwnerKeys(*rule, defaults);
  return keys == nullptr ? std::vector<std::string>() : *keys;
}

// ---- the policy ----

// True if nothing that decides how strongly the policy acts, or when, is wrong. Texts and waivers do not.
bool TimetableClean(JsonView spec, const Problems& problems) {
  constexpr std::array<std::string_view, 6> kHarmless = {"description", "contact", "documentation",
                                                         "waivers",     "rules",   "failurePolicy"};
  for (const FieldSpec& field : policy_schema::kSpecFields) {
    const bool harmless =
        std::find(kHarmless.begin(), kHarmless.end(), field.name) != kHarmless.end();
    if (!harmless && !problems.Clean(spec[field.name])) return false;
  }
  const auto known = [](std::string_view name) {
    return std::any_of(std::begin(policy_schema::kSpecFields), std::end(policy_schema::kSpecFields),
                       [&](const FieldSpec& field) { return field.name == name; });
  };
  for (const JsonMember member : spec.members()) {
    if (!known(member.key)) return false;
  }
  return true;
}

std::string TextOf(JsonView value, const Problems& problems) {
  return problems.Clean(value) ? std::string(value.StringOrEmpty()) : std::string();
}

// Reads on where something is wrong, so that all problems are told at once; the caller decides what of it may be used.
ReadinessPolicy ReadSpec(JsonView spec, Problems& problems) {
  ReadinessPolicy policy;
  policy.description = TextOf(spec["description"], problems);
  policy.contact = TextOf(spec["contact"], problems);
  policy.documentation = TextOf(spec["documentation"], problems);
  policy.match = ReadMatch(spec["match"], "spec.match", problems);
  policy.failure_policy =
      ReadEnum(spec["failurePolicy"], policy_schema::kFailurePolicies, FailurePolicy::kIgnore);
  policy.stages = ReadStages(spec["stages"], "spec.stages", problems);
  if (policy.stages.empty()) policy.stages = {Stage{}};
  if (const JsonView existing = spec["existingViolations"];
      existing.present() && problems.Clean(existing)) {
    policy.existing_violations = {
        ReadEnum(existing["action"], policy_schema::kActions, Action::kWarn),
        ReadTimestamp(existing["until"])};
  }
  if (const JsonView object = spec["tiers"]; object.is_object()) {
    const bool clean = problems.Clean(object);
    Tiers tiers = ReadTiers(object, "spec.tiers", problems);
    if (clean) policy.tiers = std::move(tiers);
  }
  if (problems.Clean(spec["waivers"])) policy.waivers = ReadWaivers(spec["waivers"]);
  policy.rules = RulesReader(spec, problems).Read();
  policy.owner_keys = ReadOwnerKeys(policy.rules);
  return policy;
}

bool HeaderClean(JsonView document, const Problems& problems) {
  return problems.Clean(document["apiVersion"]) && problems.Clean(document["kind"]) &&
         document["apiVersion"].is_string() && document["kind"].is_string() &&
         document["metadata"]["name"].is_string() && problems.Clean(document["metadata"]["name"]) &&
         document["spec"].is_object();
}

}  // namespace

bool IsMeantAsPolicy(JsonView object) {
  const std::string_view kind = object["kind"].StringOrEmpty();
  if (kind == kPolicyKind) return true;
  return object["apiVersion"].StringOrEmpty().starts_with(kPolicyGroup) &&
         std::find(kOtherKinds.begin(), kOtherKinds.end(), kind) == kOtherKinds.end();
}

ParsedPolicy ParseReadinessPolicy(JsonView document) {
  ParsedPolicy parsed;
  if (!document.exists()) {
    parsed.problems.push_back({{}, {}, "", "expected a ReadinessPolicy, found nothing"});
    return parsed;
  }
  Problems problems;
  if (const JsonView kind = document["kind"]; kind.is_string() && kind.text() != kPolicyKind) {
    // Some other document: its fields are none of our business.
    problems.Add(kind, "kind", "expected ReadinessPolicy, found " + Quoted(kind.text()));
    parsed.problems = problems.Take();
    return parsed;
  }
  CheckSchema(document, policy_schema::kRoot, "", problems);
  const JsonView spec = document["spec"];
  const bool header_clean = HeaderClean(document, problems);
  ReadinessPolicy policy = ReadSpec(spec, problems);
  if (header_clean) {
    policy.name = document["metadata"]["name"].text();
    const bool audits_only = !TimetableClean(spec, problems);
    if (audits_only) {
      policy.stages = {Stage{}};
      for (PolicyRule& rule : policy.rules) rule.stages.clear();
    }
    if (!policy.rules.empty() && problems.Clean(spec["match"]) && !problems.full()) {
      parsed.policy = std::move(policy);
      parsed.audits_only = audits_only;
    }
  }
  parsed.unknown_rules = problems.unknown_rules();
  parsed.unknown_fields = problems.unknown_fields();
  parsed.problems = problems.Take();
  return parsed;
}

}  // namespace plimsoll
