// Label selectors as they are kept and asked: read once from an object, then held against labels many times.
//
// Semantics of apimachinery (metav1.LabelSelectorAsSelector): an empty selector matches everything, matchLabels and
// matchExpressions must all hold, NotIn and DoesNotExist hold where the key is missing. What the API server would refuse
// cannot be read. Whether an absent selector matches nothing or everything is its owner's affair.
//
// Thread-safety: value types and pure functions. Asking allocates nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/model/readiness_policy.h"

namespace plimsoll {

// Nothing where it is no object, or has what the API server would refuse: an unknown operator, In without values, a value
// that is no string.
std::optional<LabelSelector> ReadLabelSelector(JsonView selector);
// A plain map of labels, as Services and ReplicationControllers have it.
std::optional<LabelSelector> ReadLabelMap(JsonView labels);

// ---- labels that a selector is held against ----

// As they stand in a document.
struct DocumentLabels {
  JsonView labels;

  std::optional<std::string_view> Find(std::string_view key) const {
    return labels[key].AsString();
  }
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const JsonMember member : labels.members()) {
      if (member.value.is_string()) visit(member.key, member.value.text());
    }
  }
};

// As they are kept.
using LabelPairs = std::vector<std::pair<std::string, std::string>>;

struct KeptLabels {
  const LabelPairs& labels;

  std::optional<std::string_view> Find(std::string_view key) const {
    for (const auto& [name, value] : labels) {
      if (name == key) return value;
    }
    return std::nullopt;
  }
  template <class Visit>
  void ForEach(Visit visit) const {
    for (const auto& [key, value] : labels) visit(std::string_view(key), std::string_view(value));
  }
};

template <class Labels>
bool Holds(const LabelSelector::Requirement& requirement, const Labels& labels) {
  const std::optional<std::string_view> value = labels.Find(requirement.key);
  const auto listed = [&] {
    return value && std::find(requirement.values.begin(), requirement.values.end(), *value) !=
                        requirement.values.end();
  };
  switch (requirement.op) {
    case LabelSelector::Operator::kIn:
      return listed();
    case LabelSelector::Operator::kNotIn:
      return !listed();
    case LabelSelector::Operator::kExists:
      return value.has_value();
    case LabelSelector::Operator::kDoesNotExist:
      return !value.has_value();
  }
  return false;
}

template <class Labels>
bool Selects(const LabelSelector& selector, const Labels& labels) {
  return std::all_of(
      selector.requirements.begin(), selector.requirements.end(),
      [&](const LabelSelector::Requirement& requirement) { return Holds(requirement, labels); });
}

// "app=checkout, tier in (a, b), !canary", for messages; "everything" where it asks for nothing.
std::string DescribeSelector(const LabelSelector& selector);

}  // namespace plimsoll
