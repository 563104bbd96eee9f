// Which findings of an updated object its old version already had.
//
// Thread-safety: one thread.
#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "plimsoll/rules/rule.h"

namespace plimsoll {

// What tells two violations of one rule apart: what the rule says, else container and path, where places in lists do not
// count (a container put before another does not make that one's findings new).
std::string IdentityOf(const Violation& violation);

// The violations of one rule in the old object. Of two alike, each excuses one.
class OldViolations {
 public:
  OldViolations() = default;
  explicit OldViolations(const std::vector<Violation>& violations);

  // True if the old object had it, and had it as badly (Violation::strongest); one of its kind is then used up.
  bool Take(const Violation& violation);

 private:
  // By identity, then by the action that the violation deserves.
  std::map<std::string, std::array<size_t, 3>> left_;
};

}  // namespace plimsoll
