// plimsoll policy test: cases of policies, run like unit tests. A case is one YAML file of several documents
// (docs/policy-tests.md):
//
//   story: A service without a runbook is denied from February on   # what it shows; this key makes a file a case
//   now: 2027-03-01                                                 # optional: a date or time [the day of the test]
//   policy: ../production.yaml                                      # optional: file, folder, or a list of them
//   namespace: payments                                             # optional: of objects that name none
//   namespaceLabels: {env: production}                              # optional
//   directory: ../teams.yaml                                        # optional
//   ---
//   objects: workloads, what there is beside them, Namespaces, ReadinessWaivers; also ReadinessPolicies, where no
//   `policy` is named
//   ---
//   findings:                                                       # written by --update, read in review
//     - {workload: Deployment/payments/checkout, action: Deny, rule: production/runbook.url, at: "metadata..."}
//
// Without `policy` and without a ReadinessPolicy among its documents, a case is judged by policy.yaml or the folder policies
// in its own folder or the nearest one above, up to the one that was named.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "options.h"
#include "plimsoll/base/time.h"

namespace plimsoll::cli {

struct PolicyTestOptions {
  std::vector<std::string> paths;  // files or folders
  bool update = false;
  bool junit = false;
  std::string output;  // of the JUnit report; "": standard output
  ColorMode color = ColorMode::kAuto;
};

struct CaseResult {
  std::string file = {};
  std::string story = {};
  std::string as_of = {};
  // Neither of these: it has passed.
  std::vector<std::string> problems = {};  // why it could not be judged
  std::vector<std::string> missing = {};   // expected, and not found
  std::vector<std::string> unexpected = {};
  bool updated = false;

  bool passed() const { return problems.empty() && missing.empty() && unexpected.empty(); }
};

CaseResult RunCase(const std::string& file, const std::string& root, bool update, Timestamp now);

void WriteCaseText(const CaseResult& result, bool color, std::ostream& out);
// https://github.com/testmoapp/junitxml, as far as Jenkins and GitLab read it.
std::string JUnitOf(const std::vector<CaseResult>& results);

int RunPolicyTest(const PolicyTestOptions& options, Timestamp now, std::ostream& out);

}  // namespace plimsoll::cli
