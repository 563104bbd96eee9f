// Selected<T>: objects of one place that select others by labels, found by the labels they select: a Service is looked up
// by `app=checkout`, not by asking all Services of its namespace.
//
// Thread-safety: immutable after construction.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "plimsoll/model/selector.h"
#include "plimsoll/model/text_index.h"

namespace plimsoll {

// Hash of texts for look-ups by view.
struct TextHash {
  using is_transparent = void;
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

inline uint64_t HashOfLabel(std::string_view key, std::string_view value) {
  return TextHasher().Add(key).Add('=').Add(value).Value();
}

// T has `selector` (a LabelSelector) and `selects` (false: nothing at all).
template <class T>
class Selected {
 public:
  Selected() = default;
  explicit Selected(std::vector<std::shared_ptr<const T>> objects) : objects_(std::move(objects)) {
    std::unordered_map<uint64_t, uint32_t> uses;
    for (const auto& object : objects_) {
      for (const auto& requirement : object->selector.requirements) {
        if (IsExact(requirement)) ++uses[HashOf(requirement)];
      }
    }
    for (uint32_t i = 0; i < objects_.size(); ++i) {
      if (!objects_[i]->selects) continue;
      // By the label that fewest others ask for: all of a shop's Services ask for part-of=shop.
      const LabelSelector::Requirement* rarest = nullptr;
      for (const auto& requirement : objects_[i]->selector.requirements) {
        if (!IsExact(requirement)) continue;
        if (rarest == nullptr || uses[HashOf(requirement)] < uses[HashOf(*rarest)]) {
          rarest = &requirement;
        }
      }
      if (rarest == nullptr) {
        rest_.push_back(i);
      } else {
        by_label_.Add(HashOf(*rarest), i);
      }
    }
    by_label_.Build();
  }

  // Those whose selector these labels satisfy, each once.
  template <class Labels, class Visit>
  void ForEach(const Labels& labels, Visit visit) const {
    const auto try_one = [&](uint32_t index) {
      const T& object = *objects_[index];
      if (Selects(object.selector, labels)) visit(object);
    };
    if (!by_label_.empty()) {
      labels.ForEach([&](std::string_view key, std::string_view value) {
        for (const uint32_t index : by_label_.Find(HashOfLabel(key, value))) try_one(index);
      });
    }
    for (const uint32_t index : rest_) try_one(index);
  }

  const std::vector<std::shared_ptr<const T>>& all() const { return objects_; }

 private:
  static bool IsExact(const LabelSelector::Requirement& requirement) {
    return requirement.op == LabelSelector::Operator::kIn && requirement.values.size() == 1;
  }
  static uint64_t HashOf(const LabelSelector::Requirement& requirement) {
    return HashOfLabel(requirement.key, requirement.values.front());
  }

  std::vector<std::shared_ptr<const T>> objects_;
  TextIndex by_label_;
  std::vector<uint32_t> rest_;  // ask for no label with one value
};

}  // namespace plimsoll
