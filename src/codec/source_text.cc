#include "codec/source_text.h"

#include <algorithm>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

SourceText::SourceText(std::string_view text) : text_(text), lines_{0} {
  for (size_t at = text.find('\n'); at != std::string_view::npos; at = text.find('\n', at + 1)) {
    lines_.push_back(at + 1);
  }
}

size_t SourceText::OffsetOf(SourcePosition position) const {
  if (position.line == 0 || position.line > lines_.size()) return text_.size();
  return std::min(lines_[position.line - 1] + position.column - 1, text_.size());
}

size_t SourceText::LineBegin(size_t offset) const {
  return *(std::upper_bound(lines_.begin(), lines_.end(), offset) - 1);
}

size_t SourceText::NextLine(size_t offset) const {
  const auto next = std::upper_bound(lines_.begin(), lines_.end(), offset);
  return next == lines_.end() ? text_.size() : *next;
}

std::string_view SourceText::line_break() const {
  const size_t end = text_.find('\n');
  return end != std::string_view::npos && end > 0 && text_[end - 1] == '\r' ? "\r\n" : "\n";
}

size_t SourceText::BlockEnd(size_t offset, size_t indent, bool dashes) const {
  size_t end = NextLine(offset);
  for (size_t at = end; at < text_.size(); at = NextLine(at)) {
    const size_t next = NextLine(at);
    const std::string_view line = text_.substr(at, next - at);
    const size_t spaces = std::min(line.find_first_not_of(' '), line.size());
    const std::string_view rest = Trim(line);
    if (rest.empty()) continue;
    const bool item = rest == "-" || rest.starts_with("- ");
    if (spaces > indent || (spaces == indent && dashes && item)) {
      end = next;
    } else if (!rest.starts_with('#')) {
      break;
    }
  }
  return end;
}

size_t SourceText::QuotedEnd(size_t offset) const {
  const char quote = text_[offset];
  for (size_t i = offset + 1; i < text_.size(); ++i) {
    if (quote == '"' && text_[i] == '\\') {
      ++i;
    } else if (text_[i] == quote) {
      if (quote == '"' || At(i + 1) != '\'') return i + 1;
      ++i;
    }
  }
  return offset;
}

size_t SourceText::CollectionEnd(size_t offset) const {
  size_t depth = 0;
  for (size_t i = offset; i < text_.size(); ++i) {
    const char c = text_[i];
    const char before = i == offset ? ' ' : text_[i - 1];
    const bool begins =
        IsBlank(before) || std::string_view("{[,:").find(before) != std::string_view::npos;
    if ((c == '"' || c == '\'') && begins) {
      const size_t end = QuotedEnd(i);
      if (end == i) return offset;
      i = end - 1;
    } else if (c == '#' && IsBlank(before)) {
      i = NextLine(i) - 1;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (c == '}' || c == ']') {
      if (--depth == 0) return i + 1;
    }
  }
  return offset;
}

size_t SourceText::ValueEnd(size_t offset, bool flow) const {
  const char first = At(offset);
  if (first == '"' || first == '\'') return QuotedEnd(offset);
  if (first == '{' || first == '[') return CollectionEnd(offset);
  constexpr std::string_view kIndicators = "|>&*!%@`";
  if (first == '\0' || kIndicators.find(first) != std::string_view::npos) return offset;
  size_t end = offset;
  while (end < text_.size() && text_[end] != '\n' &&
         !(text_[end] == '#' && end > offset && IsBlank(text_[end - 1])) &&
         !(flow && std::string_view(",]}").find(text_[end]) != std::string_view::npos)) {
    ++end;
  }
  while (end > offset && IsBlank(text_[end - 1])) --end;
  return end;
}

bool SourceText::OnlyCommentFollows(size_t offset) const {
  const std::string_view rest = Trim(text_.substr(offset, NextLine(offset) - offset));
  return rest.empty() || rest.starts_with('#');
}

}  // namespace plimsoll
