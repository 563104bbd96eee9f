// What happens when the last member of an object has been read: merge keys are resolved and equal keys are found.
//
// Among equal keys the last one written wins, as in encoding/json and in sigs.k8s.io/yaml; the others leave the document,
// so that JsonView's lookup sees each key once. Costs k log k for k members whatever the keys are: a review may carry a
// million of them, chosen to hurt.
//
// Thread-safety: one thread at a time; keeps its scratch memory.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll {

// A document made of nothing but repeated keys would carry more notes than anybody reads; each costs a search for its
// line. The first ones are kept.
inline constexpr size_t kMaxNotes = 100;
// Of these, merge keys take at most so many: however many there are, the first repeated key is still noted.
inline constexpr size_t kMaxMergeNotes = kMaxNotes / 2;

// What is said about a key that repeats another, here and about a Document::Note.
std::string DuplicateKeyMessage(std::string_view key, SourcePosition first);

class ObjectCloser {
 public:
  // `object` and all it contains must be the last nodes of `document`; its `end` is set here. With kReject, equal keys
  // are an error that stands where the second one stands.
  Status Close(Document& document, uint32_t object, DuplicateKeys duplicates);

  // Whether two keys of the object are equal, as far as their hashes say. Its `end` must be set.
  bool HasEqualKeys(const Document& document, uint32_t object);

  // The same as Close for a YAML mapping some of whose keys are merge keys (`<<`): `merge_keys` are their nodes, in order.
  // go.yaml.in/yaml/v2, which sigs.k8s.io/yaml uses, assigns members in the order in which they are written: a merge key
  // overwrites what stands before it and gives way to what stands after it; within a sequence of mappings the first wins.
  Status CloseMerging(Document& document, uint32_t object, DuplicateKeys duplicates,
                      std::span<const uint32_t> merge_keys);

 private:
  struct Key {
    uint64_t hash;
    uint32_t node;
    uint32_t order;  // of assignment
    bool merged;     // came through a merge key
  };
  struct Range {
    uint32_t begin;
    uint32_t end;
    uint32_t new_begin;
  };

  // False where two keys may be equal, or there are many.
  static bool IsPlain(const Document& document, uint32_t object);
  void Collect(const Document& document, uint32_t object);
  bool AnyEqual(const Document& document);
  Status Settle(Document& document, uint32_t object, DuplicateKeys duplicates);
  void AddMembers(const Document& document, uint32_t object, bool merged);
  Status AddMergeSource(const Document& document, uint32_t value);
  void Rebuild(Document& document, uint32_t object);

  std::vector<Key> keys_;
  std::vector<Key> winners_;
  std::vector<Range> ranges_;
  std::vector<Document::Node> nodes_;
};

}  // namespace plimsoll
