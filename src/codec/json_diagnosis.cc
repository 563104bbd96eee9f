#include "codec/json_diagnosis.h"

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include "codec/json_text.h"
#include "codec/source.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll {
namespace {

constexpr size_t kShownTextBytes = 24;  // of the text in a message

bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsStructural(char c) {
  return c == '{' || c == '}' || c == '[' || c == ']' || c == ',' || c == ':' || c == '"';
}

class Diagnosis {
 public:
  explicit Diagnosis(std::string_view text) : source_(text), end_(text.size()) {}

  std::optional<Error> Run() {
    if (Value()) {
      SkipSpace();
      if (at_ < end_) Stop(at_, "expected nothing after the JSON value, got " + Got());
    }
    return std::move(error_);
  }

 private:
  struct Open {
    size_t at;
    bool object;
  };

  // Each reads one thing and returns false after a fault.
  bool Value();
  bool Start(std::array<Open, kMaxDepth>& open, size_t& depth, bool& complete);
  bool AfterValue(std::array<Open, kMaxDepth>& open, size_t& depth);
  bool MemberName(const Open& object, bool after_comma);
  bool String();
  bool Escape();
  bool Scalar();

  void SkipSpace() {
    while (at_ < end_ && IsSpace(source_[at_])) ++at_;
  }
  char Peek() const { return at_ < end_ ? source_[at_] : '\0'; }
  bool Stop(size_t at, std::string message, ErrorCode code = ErrorCode::kInvalidArgument) {
    error_ = Error{code, std::move(message), PositionAt(source_, at)};
    return false;
  }
  std::string Where(size_t at) const {
    const SourcePosition position = PositionAt(source_, at);
    return "line " + std::to_string(position.line) + ", column " + std::to_string(position.column);
  }
  // What stands here, for a message.
  std::string Got() const {
    if (at_ >= end_) return "the end of the text";
    return DescribeByte(source_.substr(at_, end_ - at_));
  }
  // The run of characters here that could be meant as one scalar.
  std::string_view Word() const {
    size_t stop = at_;
    while (stop < end_ && !IsSpace(source_[stop]) && !IsStructural(source_[stop])) ++stop;
    return source_.substr(at_, stop - at_);
  }

