// Text for people at a terminal: colours, wrapping, and nothing from the input that a terminal would obey.
#pragma once

#include <cstddef>
#include <iosfwd>
#include <string>
#include <string_view>

namespace plimsoll {

enum class Ink { kPlain, kBold, kDim, kRed, kYellow, kBlue, kGreen };

// Paints `text` if `color`; the text itself must be free of control characters.
std::string Paint(std::string_view text, Ink ink, bool color);

// One line without control characters, direction overrides and invalid UTF-8, as long as it was.
std::string CleanLine(std::string_view text);

// Terminal columns of clean text: characters, not bytes. Wide characters are counted as one; lines with them come out a
// little long, which does no harm.
size_t Columns(std::string_view text);

// Writes `text` (one paragraph) in lines of at most `width` columns, each behind `indent` spaces. Words that are longer
// stay whole. Each line is painted with `ink`.
void WriteWrapped(std::string_view text, int indent, int width, Ink ink, bool color,
                  std::ostream& out);

// Writes each line of `block` behind `indent` spaces, cleaned, never wrapped. Comments are dimmed.
void WriteBlock(std::string_view block, int indent, Ink ink, bool color, std::ostream& out);

}  // namespace plimsoll
