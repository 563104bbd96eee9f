#include "rules/resources.h"

#include <string>

#include "plimsoll/base/text.h"
#include "rules/exempt.h"
#include "rules/fix.h"
#include "rules/probe.h"
#include "rules/quantity.h"

namespace plimsoll {

constexpr ParameterSpec kResourceParameters[2] = {
    {.name = "exemptContainers",
     .type = ParameterType::kGlobList,
     .default_json = "[]",
     .description = kExemptContainersDescription},
    {.name = "initContainers",
     .type = ParameterType::kBoolean,
     .default_json = "false",
     .description = "Whether init containers that run to completion are asked, too."},
};

namespace {

constexpr size_t kShownBytes = 60;

enum class Supply { kMissing, kEnough, kZero, kNegative, kUnreadable };

Supply SupplyOf(JsonView value) {
  if (!value.present()) return Supply::kMissing;
  const std::optional<Quantity> quantity = Quantity::From(value);
  if (!quantity) return Supply::kUnreadable;
  if (quantity->negative()) return Supply::kNegative;
  return quantity->positive() ? Supply::kEnough : Supply::kZero;
}

// What `resources` come to after the API server's defaults.
Supply Effective(JsonView resources, const ResourceQuestion& question) {
  const Supply own = SupplyOf(resources[question.field][question.resource]);
  if (own != Supply::kMissing || question.field == "limits") return own;
  const Supply limit = SupplyOf(resources["limits"][question.resource]);
  return limit == Supply::kEnough ? limit : Supply::kMissing;
}

bool IsAsked(const RuleInput& input, const Container& container) {
  const bool role = container.long_running() || (container.role == ContainerRole::kInit &&
                                                 input.parameters.Boolean(kResourceInitContainers));
  return role && !MatchesAny(input.parameters.List(kResourceExemptContainers), container.name);
}

// The other of limit and request, where it can be read; else the question's own.
std::string Suggested(JsonView resources, const ResourceQuestion& question) {
  const std::string_view other = question.field == "limits" ? "requests" : "limits";
  const JsonView value = resources[other][question.resource];
  return std::string(SupplyOf(value) == Supply::kEnough ? value.text() : question.suggested);
}

Violation Missing(const RuleInput& input, const Container& container, Supply supply,
                  const ResourceQuestion& question) {
  const JsonView resources = container.Field(ContainerField::kResources);
  const JsonView value = resources[question.field][question.resource];
  Violation violation;
  violation.path = input.workload.ContainerPath(container) + ".resources." +
                   std::string(question.field) + "." + std::string(question.resource);
  violation.container = container.name;
  violation.message = ContainerLabel(container);
  const std::string noun(question.noun);
  switch (supply) {
    case Supply::kUnreadable:
      violation.message += " has a " + noun + " that is no quantity";
      break;
    case Supply::kNegative:
      violation.message += " has a " + noun + " below 0";
      break;
    case Supply::kZero:
      violation.message += " has a " + noun + " of 0, so " + std::string(question.consequence);
      break;
    default:
      violation.message += " has no " + noun + ", so " + std::string(question.consequence);
  }
  violation.observed = value.present() ? SanitizeLine(ToJson(value, kShownBytes), kShownBytes)
                                       : std::string("not set");
  violation.required = "a " + std::string(question.noun) + " above 0";
  Yaml amount = Yaml::Map();
  amount.Set(question.resource,
             Yaml::String(Suggested(resources, question)).Commented(question.comment));
  Yaml field = Yaml::Map();
  field.Set(question.field, std::move(amount));
  violation.fix =
      ContainerFix(input.workload, container, Yaml::Map({{"resources", std::move(field)}}));
  violation.identity = ProbeIdentity(container, question.noun);
  return violation;
}

}  // namespace

void EvaluateResource(const ResourceQuestion& question, const RuleInput& input,
                      RuleOutcome& outcome) {
  const bool whole_pod =
      Effective(input.workload.pod_spec()["resources"], question) == Supply::kEnough;
  bool asked = false;
  for (const Container& container : input.workload.containers()) {
    if (!IsAsked(input, container)) continue;
    asked = true;
    if (whole_pod) continue;
    const Supply supply = Effective(container.Field(ContainerField::kResources), question);
    if (supply != Supply::kEnough) {
      outcome.Fail([&] { return Missing(input, container, supply, question); });
    }
  }
  if (!asked) outcome.NotApplicable("exemptContainers names every container in question");
}

}  // namespace plimsoll