  const std::string_view source_;
  const size_t end_;
  size_t at_ = 0;
  std::optional<Error> error_;
};

// One value with all it contains, without recursion.
bool Diagnosis::Value() {
  std::array<Open, kMaxDepth> open{};
  size_t depth = 0;
  do {
    bool complete = false;
    if (!Start(open, depth, complete)) return false;
    if (complete && !AfterValue(open, depth)) return false;
  } while (depth > 0);
  return true;
}

// The start of a value: all of a scalar, the opening of anything else.
bool Diagnosis::Start(std::array<Open, kMaxDepth>& open, size_t& depth, bool& complete) {
  SkipSpace();
  if (at_ == end_) {
    if (depth == 0) return Stop(at_, "the text is empty: expected a JSON value");
    const Open& parent = open[depth - 1];
    return Stop(at_, std::string("the text ends inside the ") +
                         (parent.object ? "object" : "array") + " that begins at " +
                         Where(parent.at) + ": expected a value");
  }
  const char c = source_[at_];
  if (c != '{' && c != '[') {
    complete = true;
    return c == '"' ? String() : Scalar();
  }
  if (depth == kMaxDepth) {
    return Stop(at_, "nested deeper than " + std::to_string(kMaxDepth) + " levels",
                ErrorCode::kLimitExceeded);
  }
  open[depth++] = {at_++, c == '{'};
  SkipSpace();
  if (Peek() == (c == '{' ? '}' : ']') && at_ < end_) {
    ++at_;
    --depth;
    complete = true;
    return true;
  }
  return c == '[' || MemberName(open[depth - 1], false);
}

// Commas and closing brackets, up to the start of the next value or the end of the outermost one.
bool Diagnosis::AfterValue(std::array<Open, kMaxDepth>& open, size_t& depth) {
  while (depth > 0) {
    SkipSpace();
    const Open& parent = open[depth - 1];
    const char close = parent.object ? '}' : ']';
    const std::string kind = parent.object ? "object" : "array";
    if (at_ == end_) {
      return Stop(at_, "the text ends inside the " + kind + " that begins at " + Where(parent.at) +
                           ": expected ',' or '" + close + "'");
    }
    if (source_[at_] == close) {
      ++at_;
      --depth;
      continue;
    }
    if (source_[at_] != ',') {
      return Stop(at_, "expected ',' or '" + std::string(1, close) + "' in the " + kind +
                           " that begins at " + Where(parent.at) + ", got " + Got());
    }
    ++at_;
    SkipSpace();
    if (at_ < end_ && (source_[at_] == ']' || source_[at_] == '}')) {
      return Stop(at_, std::string("expected ") + (parent.object ? "a member" : "a value") +
                           " after ',', got " + Got() + ": JSON takes no trailing comma");
    }
    return !parent.object || MemberName(parent, true);
  }
  return true;
}

bool Diagnosis::MemberName(const Open& object, bool after_comma) {
  if (at_ == end_) {
    return Stop(at_, "the text ends inside the object that begins at " + Where(object.at) +
                         ": expected a member name");
  }
  if (source_[at_] != '"') {
    return Stop(at_, std::string("expected a member name in double quotes") +
                         (after_comma ? "" : " or '}'") + ", got " + Got());
  }
  if (!String()) return false;
  SkipSpace();
  if (at_ == end_ || source_[at_] != ':') {
    return Stop(at_, "expected ':' after the member name, got " + Got());
  }
  ++at_;
  return true;
}

bool Diagnosis::String() {
  const size_t start = at_++;
  while (at_ < end_) {
    const auto c = static_cast<unsigned char>(source_[at_]);
    if (c == '"') {
      ++at_;
      return true;
    }
    if (c == '\\') {
      if (!Escape()) return false;
    } else if (c < 0x20) {
      return Stop(at_, "expected a string without control characters, got " + Got() +
                           ": write it as an escape");
    } else if (c < 0x80) {
      ++at_;
    } else {
      const size_t length = Utf8Length(source_.substr(at_, end_ - at_));
      if (length == 0) return Stop(at_, "expected valid UTF-8, got " + Got());
      at_ += length;
    }
  }
  return Stop(at_,
              "the text ends inside the string that begins at " + Where(start) + ": expected '\"'");
}

bool Diagnosis::Escape() {
  const size_t start = at_;
  const std::string_view rest = source_.substr(at_, end_ - at_);
  if (rest.size() < 2) {
    return Stop(end_, "the text ends inside an escape: expected '\"'");
  }
  if (rest[1] != 'u') {
    if (std::string_view("\"\\/bfnrt").find(rest[1]) == std::string_view::npos) {
      return Stop(start,
                  "unknown escape in a string: expected one of \\\" \\\\ \\/ \\b \\f \\n \\r "
                  "\\t \\uXXXX, got a backslash and " +
                      DescribeByte(rest.substr(1)));
    }
    at_ += 2;
    return true;
  }
  const int unit = HexQuad(rest.substr(2));
  if (unit < 0) return Stop(start, "expected four hexadecimal digits after \\u");
  at_ += 6;
  if (unit < 0xD800 || unit > 0xDFFF) return true;
  const std::string_view next = source_.substr(at_, end_ - at_);
  const int low = next.starts_with("\\u") ? HexQuad(next.substr(2)) : -1;
  if (unit > 0xDBFF || low < 0xDC00 || low > 0xDFFF) {
    return Stop(start, "lone surrogate " + std::string(rest.substr(0, 6)) +
                           ": expected a pair such as \\ud83d\\ude00");
  }
  at_ += 6;
  return true;
}

bool Diagnosis::Scalar() {
  const std::string_view word = Word();
  if (word == "true" || word == "false" || word == "null" || IsJsonNumber(word)) {
    at_ += word.size();
    return true;
  }
  if (at_ == 0 && word.starts_with(kByteOrderMark)) {
    return Stop(at_,
                "the text begins with a byte order mark (EF BB BF): JSON takes plain UTF-8 "
                "without one");
  }
  if (word.empty()) return Stop(at_, "expected a value, got " + Got());
  const std::string shown = "`" + SanitizeLine(word, kShownTextBytes) + "`";
  if (IsDigit(word[0]) || word[0] == '-' || word[0] == '+' || word[0] == '.') {
    return Stop(at_, "expected a number such as 12, -0.5 or 1e3, got " + shown);
  }
  std::string hint;
  if (word[0] == '\'') hint = ": strings take double quotes";
  if (word.starts_with("//") || word.starts_with("/*") || word[0] == '#') {
    hint = ": JSON has no comments";
  }
  const std::string lower = ToLowerAscii(word);
  if (lower == "nan" || lower == "inf" || lower == "infinity") {
    hint = ": JSON has no such number";
  } else if (lower == "true" || lower == "false" || lower == "null") {
    hint = ": write it in lower case";
  }
  return Stop(at_, "expected a value, got " + shown + hint);
}

}  // namespace

std::optional<Error> DiagnoseJson(std::string_view text) { return Diagnosis(text).Run(); }

}  // namespace plimsoll
