// BoundedTable: a map from text to values that only grows, up to a limit. Finding a known key takes no lock, so threads
// that count the same thing do not wait for each other; adding one does.
//
// Thread-safety: FindOrAdd and size from any thread. Values have stable addresses.
#pragma once

#include <atomic>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll {

template <class Value>
class BoundedTable {
 public:
  explicit BoundedTable(size_t max_entries)
      : max_entries_(max_entries), slots_(PowerOfTwoAbove(2 * max_entries)) {}

  // The key's value. For a new key `make()` gives it, called once, under the lock. Null where the table is full.
  template <class Make>
  Value* FindOrAdd(std::string_view key, Make make) {
    const size_t hash = std::hash<std::string_view>()(key);
    if (Value* found = Find(key, hash)) return found;
    if (size_.load(std::memory_order_relaxed) >= max_entries_) return nullptr;
    const std::lock_guard lock(mutex_);
    if (Value* found = Find(key, hash)) return found;  // another thread was faster
    if (nodes_.size() >= max_entries_) return nullptr;
    Node& node = nodes_.emplace_back(std::string(key), hash, make());
    size_.store(nodes_.size(), std::memory_order_relaxed);
    size_t slot = hash & (slots_.size() - 1);
    while (slots_[slot].load(std::memory_order_relaxed) != nullptr) {
      slot = (slot + 1) & (slots_.size() - 1);
    }
    slots_[slot].store(&node, std::memory_order_release);
    return &node.value;
  }

  size_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  struct Node {
    Node(std::string k, size_t h, Value v) : key(std::move(k)), hash(h), value(std::move(v)) {}
    std::string key;
    size_t hash;
    Value value;
  };

  static size_t PowerOfTwoAbove(size_t n) {
    size_t size = 1;
    while (size <= n) size *= 2;
    return size;
  }

  // At most half of the slots are used, so every probe ends.
  Value* Find(std::string_view key, size_t hash) {
    for (size_t slot = hash & (slots_.size() - 1);; slot = (slot + 1) & (slots_.size() - 1)) {
      Node* node = slots_[slot].load(std::memory_order_acquire);
      if (node == nullptr) return nullptr;
      if (node->hash == hash && node->key == key) return &node->value;
    }
  }

  const size_t max_entries_;
  std::mutex mutex_;  // guards nodes_ and writing to slots_
  std::deque<Node> nodes_;
  std::vector<std::atomic<Node*>> slots_;
  std::atomic<size_t> size_{0};
};

}  // namespace plimsoll
