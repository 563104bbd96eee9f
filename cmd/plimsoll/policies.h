// The policies a command judges by, or validates.
#pragma once

#include <string>
#include <vector>

#include "input.h"
#include "plimsoll/base/position.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::cli {

struct LoadedPolicies {
  std::vector<ReadinessPolicy> policies;
  // Every problem of every file. Empty: the policies are as their authors meant them.
  std::vector<Diagnostic> problems;
  bool unreadable = false;  // some file or folder could not be read at all
  size_t files = 0;
  size_t waivers = 0;            // ReadinessWaivers beside them
  std::vector<InputFile> input;  // what was read; Namespace objects among it are known namespaces
};

// `waivers_alone`: a path that holds waivers and no policy is right, too.
LoadedPolicies LoadPolicies(const std::vector<std::string>& paths, bool waivers_alone = false);

// Those of a text; `name` is what problems are said of.
LoadedPolicies PoliciesIn(std::string text, const std::string& name);

// Those in files that were read already.
LoadedPolicies LoadPolicies(std::vector<InputFile> files);

// plimsoll-baseline alone.
LoadedPolicies LoadBaseline();

}  // namespace plimsoll::cli
