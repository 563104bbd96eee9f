// Small edits of manifest text that leave everything else as its author wrote it: comments, order, quotes, line ends.
//
// What is edited must be re-read and compared by whoever asked: an anchor that two objects share is one place in the text.
//
// Pure. Thread-safety: functions and value types. Errors: kInvalidArgument where the text is written in a way that is not
// edited here (block scalars, anchors and tags in that place, no metadata); the message says what to write by hand.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"

namespace plimsoll {

struct TextEdit {
  size_t offset = 0;
  size_t length = 0;  // that is replaced
  std::string text;
};

// What gives `object` the annotation: replaces its value, or adds it. `text`: what `object` was read from. `value` must be
// free of control characters.
Result<TextEdit> SetAnnotation(std::string_view text, JsonView object, std::string_view key,
                               std::string_view value);

// All of them, in any order; none may overlap another.
std::string ApplyEdits(std::string_view text, std::vector<TextEdit> edits);

}  // namespace plimsoll
