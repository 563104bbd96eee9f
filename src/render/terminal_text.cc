#include "render/terminal_text.h"

#include <algorithm>
#include <ostream>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr std::string_view kReset = "\x1b[0m";

std::string_view EscapeOf(Ink ink) {
  switch (ink) {
    case Ink::kPlain:
      return "";
    case Ink::kBold:
      return "\x1b[1m";
    case Ink::kDim:
      return "\x1b[2m";
    case Ink::kRed:
      return "\x1b[1;31m";
    case Ink::kYellow:
      return "\x1b[33m";
    case Ink::kBlue:
      return "\x1b[36m";
    case Ink::kGreen:
      return "\x1b[32m";
  }
  return "";
}

std::string Spaces(int count) { return std::string(static_cast<size_t>(std::max(count, 0)), ' '); }

}  // namespace

std::string Paint(std::string_view text, Ink ink, bool color) {
  if (!color || ink == Ink::kPlain) return std::string(text);
  std::string out(EscapeOf(ink));
  out += text;
  out += kReset;
  return out;
}

std::string CleanLine(std::string_view text) { return SanitizeLine(text, std::string::npos); }

size_t Columns(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

void WriteWrapped(std::string_view text, int indent, int width, Ink ink, bool color,
                  std::ostream& out) {
  const std::string clean = CleanLine(text);
  const auto room = static_cast<size_t>(std::max(width - indent, 20));
  std::string line;
  const auto flush = [&] {
    if (!line.empty()) out << Spaces(indent) << Paint(line, ink, color) << '\n';
    line.clear();
  };
  for (const std::string_view word : Split(clean, ' ')) {
    if (word.empty()) continue;
    if (!line.empty() && Columns(line) + 1 + Columns(word) > room) flush();
    if (!line.empty()) line += ' ';
    line += word;
  }
  flush();
}

void WriteBlock(std::string_view block, int indent, Ink ink, bool color, std::ostream& out) {
  while (block.ends_with('\n')) block.remove_suffix(1);
  if (block.empty()) return;
  for (const std::string_view raw : Split(block, '\n')) {
    const std::string line = CleanLine(raw);
    const size_t comment = line.find("# ");
    const bool commented =
        comment != std::string::npos && (comment == 0 || line[comment - 1] == ' ');
    out << Spaces(indent) << Paint(line.substr(0, commented ? comment : line.size()), ink, color);
    if (commented) out << Paint(line.substr(comment), Ink::kDim, color);
    out << '\n';
  }
}

}  // namespace plimsoll
