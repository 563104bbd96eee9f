#include "rules/slug.h"

#include <algorithm>

#include "plimsoll/base/text.h"
#include "rules/placeholder.h"

namespace plimsoll {
namespace {

bool IsAlphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool IsSlugCharacter(char c) { return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.'; }

}  // namespace

bool IsSlug(std::string_view value) {
  return !value.empty() && value.size() <= kMaxLabelValueBytes && IsAlphanumeric(value.front()) &&
         IsAlphanumeric(value.back()) && std::all_of(value.begin(), value.end(), IsSlugCharacter);
}

std::string MakeSlug(std::string_view text, std::string_view otherwise) {
  std::string slug;
  for (const char c : text) {
    if (slug.size() == kMaxLabelValueBytes) break;
    if (IsSlugCharacter(c)) {
      slug += c;
    } else if (!slug.empty() && slug.back() != '-') {
      slug += '-';
    }
  }
  slug.erase(slug.begin(), std::find_if(slug.begin(), slug.end(), IsAlphanumeric));
  while (!slug.empty() && !IsAlphanumeric(slug.back())) slug.pop_back();
  slug = ToLowerAscii(slug);
  return slug.empty() || IsPlaceholder(slug) ? std::string(otherwise) : slug;
}

}  // namespace plimsoll
