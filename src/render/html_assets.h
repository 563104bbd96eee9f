// The page's style and script, as html/report.css and html/report.js have them, and their digests for its
// Content-Security-Policy.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll {

std::string_view HtmlStyle();
std::string_view HtmlScript();
// Tells the script and the style that they may run: "'sha256-…'" (Content Security Policy Level 3, "hash-source").
std::string HtmlStyleSource();
std::string HtmlScriptSource();
// Of a page that is served: html/report_live.js.
std::string_view HtmlLiveScript();
std::string HtmlLiveScriptSource();

}  // namespace plimsoll
