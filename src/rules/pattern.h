// Regular expressions given as parameters, matched as the documentation says: against the whole value.
#pragma once

#include <re2/re2.h>

#include <string_view>

namespace plimsoll {

// True if there is no pattern, or if it matches all of `value`.
inline bool MatchesWhole(const re2::RE2* pattern, std::string_view value) {
  return pattern == nullptr ||
         re2::RE2::FullMatch(re2::StringPiece(value.data(), value.size()), *pattern);
}

}  // namespace plimsoll
