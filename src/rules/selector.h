// metav1.LabelSelector as it stands in a manifest, asked about labels as they stand in a manifest: both JsonViews.
//
// Semantics of apimachinery (metav1.LabelSelectorAsSelector): an absent selector matches nothing, an empty one everything;
// matchLabels and matchExpressions must all hold; NotIn and DoesNotExist hold where the key is missing. What the API server
// would refuse (an unknown operator, In without values, a label that is no string) matches nothing.
//
// Pure, no allocation.
#pragma once

#include <optional>
#include <string_view>

#include "plimsoll/base/json_view.h"

namespace plimsoll {

// An object of strings, and at most one label more that the object is known to have.
struct LabelSet {
  JsonView labels;
  std::string_view extra_key = {};
  std::string_view extra_value = {};

  std::optional<std::string_view> Find(std::string_view key) const;
};

bool SelectorMatches(JsonView selector, const LabelSet& labels);

}  // namespace plimsoll
