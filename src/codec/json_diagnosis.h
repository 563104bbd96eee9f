// Says what is wrong with a JSON text, where, and what was expected. The fast reader only learns that something is wrong;
// this reads the text again, slowly and in order, and stops at the first fault.
//
// Semantics: RFC 8259; strings must be valid UTF-8 and may not contain lone surrogates (RFC 8259 §8.2 leaves those to the
// implementation; a string that is not Unicode text cannot be compared or shown).
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "plimsoll/base/result.h"

namespace plimsoll {

// Nothing: the text is one valid JSON value, at most kMaxDepth deep.
std::optional<Error> DiagnoseJson(std::string_view text);

}  // namespace plimsoll
