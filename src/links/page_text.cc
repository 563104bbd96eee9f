#include "links/page_text.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "plimsoll/base/text.h"

namespace plimsoll::links {
namespace {

constexpr size_t kMaxTitleBytes = 300;
// Ids, tokens and digests of one request.
constexpr size_t kLongWord = 16;

char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool IsWordCharacter(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || static_cast<unsigned char>(c) >= 0x80;
}

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

// Where `word` (lower case) begins in `text` at or after `from`, whatever its case.
size_t FindIgnoringCase(std::string_view text, std::string_view word, size_t from) {
  if (from > text.size()) return std::string_view::npos;
  const auto found =
      std::search(text.begin() + static_cast<std::ptrdiff_t>(from), text.end(), word.begin(),
                  word.end(), [](char a, char b) { return Lower(a) == b; });
  return found == text.end() ? std::string_view::npos : static_cast<size_t>(found - text.begin());
}

// "<title>" or "<title lang=...>" at `at`.
bool IsTag(std::string_view text, size_t at, std::string_view name) {
  const std::string_view rest = text.substr(at + 1, name.size() + 1);
  return rest.size() == name.size() + 1 && EqualsIgnoreCase(rest.substr(0, name.size()), name) &&
         (rest.back() == '>' || rest.back() == '/' || IsSpace(rest.back()));
}

std::string ContentOf(std::string_view html, std::string_view name) {
  const std::string open = "<" + std::string(name);
  size_t at = FindIgnoringCase(html, open, 0);
  while (at != std::string_view::npos && !IsTag(html, at, name)) {
    at = FindIgnoringCase(html, open, at + 1);
  }
  const size_t begin = at == std::string_view::npos ? at : html.find('>', at);
  if (begin == std::string_view::npos) return {};
  const std::string close = "</" + std::string(name);
  const size_t end = FindIgnoringCase(html, close, begin);
  if (end == std::string_view::npos) return {};
  std::string content;
  bool in_tag = false;
  for (const char c : html.substr(begin + 1, end - begin - 1)) {
    if (c == '<') in_tag = true;
    if (!in_tag) content += c;
    if (c == '>') in_tag = false;
  }
  return SanitizeLine(Trim(content), kMaxTitleBytes);
}

}  // namespace

std::string TitleOf(std::string_view html) { return ContentOf(html, "title"); }
std::string HeadingOf(std::string_view html) { return ContentOf(html, "h1"); }

size_t VisibleCharacters(std::string_view html, size_t enough) {
  constexpr std::array<std::string_view, 3> kHidden = {"script", "style", "head"};
  size_t count = 0;
  for (size_t at = 0; at < html.size() && count < enough;) {
    if (html[at] != '<') {
      count += IsSpace(html[at]) ? 0 : 1;
      ++at;
      continue;
    }
    size_t end = html.find('>', at);
    for (const std::string_view name : kHidden) {
      if (IsTag(html, at, name)) end = FindIgnoringCase(html, "</" + std::string(name), at);
    }
    if (end == std::string_view::npos) break;
    at = html[end] == '<' ? html.find('>', end) : end;
    if (at == std::string_view::npos) break;
    ++at;
  }
  return count;
}

bool AsksForPassword(std::string_view html) {
  for (const std::string_view spelling :
       {"type=\"password\"", "type='password'", "type=password"}) {
    if (FindIgnoringCase(html, spelling, 0) != std::string_view::npos) return true;
  }
  return false;
}

uint64_t FingerprintOf(std::string_view html, std::string_view path) {
  constexpr uint64_t kOffset = 14695981039346656037ULL;  // FNV-1a
  constexpr uint64_t kPrime = 1099511628211ULL;
  const std::string_view asked = path.substr(0, path.find('?'));
  const std::string_view name = asked.substr(asked.rfind('/') + 1);
  uint64_t hash = kOffset;
  const auto add = [&hash](char c) {
    hash = (hash ^ static_cast<unsigned char>(Lower(c))) * kPrime;
  };
  for (size_t at = 0; at < html.size();) {
    if (!IsWordCharacter(html[at])) {
      const std::string_view rest = html.substr(at);
      if (asked.size() > 1 && rest.starts_with(asked)) {
        at += asked.size();
        continue;
      }
      if (!IsSpace(html[at])) add(html[at]);
      ++at;
      continue;
    }
    if (!name.empty() && html.substr(at).starts_with(name)) {
      at += name.size();
      continue;
    }
    size_t end = at;
    while (end < html.size() && IsWordCharacter(html[end])) ++end;
    if (end - at < kLongWord) {
      for (const char c : html.substr(at, end - at)) {
        if (c < '0' || c > '9') add(c);
      }
    }
    at = end;
  }
  return hash;
}

}  // namespace plimsoll::links
