#include "codec/yaml_quotes.h"

#include <algorithm>

namespace plimsoll {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

// Where the quoted value that begins at `begin` ends, its closing quote included; npos where it does not.
size_t EndOfQuoted(std::string_view text, size_t begin) {
  const char quote = text[begin];
  for (size_t at = begin + 1; at < text.size(); ++at) {
    if (text[at] == '\\' && quote == '"') {
      ++at;
    } else if (text[at] == quote) {
      if (quote == '"' || at + 1 == text.size() || text[at + 1] != quote) return at + 1;
      ++at;  // '' stands for one
    }
  }
  return std::string_view::npos;
}

size_t IndentationAt(std::string_view text, size_t line) {
  const size_t content = std::min(text.find_first_not_of(' ', line), text.size());
  return content - line;
}

// How far the key or the dash is indented that a block scalar belongs to: in `- a: |` the key, in `- |` the dash.
size_t ParentIndentation(std::string_view text, size_t line, size_t header) {
  size_t parent = line + IndentationAt(text, line);
  while (text.substr(parent).starts_with("- ")) {
    const size_t next = std::min(text.find_first_not_of(' ', parent + 1), text.size());
    if (next >= header) break;
    parent = next;
  }
  return parent - line;
}

// Past the lines of a block scalar whose header (`|` or `>`) stands in the line that begins at `line`.
size_t EndOfBlock(std::string_view text, size_t line, size_t header) {
  const size_t indentation = ParentIndentation(text, line, header);
  size_t at = text.find('\n', header);
  while (at != std::string_view::npos) {
    const size_t next = at + 1;
    const size_t end = std::min(text.find('\n', next), text.size());
    const size_t content = next + IndentationAt(text, next);
    if (content < end && content - next <= indentation) return next;
    at = text.find('\n', next);
  }
  return text.size();
}

// What the scan knows about the place it has reached.
class Scan {
 public:
  Scan(std::string_view text, size_t limit) : text_(text), limit_(std::min(limit, text.size())) {}

  std::optional<QuotedValue> Last() {
    while (at_ < limit_ && !(last_ && last_->end == std::string_view::npos)) Step();
    return last_;
  }

 private:
  bool InFlow() const { return depth_ > 0; }

  // True for a character that ends a word, so that a value may begin after it.
  bool EndsWord(size_t at) const {
    if (at >= text_.size() || text_[at] == '\n' || IsBlank(text_[at])) return true;
    return InFlow() && std::string_view(",[]{}:").find(text_[at]) != std::string_view::npos;
  }

  void Step() {
    const char c = text_[at_];
    const bool may_begin = at_word_ && !in_plain_;
    if (at_word_ && c == '#') {
      at_ = std::min(text_.find('\n', at_), text_.size());
    } else if (may_begin && (c == '"' || c == '\'')) {
      TakeQuoted();
    } else if (may_begin && (c == '|' || c == '>') && !InFlow()) {
      at_ = line_ = EndOfBlock(text_, line_, at_);
    } else if (may_begin && (c == '&' || c == '!')) {
      while (!EndsWord(at_)) ++at_;  // an anchor or a tag: the value comes after it
    } else {
      TakeOne(c);
    }
  }

  void TakeQuoted() {
    last_ = QuotedValue{at_, EndOfQuoted(text_, at_)};
    at_ = std::min(last_->end, text_.size());
    line_ = text_.rfind('\n', at_ - 1) + 1;
    at_word_ = false;
  }

  void TakeOne(char c) {
    const bool next_ends = EndsWord(at_ + 1);
    if (c == '\n') {
      line_ = at_ + 1;
      in_plain_ = false;
    } else if (!in_plain_ && (c == '[' || c == '{')) {
      ++depth_;
    } else if (InFlow() && (c == ']' || c == '}')) {
      --depth_;
      in_plain_ = false;
    } else if ((InFlow() && c == ',') || (c == ':' && next_ends)) {
      in_plain_ = false;
    } else if (!IsBlank(c)) {
      const bool indicator = at_word_ && (c == '-' || c == '?') && next_ends;
      in_plain_ = in_plain_ || !indicator;
    }
    at_word_ = EndsWord(at_);
    ++at_;
  }

  const std::string_view text_;
  const size_t limit_;
  size_t at_ = 0;
  size_t line_ = 0;        // where the current line begins
  size_t depth_ = 0;       // of flow collections
  bool at_word_ = true;    // a value or a comment may begin here
  bool in_plain_ = false;  // within a plain value, in which quotes mean nothing
  std::optional<QuotedValue> last_;
};

}  // namespace

std::optional<QuotedValue> LastQuotedValue(std::string_view text, size_t limit) {
  return Scan(text, limit).Last();
}

}  // namespace plimsoll
