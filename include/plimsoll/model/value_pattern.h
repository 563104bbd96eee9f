// ValuePattern: what a Prometheus matcher asks of a label's value: to be equal, or to match a regular expression as a whole.
//
// Most regular expressions in alert rules are lists of names with or without an open end ("checkout|cart", "checkout-.*").
// Those are kept as what they are; the others need RE2, whose programs take kilobytes each.
//
// Semantics: Prometheus model/labels (anchored RE2). Thread-safety: immutable after construction. Asking allocates nothing.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace re2 {
class RE2;
}

namespace plimsoll {

// Longer ones list hundreds of names; who writes them by hand?
inline constexpr size_t kMaxPatternBytes = 4096;
// Of a compiled expression: Prometheus allows what it likes, but nobody may fill our memory with one rule. An expression of
// this size is two pages of text.
inline constexpr size_t kMaxPatternMemory = size_t{256} * 1024;

class ValuePattern {
 public:
  struct Piece {
    std::string text;
    bool open = false;   // anything may follow
    bool least = false;  // ... but not nothing
  };

  static ValuePattern Exactly(std::string_view value);
  // Nothing where RE2 would not take it, or beyond the limits.
  static std::optional<ValuePattern> Matching(std::string_view expression);

  bool Matches(std::string_view value) const;
  // False where it matches whatever somebody is called ("", ".*", ".+"): it says nothing about whom is spoken of.
  bool selective() const { return selective_; }

  // Where every value that matches is one of `pieces` (true), or begins with `prefix` ("": nothing is known).
  bool is_list() const { return expression_ == nullptr; }
  const std::vector<Piece>& pieces() const { return pieces_; }
  const std::string& prefix() const { return prefix_; }

 private:
  std::vector<Piece> pieces_;
  std::shared_ptr<const re2::RE2> expression_;
  std::string prefix_;
  bool selective_ = true;
};

}  // namespace plimsoll
