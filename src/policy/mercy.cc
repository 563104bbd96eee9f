#include "policy/mercy.h"

#include <string>
#include <utility>

namespace plimsoll {

void Forgive(Mercy mercy, std::string_view detail, Finding& finding) {
  std::string reason = "Warn: ";
  if (mercy == Mercy::kRollback) {
    reason += "a rollback to ";
    reason += detail;
    reason += ", which was admitted before";
  } else {
    reason += "the glass was broken for ";
    reason += detail;
  }
  reason += " (otherwise ";
  reason += finding.reason;
  reason += ')';
  finding.reason = std::move(reason);
  finding.action = Action::kWarn;
  finding.upcoming.reset();
  finding.let_through = mercy == Mercy::kRollback ? LetThrough::kRollback : LetThrough::kBreakGlass;
}

}  // namespace plimsoll
