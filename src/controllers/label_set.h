// LabelSet: which labels an object may have to be matched, as a set that can be united, intersected and compared; what
// metav1.LabelSelector says, with one constraint a key.
//
// Thread-safety: value type. Semantics: k8s.io/apimachinery/pkg/labels, Requirement.Matches.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

#include "plimsoll/model/readiness_policy.h"

namespace plimsoll::controllers {

// What a label may be: of `values` if `listed`, else anything but those; and whether it may be missing.
struct LabelConstraint {
  bool listed = false;
  std::set<std::string> values;
  bool absent = true;

  bool any() const { return !listed && values.empty() && absent; }
  bool none() const { return listed && values.empty() && !absent; }
  // Whether a selector can say it: "one of these, or not set" it cannot.
  bool expressible() const { return !(listed && absent && !values.empty()); }
  friend bool operator==(const LabelConstraint&, const LabelConstraint&) = default;
};

LabelConstraint Intersect(const LabelConstraint& a, const LabelConstraint& b);
LabelConstraint Unite(const LabelConstraint& a, const LabelConstraint& b);

class LabelSet {
 public:
  // Everything.
  LabelSet() = default;
  explicit LabelSet(const LabelSelector& selector);

  // Nothing can match.
  bool empty() const;
  bool Contains(const LabelSet& other) const;

  friend LabelSet Intersect(const LabelSet& a, const LabelSet& b);
  // The smallest set of this form that holds both.
  friend LabelSet Cover(const LabelSet& a, const LabelSet& b);
  // The union, where it is a set of this form.
  friend std::optional<LabelSet> ExactUnion(const LabelSet& a, const LabelSet& b);

  // As a selector: sorted by key.
  LabelSelector ToSelector() const;

  friend bool operator==(const LabelSet&, const LabelSet&) = default;

 private:
  LabelConstraint Of(const std::string& key) const;
  void Set(const std::string& key, LabelConstraint constraint);

  std::map<std::string, LabelConstraint> constraints_;  // none that is any()
};

}  // namespace plimsoll::controllers
