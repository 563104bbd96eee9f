#include "codec/patch_text.h"

#include <algorithm>

#include "plimsoll/base/text.h"

namespace plimsoll {

PatchLines PatchText::LinesOfBlock(size_t begin, size_t column, bool dashes) const {
  const size_t end = text_.BlockEnd(begin, column, dashes);
  std::string_view rest = text_.text().substr(begin, end - begin);
  while (rest.ends_with('\n')) rest.remove_suffix(1);
  PatchLines lines;
  for (const std::string_view line : Split(rest, '\n')) {
    const size_t cut = lines.empty() ? 0 : std::min(column, line.size());
    lines.emplace_back(line.substr(cut));
  }
  return lines;
}

PatchLines PatchText::LinesOf(JsonMember member) const {
  const size_t key = text_.OffsetOf(member.key_position());
  return LinesOfBlock(key, key - text_.LineBegin(key), member.value.is_array());
}

PatchLines PatchText::LinesOfItem(JsonView item) const {
  const size_t at = text_.OffsetOf(item.position());
  const size_t dash = text_.text().rfind('-', at);
  return LinesOfBlock(dash, dash - text_.LineBegin(at), false);
}

bool HasComment(const PatchLines& lines) {
  return std::any_of(lines.begin(), lines.end(), [](const std::string& line) {
    return line.find("  # ") != std::string::npos;
  });
}

std::string QuotedJson(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

void AppendFlow(JsonView value, std::string& out) {
  std::string_view separator;
  if (value.is_object()) {
    out += '{';
    for (const JsonMember member : value.members()) {
      out.append(separator).append(QuotedJson(member.key)).append(": ");
      AppendFlow(member.value, out);
      separator = ", ";
    }
    out += '}';
  } else if (value.is_array()) {
    out += '[';
    for (const JsonView element : value.elements()) {
      out += separator;
      AppendFlow(element, out);
      separator = ", ";
    }
    out += ']';
  } else if (value.is_string()) {
    out += QuotedJson(value.text());
  } else {
    out += value.text();
  }
}

}  // namespace plimsoll
