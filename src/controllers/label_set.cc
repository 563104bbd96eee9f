#include "controllers/label_set.h"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace plimsoll::controllers {
namespace {

using Values = std::set<std::string>;

Values Both(const Values& a, const Values& b) {
  Values out;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}

Values Either(const Values& a, const Values& b) {
  Values out = a;
  out.insert(b.begin(), b.end());
  return out;
}

Values Less(const Values& a, const Values& b) {
  Values out;
  std::set_difference(a.begin(), a.end(), b.begin(), b.end(), std::inserter(out, out.end()));
  return out;
}

LabelConstraint ConstraintOf(const LabelSelector::Requirement& requirement) {
  Values values(requirement.values.begin(), requirement.values.end());
  switch (requirement.op) {
    case LabelSelector::Operator::kIn:
      return {true, std::move(values), false};
    case LabelSelector::Operator::kNotIn:
      return {false, std::move(values), true};
    case LabelSelector::Operator::kExists:
      return {false, {}, false};
    case LabelSelector::Operator::kDoesNotExist:
      return {true, {}, true};
  }
  return {};
}

void AppendRequirements(const std::string& key, const LabelConstraint& constraint,
                        LabelSelector& selector) {
  using Operator = LabelSelector::Operator;
  const std::vector<std::string> values(constraint.values.begin(), constraint.values.end());
  if (constraint.listed) {
    selector.requirements.push_back(
        {key, constraint.absent ? Operator::kDoesNotExist : Operator::kIn, values});
    return;
  }
  if (!constraint.absent) selector.requirements.push_back({key, Operator::kExists, {}});
  if (!values.empty()) selector.requirements.push_back({key, Operator::kNotIn, values});
}

}  // namespace

LabelConstraint Intersect(const LabelConstraint& a, const LabelConstraint& b) {
  const bool absent = a.absent && b.absent;
  if (a.listed && b.listed) return {true, Both(a.values, b.values), absent};
  if (a.listed) return {true, Less(a.values, b.values), absent};
  if (b.listed) return {true, Less(b.values, a.values), absent};
  return {false, Either(a.values, b.values), absent};
}

LabelConstraint Unite(const LabelConstraint& a, const LabelConstraint& b) {
  const bool absent = a.absent || b.absent;
  if (a.listed && b.listed) return {true, Either(a.values, b.values), absent};
  if (a.listed) return {false, Less(b.values, a.values), absent};
  if (b.listed) return {false, Less(a.values, b.values), absent};
  return {false, Both(a.values, b.values), absent};
}

LabelSet::LabelSet(const LabelSelector& selector) {
  for (const LabelSelector::Requirement& requirement : selector.requirements) {
    Set(requirement.key, Intersect(Of(requirement.key), ConstraintOf(requirement)));
  }
}

LabelConstraint LabelSet::Of(const std::string& key) const {
  const auto found = constraints_.find(key);
  return found == constraints_.end() ? LabelConstraint{} : found->second;
}

void LabelSet::Set(const std::string& key, LabelConstraint constraint) {
  if (constraint.any()) {
    constraints_.erase(key);
  } else {
    constraints_[key] = std::move(constraint);
  }
}

bool LabelSet::empty() const {
  return std::any_of(constraints_.begin(), constraints_.end(),
                     [](const auto& entry) { return entry.second.none(); });
}

bool LabelSet::Contains(const LabelSet& other) const {
  if (other.empty()) return true;
  return std::all_of(constraints_.begin(), constraints_.end(), [&](const auto& entry) {
    const LabelConstraint theirs = other.Of(entry.first);
    return Intersect(entry.second, theirs) == theirs;
  });
}

LabelSet Intersect(const LabelSet& a, const LabelSet& b) {
  LabelSet out = a;
  for (const auto& [key, constraint] : b.constraints_) {
    out.Set(key, Intersect(out.Of(key), constraint));
  }
  return out;
}

LabelSet Cover(const LabelSet& a, const LabelSet& b) {
  LabelSet out;
  for (const auto& [key, constraint] : a.constraints_) {
    LabelConstraint both = Unite(constraint, b.Of(key));
    if (both.expressible()) out.Set(key, std::move(both));
  }
  return out;
}

std::optional<LabelSet> ExactUnion(const LabelSet& a, const LabelSet& b) {
  if (a.Contains(b)) return a;
  if (b.Contains(a)) return b;
  // Two boxes make one where they differ in a single direction.
  std::optional<std::string> differs;
  for (const LabelSet* side : {&a, &b}) {
    for (const auto& [key, constraint] : side->constraints_) {
      if (a.Of(key) == b.Of(key) || key == differs) continue;
      if (differs) return std::nullopt;
      differs = key;
    }
  }
  if (!differs) return a;
  LabelConstraint both = Unite(a.Of(*differs), b.Of(*differs));
  if (!both.expressible()) return std::nullopt;
  LabelSet out = a;
  out.Set(*differs, std::move(both));
  return out;
}

LabelSelector LabelSet::ToSelector() const {
  LabelSelector selector;
  for (const auto& [key, constraint] : constraints_) AppendRequirements(key, constraint, selector);
  return selector;
}

}  // namespace plimsoll::controllers
