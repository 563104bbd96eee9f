#include "codec/object_closer.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// Up to here comparing every pair is cheaper than hashing and sorting; most objects in Kubernetes have fewer members.
constexpr size_t kPairwiseKeys = 16;
constexpr size_t kShownKeyBytes = 80;  // of a key in a message

std::string_view KeyText(const Document& document, uint32_t node) {
  const Document::Node& key = document.nodes()[node];
  return {key.text, key.length};
}

// Enough of a key to tell nearly all pairs of different ones apart without looking at their text.
uint64_t Signature(const Document::Node& key) {
  if (key.length == 0) return 0;
  const auto byte = [&key](uint32_t at) {
    return static_cast<uint64_t>(static_cast<unsigned char>(key.text[at]));
  };
  return key.length | byte(0) << 32 | byte(key.length / 2) << 40 | byte(key.length - 1) << 48;
}

bool SameText(const Document::Node& a, const Document::Node& b) {
  return a.length == b.length && std::memcmp(a.text, b.text, a.length) == 0;
}

}  // namespace

std::string DuplicateKeyMessage(std::string_view key, SourcePosition first) {
  return "duplicate key \"" + SanitizeLine(key, kShownKeyBytes) + "\": first at line " +
         std::to_string(first.line) + ", column " + std::to_string(first.column) +
         "; write each key once";
}

void ObjectCloser::Collect(const Document& document, uint32_t object) {
  keys_.clear();
  AddMembers(document, object, false);
}

void ObjectCloser::AddMembers(const Document& document, uint32_t object, bool merged) {
  const Document::Nodes& nodes = document.nodes();
  const uint32_t end = nodes[object].end;
  for (uint32_t key = object + 1; key < end; key = nodes[key + 1].end) {
    keys_.push_back({0, key, static_cast<uint32_t>(keys_.size()), merged});
  }
}

bool ObjectCloser::AnyEqual(const Document& document) {
  const Document::Nodes& nodes = document.nodes();
  if (keys_.size() <= kPairwiseKeys) {
    for (size_t i = 1; i < keys_.size(); ++i) {
      for (size_t j = 0; j < i; ++j) {
        if (SameText(nodes[keys_[i].node], nodes[keys_[j].node])) return true;
      }
    }
    return false;
  }
  for (Key& key : keys_) key.hash = std::hash<std::string_view>()(KeyText(document, key.node));
  std::sort(keys_.begin(), keys_.end(), [](const Key& a, const Key& b) { return a.hash < b.hash; });
  // Equal hashes need not be equal keys; Settle compares the text.
  return std::adjacent_find(keys_.begin(), keys_.end(), [](const Key& a, const Key& b) {
           return a.hash == b.hash;
         }) != keys_.end();
}

// The usual object, on the path of every review: few keys, all different, nothing to remember.
bool ObjectCloser::IsPlain(const Document& document, uint32_t object) {
  const Document::Node* const nodes = document.nodes().data();
  std::array<uint64_t, kPairwiseKeys> signatures;
  size_t count = 0;
  for (uint32_t key = object + 1; key < nodes[object].end; key = nodes[key + 1].end) {
    if (count == signatures.size()) return false;
    const uint64_t signature = Signature(nodes[key]);
    for (size_t i = 0; i < count; ++i) {
      if (signatures[i] == signature) return false;
    }
    signatures[count++] = signature;
  }
  return true;
}

Status ObjectCloser::Close(Document& document, uint32_t object, DuplicateKeys duplicates) {
  document.nodes()[object].end = static_cast<uint32_t>(document.nodes().size());
  if (IsPlain(document, object)) return {};
  if (!HasEqualKeys(document, object)) return {};
  return Settle(document, object, duplicates);
}

bool ObjectCloser::HasEqualKeys(const Document& document, uint32_t object) {
  Collect(document, object);
  return AnyEqual(document);
}

