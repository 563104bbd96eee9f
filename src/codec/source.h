// Places in a source text and its characters, for messages.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "plimsoll/base/position.h"

namespace plimsoll {

inline constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Documents keep columns in 24 bits, and column 0 would mean that the line is an offset (Document::Node).
inline constexpr uint32_t kMaxColumn = (1U << 24) - 1;

// The line and column of a byte offset. Linear in the offset.
SourcePosition PositionAt(std::string_view source, size_t offset);

// The length of the UTF-8 character that `text` begins with; 0 where that is no valid character (Unicode 15, table 3-7).
size_t Utf8Length(std::string_view text);

// The first character of `text` (not empty) as shown in a message: 'x', or "byte 0x0A" where it cannot be shown.
std::string DescribeByte(std::string_view text);

}  // namespace plimsoll
