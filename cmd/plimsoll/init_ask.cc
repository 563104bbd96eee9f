#include <unistd.h>

#include <iostream>
#include <string>

#include "init.h"
#include "plimsoll/base/text.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

// False at the end of the input: nobody is there any more.
bool Ask(const std::string& question, std::string& answer) {
  if (!answer.empty()) return true;
  WriteStandardError(question + ": ");
  std::string line;
  if (!std::getline(std::cin, line)) {
    WriteStandardError("\n");
    return false;
  }
  answer = std::string(Trim(line));
  return true;
}

}  // namespace

bool CanAsk(const InitOptions& options) {
  return !options.no_input && ::isatty(STDIN_FILENO) != 0 && ::isatty(STDERR_FILENO) != 0;
}

void AskForTheRest(ServicePlan& plan, const ServiceTerms& terms) {
  // Without it nothing is written; for the rest there are placeholders.
  const bool answered_owner = Ask("The team that runs it", plan.owner);
  if (!answered_owner || !ProblemWithOwner(plan.owner).empty()) return;
  const bool complete = !plan.runbook.empty() && !plan.alert_route.empty() && !plan.image.empty() &&
                        (terms.contact_keys.empty() || !plan.contact.empty());
  if (complete) return;
  WriteStandardError("An empty line leaves a placeholder that `plimsoll check` reports.\n");
  const std::string hosts =
      terms.runbook_hosts.empty() ? "" : " (on " + Join(terms.runbook_hosts, ", ") + ')';
  const bool answered = Ask("The address of the runbook" + hosts, plan.runbook) &&
                        Ask("Where alerts go (a service, schedule or channel)", plan.alert_route) &&
                        Ask("The image, with tag and digest", plan.image);
  if (answered && !terms.contact_keys.empty()) Ask("How to reach its people", plan.contact);
}

}  // namespace plimsoll::cli
