// plimsoll init: a service that is ready from the first commit (scaffold/service.h), asked for where a person is there,
// judged by the policies at their strictest, and written as a whole.
#pragma once

#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

#include "options.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/scaffold/service.h"
#include "policies.h"

namespace plimsoll::cli {

struct InitOptions {
  ServicePlan plan;
  std::string policy;  // a file or folder; "": the built-in one
  std::string output;  // "": the service's name
  bool force = false;
  bool no_input = false;
};

int RunInit(InitOptions options, Timestamp now, std::ostream& out);

// What the policies say about the service as it will be applied, when each of them asks for everything it has announced.
struct ServiceJudgement {
  std::vector<std::string> policies;  // those that are meant for it
  std::vector<Finding> findings;
};
ServiceJudgement JudgeService(const ServicePlan& plan, const ServiceTerms& terms,
                              const PolicySnapshot& policies,
                              const std::vector<InputFile>& beside_them, Timestamp now);

// Whether somebody is there to answer.
bool CanAsk(const InitOptions& options);

// "", or why nothing can be written for that owner.
std::string ProblemWithOwner(const std::string& owner);

// Asks for what is missing, one line each on standard error, where a person is there to answer; an empty line leaves it.
void AskForTheRest(ServicePlan& plan, const ServiceTerms& terms);

}  // namespace plimsoll::cli
