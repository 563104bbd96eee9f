#include "plimsoll/model/link.h"

namespace plimsoll {

std::string_view LinkStateName(LinkState state) {
  switch (state) {
    case LinkState::kPending:
      return "pending";
    case LinkState::kAlive:
      return "alive";
    case LinkState::kDead:
      return "dead";
    case LinkState::kRefused:
      return "refused";
  }
  return "pending";
}

}  // namespace plimsoll
