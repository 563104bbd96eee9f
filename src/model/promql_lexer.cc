#include "model/promql_lexer.h"

#include <algorithm>
#include <array>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

using Kind = PromqlToken::Kind;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool IsNamePart(char c) { return IsLetter(c) || IsDigit(c) || c == ':'; }
bool IsSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// Numbers and durations begin with a digit (or "." and one) and go on with letters: "0x1f", "1e3", "5m", "1h30m", "1_000".
bool BeginsNumber(std::string_view text) {
  return IsDigit(text[0]) || (text[0] == '.' && text.size() > 1 && IsDigit(text[1]));
}

size_t NumberLength(std::string_view text) {
  size_t length = 1;
  for (; length < text.size(); ++length) {
    const char c = text[length];
    const bool exponent_sign = (c == '+' || c == '-') &&
                               (text[length - 1] == 'e' || text[length - 1] == 'E') &&
                               !text.starts_with("0x") && !text.starts_with("0X");
    if (!IsDigit(c) && !IsLetter(c) && c != '.' && !exponent_sign) break;
  }
  return length;
}

int HexDigit(char c) {
  if (IsDigit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void AppendUtf8(uint32_t code, std::string& out) {
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xC0 | (code >> 6));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    out += static_cast<char>(0xE0 | (code >> 12));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (code >> 18));
    out += static_cast<char>(0x80 | ((code >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((code >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (code & 0x3F));
  }
}

// The digits behind \x, \u and \U, or three octal ones; `text` begins with the first.
bool TakeCode(std::string_view& text, size_t digits, int base, uint32_t& code) {
  if (text.size() < digits) return false;
  code = 0;
  for (size_t i = 0; i < digits; ++i) {
    const int digit = HexDigit(text[i]);
    if (digit < 0 || digit >= base) return false;
    code = code * static_cast<uint32_t>(base) + static_cast<uint32_t>(digit);
  }
  text.remove_prefix(digits);
  return true;
}

// `text` begins behind the backslash.
bool TakeEscape(std::string_view& text, char quote, std::string& out) {
  if (text.empty()) return false;
  const char c = text.front();
  constexpr std::string_view kNames = "abfnrtv\\";
  constexpr std::string_view kMeanings = "\a\b\f\n\r\t\v\\";
  uint32_t code = 0;
  if (IsDigit(c)) {
    if (!TakeCode(text, 3, 8, code) || code > 0xFF) return false;
    out += static_cast<char>(code);
    return true;
  }
  text.remove_prefix(1);
  if (c == quote) {
    out += c;
  } else if (const size_t known = kNames.find(c); known != std::string_view::npos) {
    out += kMeanings[known];
  } else if (c == 'x') {
    if (!TakeCode(text, 2, 16, code)) return false;
    out += static_cast<char>(code);
  } else if (c == 'u' || c == 'U') {
    if (!TakeCode(text, c == 'u' ? 4 : 8, 16, code) || code > 0x10FFFF) return false;
    AppendUtf8(code, out);
  } else {
    return false;
  }
  return true;
}

}  // namespace

void PromqlLexer::SkipSpaceAndComments() {
  while (!rest_.empty()) {
    if (IsSpace(rest_.front())) {
      rest_.remove_prefix(1);
    } else if (rest_.front() == '#') {
      rest_.remove_prefix(std::min(rest_.size(), rest_.find('\n')));
    } else {
      return;
    }
  }
}

PromqlToken PromqlLexer::Take(Kind kind, size_t length) {
  const PromqlToken token{kind, rest_.substr(0, length)};
  rest_.remove_prefix(length);
  return token;
}

PromqlToken PromqlLexer::TakeString() {
  const char quote = rest_.front();
  size_t end = 1;
  while (end < rest_.size() && rest_[end] != quote) {
    end += rest_[end] == '\\' && quote != '`' ? 2 : 1;
  }
  if (end >= rest_.size()) return Take(Kind::kBad, rest_.size());
  return Take(Kind::kString, end + 1);
}

PromqlToken PromqlLexer::TakeOperator() {
  constexpr std::array<std::string_view, 16> kOperators = {
      "==", "!=", "=~", "!~", "<=", ">=", "<", ">", "+", "-", "*", "/", "%", "^", "=", ":"};
  for (const std::string_view op : kOperators) {
    if (rest_.starts_with(op)) return Take(Kind::kOperator, op.size());
  }
  if (std::string_view("(){}[],@").find(rest_.front()) != std::string_view::npos) {
    return Take(Kind::kMark, 1);
  }
  return Take(Kind::kBad, rest_.size());
}

PromqlToken PromqlLexer::Next() {
  SkipSpaceAndComments();
  if (rest_.empty()) return {};
  const char c = rest_.front();
  if (c == '"' || c == '\'' || c == '`') return TakeString();
  if (BeginsNumber(rest_)) return Take(Kind::kNumber, NumberLength(rest_));
  // "a:b:c" is a name; ":" inside [5m:1m] stands before a number or "]".
  const bool colon = c == ':' && rest_.size() > 1 && IsLetter(rest_[1]);
  if (IsLetter(c) || colon) {
    size_t length = 1;
    while (length < rest_.size() && IsNamePart(rest_[length])) ++length;
    return Take(Kind::kName, length);
  }
  return TakeOperator();
}

bool UnquotePromql(std::string_view quoted, std::string& out) {
  out.clear();
  if (quoted.size() < 2) return false;
  const char quote = quoted.front();
  std::string_view text = quoted.substr(1, quoted.size() - 2);
  if (quote == '`') {
    out = text;
    return true;
  }
  while (!text.empty()) {
    const char c = text.front();
    text.remove_prefix(1);
    if (c == '\n') return false;
    if (c != '\\') {
      out += c;
    } else if (!TakeEscape(text, quote, out)) {
      return false;
    }
  }
  return true;
}

bool IsPromqlWord(std::string_view text, std::string_view lower_case) {
  return EqualsIgnoreCase(text, lower_case);
}

}  // namespace plimsoll
