// Finds the quoted value that a reader of a broken YAML text wants to be shown: yaml-cpp says where it gave up, which may be a
// hundred lines below the quote that is missing.
//
// A scan of words, quotes, comments and block scalars, not a parser: it is asked only after yaml-cpp has refused the text.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace plimsoll {

struct QuotedValue {
  size_t begin = 0;                     // of the opening quote
  size_t end = std::string_view::npos;  // after the closing quote; npos where there is none

  friend bool operator==(const QuotedValue&, const QuotedValue&) = default;
};

// The last quoted value that begins before `limit`.
std::optional<QuotedValue> LastQuotedValue(std::string_view text, size_t limit);

}  // namespace plimsoll
