#include "plimsoll/model/action.h"

namespace plimsoll {

std::string_view ActionName(Action action) {
  switch (action) {
    case Action::kAudit:
      return "Audit";
    case Action::kWarn:
      return "Warn";
    case Action::kDeny:
      return "Deny";
  }
  return "Audit";
}

std::string_view ActionLabel(Action action) {
  switch (action) {
    case Action::kAudit:
      return "audit";
    case Action::kWarn:
      return "warn";
    case Action::kDeny:
      return "deny";
  }
  return "audit";
}

std::optional<Action> ParseAction(std::string_view text) {
  for (const Action action : {Action::kAudit, Action::kWarn, Action::kDeny}) {
    if (text == ActionName(action)) return action;
  }
  return std::nullopt;
}

}  // namespace plimsoll
