// The answers to the three questions as JSON values: for `plimsoll report --questions` and for /api/v1/questions.
//
// Thread-safety: functions without state.
#pragma once

#include <nlohmann/json.hpp>

#include "plimsoll/record/questions.h"

namespace plimsoll {

nlohmann::ordered_json QuestionsJson(const ServiceAnswers& service);
nlohmann::ordered_json QuestionsJson(const OwnerAnswers& owner);

}  // namespace plimsoll
