// Small questions about text that more than one room asks.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

std::string_view Trim(std::string_view text);  // ASCII white space at both ends
std::string ToLowerAscii(std::string_view text);
bool EqualsIgnoreCase(std::string_view a, std::string_view b);  // ASCII
std::vector<std::string_view> Split(std::string_view text, char separator);
std::string Join(std::span<const std::string> parts, std::string_view separator);

// Shell-style match of the whole text: `*` any run, `?` any one character, the rest literal. Linear in
// pattern × text, no backtracking blow-up.
bool GlobMatch(std::string_view pattern, std::string_view text);

// The candidate nearest to `word` by edit distance, if near enough to be a plausible slip (at most a third of the word,
// and at least one edit is always forgiven); else "".
std::string_view NearestName(std::string_view word, std::span<const std::string_view> candidates);

// True if the bytes are valid UTF-8.
bool IsValidUtf8(std::string_view text);

// For one line shown to people or other programs: control characters, line separators and marks that turn the direction of
// writing become spaces, invalid UTF-8 becomes U+FFFD, and what is longer than `max_bytes` is cut at a character border and
// ends in "…" (within max_bytes).
std::string SanitizeLine(std::string_view text, size_t max_bytes);

// Appends `text` as a JSON string with its quotes. The bytes must be valid UTF-8 for the result to be valid JSON.
void AppendJsonString(std::string_view text, std::string& out);

}  // namespace plimsoll
