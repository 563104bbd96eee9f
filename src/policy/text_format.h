// Which texts have the format that a policy's field asks for.
//
// Thread-safety: pure functions.
#pragma once

#include <string_view>

#include "policy/policy_schema.h"

namespace plimsoll {

// Lengths are the table's business, not the format's.
bool HasFormat(std::string_view text, TextFormat format);

// What such a text looks like, to go on "expected ": "a date and time such as 2026-12-01T00:00:00Z".
std::string_view FormatDescription(TextFormat format);

// As JSON Schema counts maxLength: Unicode characters, not bytes.
size_t CharacterCount(std::string_view text);

}  // namespace plimsoll
