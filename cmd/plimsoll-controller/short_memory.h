// ShortMemory: answers that may be used for a while, by the text of their question. Bounded in number and in bytes: the
// answer that has been kept longest goes first.
//
// Thread-safety: one thread at a time. Ownership: keys and values are its own.
#pragma once

#include <chrono>
#include <cstddef>
#include <iterator>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace plimsoll::controller {

template <class Value>
class ShortMemory {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // `max_bytes`: of all keys together.
  ShortMemory(size_t max_entries, size_t max_bytes)
      : max_entries_(max_entries), max_bytes_(max_bytes) {}

  // Null where it is not known, or no longer good at `now`. Valid until the next call of Keep.
  const Value* Find(std::string_view key, Time now) const {
    const auto found = places_.find(key);
    if (found == places_.end() || found->second->until <= now) return nullptr;
    return &found->second->value;
  }

  void Keep(std::string key, Value value, Time until) {
    if (const auto known = places_.find(key); known != places_.end()) Drop(known->second);
    if (key.size() > max_bytes_) return;
    while (!entries_.empty() &&
           (entries_.size() >= max_entries_ || bytes_ + key.size() > max_bytes_)) {
      Drop(entries_.begin());
    }
    bytes_ += key.size();
    entries_.push_back({std::move(key), std::move(value), until});
    places_.emplace(entries_.back().key, std::prev(entries_.end()));
  }

  size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    std::string key;
    Value value;
    Time until;
  };
  using Place = typename std::list<Entry>::iterator;

  void Drop(Place place) {
    bytes_ -= place->key.size();
    places_.erase(place->key);
    entries_.erase(place);
  }

  size_t max_entries_;
  size_t max_bytes_;
  size_t bytes_ = 0;
  std::list<Entry> entries_;                            // oldest first
  std::unordered_map<std::string_view, Place> places_;  // the keys are those of entries_
};

}  // namespace plimsoll::controller
