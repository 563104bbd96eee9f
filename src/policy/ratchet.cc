#include "policy/ratchet.h"

#include <algorithm>

namespace plimsoll {
namespace {

// "containers[12].image" -> "containers[].image"; keys in brackets stay.
std::string WithoutIndexes(std::string_view path) {
  std::string out;
  while (!path.empty()) {
    const size_t open = path.find('[');
    out += path.substr(0, open);
    if (open == std::string_view::npos) break;
    path.remove_prefix(open);
    const size_t close = path.find(']');
    const std::string_view inside =
        path.substr(1, close == std::string_view::npos ? close : close - 1);
    const bool index = !inside.empty() && std::all_of(inside.begin(), inside.end(),
                                                      [](char c) { return c >= '0' && c <= '9'; });
    if (close == std::string_view::npos || !index) {
      out += path.substr(0, close == std::string_view::npos ? close : close + 1);
    } else {
      out += "[]";
    }
    path.remove_prefix(close == std::string_view::npos ? path.size() : close + 1);
  }
  return out;
}

}  // namespace

std::string IdentityOf(const Violation& violation) {
  if (!violation.identity.empty()) return violation.identity;
  return violation.container + '\n' + WithoutIndexes(violation.path);
}

OldViolations::OldViolations(const std::vector<Violation>& violations) {
  for (const Violation& violation : violations) {
    ++left_[IdentityOf(violation)][static_cast<size_t>(violation.strongest)];
  }
}

bool OldViolations::Take(const Violation& violation) {
  const auto found = left_.find(IdentityOf(violation));
  if (found == left_.end()) return false;
  std::array<size_t, 3>& left = found->second;
  for (size_t action = static_cast<size_t>(violation.strongest); action < left.size(); ++action) {
    if (left[action] == 0) continue;
    --left[action];
    return true;
  }
  return false;
}

}  // namespace plimsoll
