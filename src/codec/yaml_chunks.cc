#include "codec/yaml_chunks.h"

#include <algorithm>

namespace plimsoll {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool IsMarker(std::string_view line, std::string_view marker) {
  return line.starts_with(marker) && (line.size() == marker.size() || IsBlank(line[marker.size()]));
}

std::string_view SkipBlanks(std::string_view text) {
  size_t at = 0;
  while (at < text.size() && IsBlank(text[at])) ++at;
  return text.substr(at);
}

// The line at `at` without its end; `next` becomes where the next one begins.
std::string_view LineAt(std::string_view text, size_t at, size_t& next) {
  const size_t newline = text.find('\n', at);
  next = newline == std::string_view::npos ? text.size() : newline + 1;
  return text.substr(at, (newline == std::string_view::npos ? text.size() : newline) - at);
}

}  // namespace

std::vector<YamlChunk> SplitYaml(std::string_view text) {
  std::vector<YamlChunk> chunks;
  YamlChunk chunk;
  bool opened = false;  // by `---`, or by content without one
  uint32_t line_number = 0;
  const auto close = [&](size_t end, uint32_t next_line) {
    chunk.end = end;
    if (chunk.end > chunk.begin) chunks.push_back(chunk);
    chunk = {end, end, next_line};
    opened = false;
  };
  for (size_t at = 0, next = 0; at < text.size(); at = next, ++line_number) {
    const std::string_view line = LineAt(text, at, next);
    if (IsMarker(line, "---")) {
      if (opened) close(at, line_number);
      opened = true;
    } else if (IsMarker(line, "...")) {
      close(next, line_number + 1);
    } else if (!opened) {
      const std::string_view content = SkipBlanks(line);
      opened = !content.empty() && content[0] != '#' && line[0] != '%';
    }
  }
  close(text.size(), line_number);
  return chunks;
}

size_t FirstContent(std::string_view chunk) {
  bool opened = false;
  for (size_t at = 0, next = 0; at < chunk.size(); at = next) {
    std::string_view line = LineAt(chunk, at, next);
    if (!opened && line.starts_with('%')) continue;
    if (IsMarker(line, "...")) continue;
    if (!opened && IsMarker(line, "---")) {
      opened = true;
      line.remove_prefix(3);
    }
    const std::string_view content = SkipBlanks(line);
    if (content.empty() || content[0] == '#') continue;
    return static_cast<size_t>(content.data() - chunk.data());
  }
  return std::string_view::npos;
}

size_t FindTemplateDirective(std::string_view text, size_t limit) {
  for (size_t at = 0, next = 0; at < text.size() && at <= limit; at = next) {
    const std::string_view line = LineAt(text, at, next);
    for (size_t i = 0; i + 1 < line.size(); ++i) {
      if (line[i] != '{' || (line[i + 1] != '{' && line[i + 1] != '%')) continue;
      // What stands before it on the line, without white space: nothing, "key:" or "-".
      size_t before = i;
      while (before > 0 && IsBlank(line[before - 1])) --before;
      const bool spaced = before < i;
      if (before == 0 || (spaced && (line[before - 1] == ':' || line[before - 1] == '-'))) {
        return at + i;
      }
      break;
    }
  }
  return std::string_view::npos;
}

}  // namespace plimsoll
