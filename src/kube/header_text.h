// What may stand in a request's line and headers. A line break in a token or a path would let whoever chose it write headers
// of their own.
//
// Thread-safety: pure functions. Semantics: RFC 9110 section 5.5, RFC 6750 section 2.1.
#pragma once

#include <string_view>

namespace plimsoll::kube {

// Visible ASCII without spaces, at least one character: tokens, request targets, host names.
bool IsVisibleAscii(std::string_view text);
// No control characters, valid UTF-8, no space at either end; may be empty: user names, user agents.
bool IsHeaderText(std::string_view text);
// An absolute path with an optional query: "/api/v1/pods?limit=1".
bool IsRequestTarget(std::string_view text);

}  // namespace plimsoll::kube
