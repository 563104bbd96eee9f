#include "plimsoll/model/workload_record.h"

namespace plimsoll {

std::string_view ReadinessStateName(ReadinessState state) {
  switch (state) {
    case ReadinessState::kReady:
      return "Ready";
    case ReadinessState::kNotReady:
      return "NotReady";
    case ReadinessState::kWaived:
      return "Waived";
    case ReadinessState::kBlocked:
      return "Blocked";
  }
  return "NotReady";
}

std::optional<ReadinessState> ParseReadinessState(std::string_view text) {
  for (const ReadinessState state : {ReadinessState::kReady, ReadinessState::kNotReady,
                                     ReadinessState::kWaived, ReadinessState::kBlocked}) {
    if (text == ReadinessStateName(state)) return state;
  }
  return std::nullopt;
}

}  // namespace plimsoll
