// The tokens of PromQL (prometheus promql/parser/lex.go), as far as telling selectors apart needs them.
//
// Thread-safety: one thread. Ownership: tokens view into the expression. Linear; allocates nothing.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll {

struct PromqlToken {
  enum class Kind : uint8_t {
    kEnd,
    kName,      // a metric, label, function or keyword; may have ":" in it
    kNumber,    // a number or duration
    kString,    // with its quotes
    kOperator,  // one of the binary operators but those that are words, or "=" and "=~" of matchers
    kMark,      // one of ( ) { } [ ] , @
    kBad,
  };
  Kind kind = Kind::kEnd;
  std::string_view text;

  bool Is(std::string_view wanted) const {
    return (kind == Kind::kMark || kind == Kind::kOperator) && text == wanted;
  }
};

class PromqlLexer {
 public:
  explicit PromqlLexer(std::string_view text) : rest_(text) {}
  PromqlToken Next();

 private:
  void SkipSpaceAndComments();
  PromqlToken Take(PromqlToken::Kind kind, size_t length);
  PromqlToken TakeString();
  PromqlToken TakeOperator();

  std::string_view rest_;
};

// What a quoted string stands for: Go's escapes in "" and '', none in ``. False where it is not well formed.
bool UnquotePromql(std::string_view quoted, std::string& out);

// Without regard to case, as keywords are written.
bool IsPromqlWord(std::string_view text, std::string_view lower_case);

}  // namespace plimsoll
