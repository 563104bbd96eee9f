// Host names as they are compared: lower case, each label in the form that DNS has it in (an A-label, "xn--...").
//
// Folding every script of Unicode (UTS #46) takes tables that belong in no admission webhook. What is read are letters whose
// lower case is plain and that look like nothing else once they are folded: those of European alphabets, Hebrew, Arabic,
// Han, kana and Hangul. Other names have to be written in their "xn--" form. Punycode: RFC 3492.
//
// Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace plimsoll {

// "WIKI.Bücher.de" to "wiki.xn--bcher-kva.de". `host` is valid UTF-8; what is ASCII in it is only lower-cased, not judged.
// Nothing where a letter is none of those above, or a label comes out longer than 63 bytes.
std::optional<std::string> ToAsciiHost(std::string_view host);

}  // namespace plimsoll
