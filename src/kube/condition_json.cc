#include "kube/condition_json.h"

#include <nlohmann/json.hpp>

namespace plimsoll::kube {

using controllers::PolicyCondition;

nlohmann::ordered_json ConditionJson(const PolicyCondition& condition) {
  return {{"type", condition.type},
          {"status", condition.status ? "True" : "False"},
          {"observedGeneration", condition.observed_generation},
          {"lastTransitionTime", FormatTimestamp(condition.last_transition)},
          {"reason", condition.reason},
          {"message", condition.message}};
}

PolicyCondition ReadCondition(JsonView object) {
  PolicyCondition condition;
  condition.type = object["type"].StringOrEmpty();
  condition.status = object["status"].StringOrEmpty() == "True";
  condition.observed_generation = object["observedGeneration"].AsInt().value_or(0);
  condition.last_transition =
      ParseTimestamp(object["lastTransitionTime"].StringOrEmpty()).value_or(Timestamp());
  condition.reason = object["reason"].StringOrEmpty();
  condition.message = object["message"].StringOrEmpty();
  return condition;
}

}  // namespace plimsoll::kube
