// plimsoll policy default|validate.
#include <ostream>
#include <string>

#include "commands.h"
#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "policies.h"

namespace plimsoll::cli {
namespace {

std::string Counted(size_t count, const std::string& one, const std::string& many) {
  return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

}  // namespace

int RunPolicyDefault(std::ostream& out) {
  out << BaselinePolicyYaml();
  return kExitOk;
}

int RunPolicyValidate(const PolicyValidateOptions& options, std::ostream& out) {
  const LoadedPolicies loaded = LoadPolicies(options.paths, true);
  for (const Diagnostic& problem : loaded.problems) {
    out << SanitizeLine(FormatDiagnostic(problem), std::string::npos) << '\n';
  }
  out << Counted(loaded.policies.size(), "policy", "policies");
  if (loaded.waivers > 0) out << " and " << Counted(loaded.waivers, "waiver", "waivers");
  out << " in " << Counted(loaded.files, "file", "files") << ": "
      << (loaded.problems.empty() ? "no problems"
                                  : Counted(loaded.problems.size(), "problem", "problems"))
      << '\n';
  if (loaded.unreadable) return kExitUnable;
  return loaded.problems.empty() ? kExitOk : kExitFindings;
}

}  // namespace plimsoll::cli
