// Text inside XML and HTML, as content and between double quotes.
//
// Pure. Thread-safety: functions. Semantics: XML 1.0, "Character Data and Markup".
#pragma once

#include <string>
#include <string_view>

namespace plimsoll {

// Appends `text` with & < > " as entities; nothing else is changed, so clean it first (SanitizeLine).
void AppendMarkup(std::string_view text, std::string& out);

}  // namespace plimsoll
