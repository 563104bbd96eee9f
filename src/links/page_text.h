// What a reader would see of an HTML page, as far as it takes to tell a page from an apology for one. No parser: what is
// looked at comes from anybody, and only its words count.
//
// Pure, linear in the text. Thread-safety: functions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace plimsoll::links {

// The content of the first <title>, of the first <h1>, without tags, in one line; "" where there is none.
std::string TitleOf(std::string_view html);
std::string HeadingOf(std::string_view html);

// How many characters are left without tags, scripts, styles and white space; counting ends at `enough`.
size_t VisibleCharacters(std::string_view html, size_t enough);

// Has a field for a password.
bool AsksForPassword(std::string_view html);

// A hash of the page that is the same for two pages which differ in digits, white space, long random words and the path that
// was asked for: two answers that say the same about different addresses.
uint64_t FingerprintOf(std::string_view html, std::string_view path);

}  // namespace plimsoll::links
