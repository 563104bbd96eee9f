#include "plimsoll/model/value_pattern.h"

#include <re2/re2.h>

#include <algorithm>
#include <utility>

namespace plimsoll {
namespace {

// More names than this are better off in an automaton.
constexpr size_t kMaxPieces = 256;
// No workload, pod or namespace is called this: what matches it matches anything.
constexpr std::string_view kNobody = "zz-9q7-nobody";

bool IsMeta(char c) {
  return std::string_view("\\.+*?()|[]{}^$").find(c) != std::string_view::npos;
}

// Without "^" and "$", which say nothing in an anchored expression, and without one pair of parentheses around all of it.
std::string_view Unwrap(std::string_view text) {
  if (text.starts_with('^')) text.remove_prefix(1);
  if (text.ends_with('$') && !text.ends_with("\\$")) text.remove_suffix(1);
  const std::string_view open = text.starts_with("(?:") ? "(?:" : "(";
  if (!text.starts_with(open) || !text.ends_with(')')) return text;
  const std::string_view inside = text.substr(open.size(), text.size() - open.size() - 1);
  return inside.find_first_of("()") == std::string_view::npos ? inside : text;
}

// One alternative: letters, escaped punctuation, and ".*" or ".+" at its end.
std::optional<ValuePattern::Piece> ReadPiece(std::string_view text) {
  ValuePattern::Piece piece;
  while (!text.empty()) {
    if (text == ".*" || text == ".+") {
      piece.open = true;
      piece.least = text == ".+";
      return piece;
    }
    char c = text.front();
    text.remove_prefix(1);
    if (c == '\\') {
      if (text.empty() || !(IsMeta(text.front()) || text.front() == '-')) return std::nullopt;
      c = text.front();
      text.remove_prefix(1);
    } else if (IsMeta(c)) {
      return std::nullopt;
    }
    piece.text += c;
  }
  return piece;
}

std::optional<std::vector<ValuePattern::Piece>> ReadList(std::string_view text) {
  std::vector<ValuePattern::Piece> pieces;
  text = Unwrap(text);
  while (true) {
    size_t end = 0;  // of the alternative: the next "|" that is not escaped
    while (end < text.size() && text[end] != '|') end += text[end] == '\\' ? 2 : 1;
    end = std::min(end, text.size());
    std::optional<ValuePattern::Piece> piece = ReadPiece(text.substr(0, end));
    if (!piece || pieces.size() == kMaxPieces) return std::nullopt;
    pieces.push_back(*std::move(piece));
    if (end == text.size()) return pieces;
    text.remove_prefix(end + 1);
  }
}

// What every match begins with, where that can be seen.
std::string FixedBeginning(std::string_view text) {
  if (text.find('|') != std::string_view::npos) return {};
  if (text.starts_with('^')) text.remove_prefix(1);
  const size_t end = std::min(text.size(), text.find_first_of("\\.+*?()|[]{}^$"));
  std::string fixed(text.substr(0, end));
  const bool repeated =
      end < text.size() && std::string_view("*?{").find(text[end]) != std::string_view::npos;
  if (repeated && !fixed.empty()) fixed.pop_back();
  return fixed;
}

}  // namespace

ValuePattern ValuePattern::Exactly(std::string_view value) {
  ValuePattern pattern;
  pattern.pieces_.push_back({std::string(value)});
  pattern.selective_ = !value.empty();
  return pattern;
}

std::optional<ValuePattern> ValuePattern::Matching(std::string_view expression) {
  if (expression.size() > kMaxPatternBytes) return std::nullopt;
  ValuePattern pattern;
  if (std::optional<std::vector<Piece>> pieces = ReadList(expression)) {
    pattern.pieces_ = *std::move(pieces);
    pattern.pieces_.shrink_to_fit();
  } else {
    re2::RE2::Options options(re2::RE2::Quiet);
    options.set_max_mem(kMaxPatternMemory);
    auto compiled = std::make_shared<const re2::RE2>(
        re2::StringPiece(expression.data(), expression.size()), options);
    if (!compiled->ok()) return std::nullopt;
    pattern.expression_ = std::move(compiled);
    pattern.prefix_ = FixedBeginning(expression);
  }
  pattern.selective_ = !pattern.Matches(kNobody) && !expression.empty();
  return pattern;
}

bool ValuePattern::Matches(std::string_view value) const {
  if (expression_ != nullptr) {
    return re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *expression_);
  }
  return std::any_of(pieces_.begin(), pieces_.end(), [&](const Piece& piece) {
    if (!piece.open) return value == piece.text;
    return value.starts_with(piece.text) && (!piece.least || value.size() > piece.text.size());
  });
}

}  // namespace plimsoll