// Finds the winner of each key, reports the others, and rebuilds the object of the winners.
Status ObjectCloser::Settle(Document& document, uint32_t object, DuplicateKeys duplicates) {
  std::sort(keys_.begin(), keys_.end(), [&document](const Key& a, const Key& b) {
    const int difference = KeyText(document, a.node).compare(KeyText(document, b.node));
    return difference != 0 ? difference < 0 : a.order < b.order;
  });
  winners_.clear();
  std::optional<Key> earliest;  // the first key of the text that repeats another
  uint32_t earliest_first = 0;
  for (size_t first = 0; first < keys_.size();) {
    const std::string_view text = KeyText(document, keys_[first].node);
    size_t end = first + 1;
    while (end < keys_.size() && KeyText(document, keys_[end].node) == text) ++end;
    const Key& winner = keys_[end - 1];
    winners_.push_back(winner);
    std::optional<uint32_t> first_written;
    for (; first < end; ++first) {
      const Key& key = keys_[first];
      if (key.merged) continue;
      if (!first_written) {
        first_written = key.node;
      } else if (duplicates == DuplicateKeys::kReject) {
        if (earliest && earliest->node < key.node) continue;
        earliest = key;
        earliest_first = *first_written;
      } else if (document.notes().size() < kMaxNotes) {
        document.notes().push_back({Document::Note::Kind::kDuplicateKey, winner.node + 1,
                                    std::string(text), document.PositionOf(key.node),
                                    document.PositionOf(*first_written)});
      }
    }
  }
  if (earliest) {
    return Fail(
        ErrorCode::kInvalidArgument,
        DuplicateKeyMessage(KeyText(document, earliest->node), document.PositionOf(earliest_first)),
        document.PositionOf(earliest->node));
  }
  Rebuild(document, object);
  return {};
}

Status ObjectCloser::CloseMerging(Document& document, uint32_t object, DuplicateKeys duplicates,
                                  std::span<const uint32_t> merge_keys) {
  document.nodes()[object].end = static_cast<uint32_t>(document.nodes().size());
  keys_.clear();
  const Document::Nodes& nodes = document.nodes();
  size_t next_merge = 0;
  for (uint32_t key = object + 1; key < nodes[object].end; key = nodes[key + 1].end) {
    if (next_merge < merge_keys.size() && merge_keys[next_merge] == key) {
      ++next_merge;
      if (Status status = AddMergeSource(document, key + 1); !status) return status;
    } else {
      keys_.push_back({0, key, static_cast<uint32_t>(keys_.size()), false});
    }
  }
  const SourcePosition position = document.PositionOf(merge_keys.front());
  if (Status status = Settle(document, object, duplicates); !status) return status;
  if (document.notes().size() < kMaxMergeNotes) {
    document.notes().push_back(
        {Document::Note::Kind::kMergeKey, object, "<<", position, SourcePosition()});
  }
  return {};
}

Status ObjectCloser::AddMergeSource(const Document& document, uint32_t value) {
  const Document::Nodes& nodes = document.nodes();
  const auto is_object = [&nodes](uint32_t node) {
    return nodes[node].kind == static_cast<uint32_t>(JsonKind::kObject);
  };
  const auto wrong = [&document](uint32_t node) {
    return Fail(ErrorCode::kInvalidArgument,
                "a merge key (<<) takes a mapping or a sequence of mappings, not a " +
                    std::string(JsonKindName(JsonView(&document, node).kind())),
                document.PositionOf(node));
  };
  if (is_object(value)) {
    AddMembers(document, value, true);
    return {};
  }
  if (nodes[value].kind != static_cast<uint32_t>(JsonKind::kArray)) return wrong(value);
  std::vector<uint32_t> sources;
  for (uint32_t element = value + 1; element < nodes[value].end; element = nodes[element].end) {
    if (!is_object(element)) return wrong(element);
    sources.push_back(element);
  }
  for (size_t i = sources.size(); i-- > 0;) AddMembers(document, sources[i], true);
  return {};
}

void ObjectCloser::Rebuild(Document& document, uint32_t object) {
  Document::Nodes& nodes = document.nodes();
  std::sort(winners_.begin(), winners_.end(),
            [](const Key& a, const Key& b) { return a.order < b.order; });
  nodes_.clear();
  ranges_.clear();
  for (const Key& winner : winners_) {
    const uint32_t begin = winner.node;
    const uint32_t end = nodes[begin + 1].end;
    const auto new_begin = object + 1 + static_cast<uint32_t>(nodes_.size());
    ranges_.push_back({begin, end, new_begin});
    for (uint32_t i = begin; i < end; ++i) {
      nodes_.push_back(nodes[i]);
      nodes_.back().end = nodes[i].end - begin + new_begin;
    }
  }
  nodes.resize(object + 1);
  nodes.insert(nodes.end(), nodes_.begin(), nodes_.end());
  nodes[object].end = static_cast<uint32_t>(nodes.size());

  // Notes about values that moved follow them; notes about values that are gone go too.
  std::sort(ranges_.begin(), ranges_.end(),
            [](const Range& a, const Range& b) { return a.begin < b.begin; });
  std::erase_if(document.notes(), [this, object](Document::Note& note) {
    if (note.node <= object) return false;
    auto range = std::upper_bound(ranges_.begin(), ranges_.end(), note.node,
                                  [](uint32_t node, const Range& r) { return node < r.begin; });
    if (range == ranges_.begin()) return true;
    --range;
    if (note.node >= range->end) return true;
    note.node = note.node - range->begin + range->new_begin;
    return false;
  });
}

}  // namespace plimsoll
