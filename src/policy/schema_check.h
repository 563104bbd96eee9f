// Checks a document against a table of fields (policy/policy_schema.h) and collects every problem, so that the readers
// that come after meet only values of the right type and ask `Clean` about the rest.
//
// Thread-safety: one thread. Ownership: views into the document, which must outlive it.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "policy/policy_schema.h"

namespace plimsoll {

// "spec.rules[2]" and so on; keys that are no plain words stand in brackets: "matchLabels[plimsoll.dev/tier]".
std::string ChildPath(std::string_view parent, std::string_view key);
std::string ElementPath(std::string_view parent, size_t index);

// `"word"` as one short line, for messages.
std::string Quoted(std::string_view word);
// "a, b or c".
std::string OneOf(std::span<const std::string_view> words);
// `; did you mean "x"?`, or "" where nothing is near.
std::string DidYouMean(std::string_view word, std::span<const std::string_view> candidates);

class Problems {
 public:
  // A problem with the value, which is from then on not clean, nor is anything that contains it.
  void Add(JsonView value, std::string path, std::string message);
  // A problem with the member's key.
  void AddToKey(const JsonMember& member, std::string path, std::string message);
  // Problems that somebody else found in the value.
  void AddAll(JsonView value, std::vector<Diagnostic> found);

  // What the problem added last is about, for those who want one word.
  void MarkUnknownRule() { unknown_rules_ = true; }
  void MarkUnknownField() { unknown_fields_ = true; }
  bool unknown_rules() const { return unknown_rules_; }
  bool unknown_fields() const { return unknown_fields_; }

  // True if nothing is wrong with the value or anything in it.
  bool Clean(JsonView value) const;
  // kMaxPolicyProblems reached: looking further costs time and helps nobody.
  bool full() const { return problems_.size() >= kMaxPolicyProblems; }
  // Sorted by where they stand.
  std::vector<Diagnostic> Take();

 private:
  void Store(uint32_t node, Diagnostic problem);

  std::vector<uint32_t> bad_nodes_;
  std::vector<Diagnostic> problems_;
  bool unknown_rules_ = false;
  bool unknown_fields_ = false;
};

// Names, types, required fields, lengths, enums and formats of `value` and everything in it.
void CheckSchema(JsonView value, const FieldSpec& spec, const std::string& path,
                 Problems& problems);

}  // namespace plimsoll
