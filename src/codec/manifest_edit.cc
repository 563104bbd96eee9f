#include "plimsoll/codec/manifest_edit.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr std::string_view kAnnotations = "annotations";

size_t OffsetOf(std::string_view text, SourcePosition position) {
  size_t at = 0;
  for (uint32_t line = 1; line < position.line; ++line) {
    at = text.find('\n', at);
    if (at == std::string_view::npos) return text.size();
    ++at;
  }
  return std::min(at + position.column - 1, text.size());
}

size_t LineBegin(std::string_view text, size_t at) {
  const size_t end = at == 0 ? std::string_view::npos : text.rfind('\n', at - 1);
  return end == std::string_view::npos ? 0 : end + 1;
}

// Where the next line begins.
size_t LineEnd(std::string_view text, size_t at) {
  const size_t end = text.find('\n', at);
  return end == std::string_view::npos ? text.size() : end + 1;
}

std::string_view LineBreak(std::string_view text) {
  const size_t end = text.find('\n');
  return end != std::string_view::npos && end > 0 && text[end - 1] == '\r' ? "\r\n" : "\n";
}

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(text, out);
  return out;
}

tl::unexpected<Error> ByHand(std::string_view what, JsonView object, std::string_view key,
                             std::string_view value) {
  return Fail(ErrorCode::kInvalidArgument,
              std::string(what) + "; write it by hand: metadata.annotations: " + std::string(key) +
                  ": " + Quoted(value),
              object.position());
}

// The text of a scalar that stands on one line; nothing where it is none that is edited here.
std::optional<size_t> ScalarLength(std::string_view text, size_t at) {
  if (at >= text.size()) return std::nullopt;
  const char first = text[at];
  if (first == '"' || first == '\'') {
    for (size_t i = at + 1; i < text.size() && text[i] != '\n'; ++i) {
      if (first == '"' && text[i] == '\\') {
        ++i;
      } else if (text[i] == first) {
        if (first == '"' || i + 1 >= text.size() || text[i + 1] != '\'') return i + 1 - at;
        ++i;
      }
    }
    return std::nullopt;
  }
  constexpr std::string_view kIndicators = "|>&*!{[%@`";
  if (kIndicators.find(first) != std::string_view::npos) return std::nullopt;
  size_t end = at;
  while (end < text.size() && text[end] != '\n' && text[end] != '\r' && text[end] != ',' &&
         text[end] != '}' && !(text[end] == ' ' && end + 1 < text.size() && text[end + 1] == '#')) {
    ++end;
  }
  while (end > at && text[end - 1] == ' ') --end;
  // A plain scalar that goes on in the next line is longer than it looks.
  return end == at ? std::nullopt : std::optional(end - at);
}

// A member at the beginning of a map that has some: `member` is "key: value" in the flow style, lines without indent in the
// block style (each but the last with its end).
std::optional<TextEdit> AddFirst(std::string_view text, JsonView map, const std::string& flow,
                                 const std::vector<std::string>& block) {
  const size_t at = OffsetOf(text, map.position());
  if (at >= text.size()) return std::nullopt;
  if (text[at] == '{') return TextEdit{at + 1, 0, map.size() == 0 ? flow : flow + ", "};
  const size_t begin = LineBegin(text, at);
  const std::string_view indent = text.substr(begin, at - begin);
  if (indent.find_first_not_of(' ') != std::string_view::npos) return std::nullopt;
  std::string lines;
  for (const std::string& line : block) {
    lines.append(indent).append(line).append(LineBreak(text));
  }
  return TextEdit{begin, 0, std::move(lines)};
}

// `annotations:` with nothing behind it.
std::optional<TextEdit> FillEmpty(std::string_view text, JsonView metadata,
                                  const std::string& member) {
  const size_t key = OffsetOf(text, metadata.KeyPosition(kAnnotations));
  const size_t end = LineEnd(text, key);
  std::string_view rest = text.substr(key, end - key);
  const size_t colon = rest.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  rest = Trim(rest.substr(colon + 1));
  if (!rest.empty() && !rest.starts_with('#')) return std::nullopt;
  const std::string indent(key - LineBegin(text, key), ' ');
  const std::string_view line_break = LineBreak(text);
  const bool last = end == text.size() && (text.empty() || text.back() != '\n');
  return TextEdit{
      end, 0,
      (last ? std::string(line_break) : "") + indent + "  " + member + std::string(line_break)};
}

}  // namespace

Result<TextEdit> SetAnnotation(std::string_view text, JsonView object, std::string_view key,
                               std::string_view value) {
  const JsonView metadata = object["metadata"];
  const JsonView annotations = metadata[kAnnotations];
  const std::string member = std::string(key) + ": " + Quoted(value);
  const std::string flow = Quoted(key) + ": " + Quoted(value);
  if (!metadata.is_object() || metadata.size() == 0) {
    return ByHand("there is no metadata to add it to", object, key, value);
  }
  if (const JsonView before = annotations[key]; before.exists()) {
    const size_t at = OffsetOf(text, before.position());
    const std::optional<size_t> length = ScalarLength(text, at);
    if (!length) return ByHand("the annotation is there in another style", before, key, value);
    return TextEdit{at, *length, Quoted(value)};
  }
  std::optional<TextEdit> edit;
  if (annotations.is_object()) {
    edit = AddFirst(text, annotations, flow, {member});
  } else if (annotations.exists() && !annotations.present()) {
    edit = FillEmpty(text, metadata, member);
  } else if (!annotations.exists()) {
    edit = AddFirst(text, metadata, Quoted(kAnnotations) + ": {" + flow + "}",
                    {std::string(kAnnotations) + ":", "  " + member});
  }
  if (!edit) return ByHand("annotations stand there in another style", metadata, key, value);
  return *std::move(edit);
}

std::string ApplyEdits(std::string_view text, std::vector<TextEdit> edits) {
  std::sort(edits.begin(), edits.end(),
            [](const TextEdit& a, const TextEdit& b) { return a.offset < b.offset; });
  std::string out;
  size_t at = 0;
  for (const TextEdit& edit : edits) {
    out += text.substr(at, edit.offset - at);
    out += edit.text;
    at = edit.offset + edit.length;
  }
  out += text.substr(at);
  return out;
}

}  // namespace plimsoll
