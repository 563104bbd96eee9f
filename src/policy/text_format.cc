#include "policy/text_format.h"

#include <algorithm>
#include <chrono>
#include <optional>

#include "plimsoll/base/text.h"
#include "plimsoll/base/time.h"

namespace plimsoll {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsAlphanumeric(char c) { return IsDigit(c) || IsLower(c) || (c >= 'A' && c <= 'Z'); }

// [A-Za-z0-9] at both ends, [-_.A-Za-z0-9] between: the name part of a label key, and a label value.
bool IsLabelName(std::string_view text) {
  if (text.empty() || text.size() > policy_schema::kMaxLabelValue) return false;
  if (!IsAlphanumeric(text.front()) || !IsAlphanumeric(text.back())) return false;
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return IsAlphanumeric(c) || c == '-' || c == '_' || c == '.'; });
}

// Kubernetes limits the whole name, not its labels (IsDNS1123Subdomain).
bool IsDnsSubdomain(std::string_view text) {
  if (text.size() > 253) return false;
  const auto alphanumeric = [](char c) { return IsLower(c) || IsDigit(c); };
  for (;;) {
    const size_t dot = text.find('.');
    const std::string_view label = text.substr(0, dot);
    if (label.empty() || !alphanumeric(label.front()) || !alphanumeric(label.back())) return false;
    if (!std::all_of(label.begin(), label.end(),
                     [&](char c) { return alphanumeric(c) || c == '-'; })) {
      return false;
    }
    if (dot == std::string_view::npos) return true;
    text.remove_prefix(dot + 1);
  }
}

bool IsLabelKey(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos) return IsLabelName(text);
  return IsDnsSubdomain(text.substr(0, slash)) && IsLabelName(text.substr(slash + 1));
}

bool IsNamespaceGlob(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return IsLower(c) || IsDigit(c) || c == '-' || c == '*' || c == '?';
  });
}

// A plain date would do for us, but the API server's date-time format refuses it. So would `t` and `z` in lower case.
bool IsDateTime(std::string_view text) {
  return text.size() > 10 && text[10] == 'T' && text.find('z') == std::string_view::npos &&
         ParseTimestamp(text).has_value();
}

// Whole hours, minutes and seconds, more than nothing: what both Go and CEL read the same way.
bool IsDuration(std::string_view text) {
  bool after_digit = false;
  for (const char c : text) {
    const bool unit = c == 'h' || c == 'm' || c == 's';
    if (!IsDigit(c) && !(unit && after_digit)) return false;
    after_digit = IsDigit(c);
  }
  if (after_digit) return false;
  const std::optional<std::chrono::seconds> duration = ParseDuration(text);
  return duration && duration->count() > 0;
}

bool IsUrl(std::string_view text) {
  for (const std::string_view scheme : {"https://", "http://"}) {
    if (!text.starts_with(scheme) || text.size() == scheme.size()) continue;
    return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c != 0x7F; });
  }
  return false;
}

// Lower-case words with dashes, joined by dots.
bool IsRuleId(std::string_view text) { return IsDnsSubdomain(text); }

}  // namespace

bool HasFormat(std::string_view text, TextFormat format) {
  switch (format) {
    case TextFormat::kAny:
      return true;
    case TextFormat::kDateTime:
      return IsDateTime(text);
    case TextFormat::kDuration:
      return IsDuration(text);
    case TextFormat::kUrl:
      return IsUrl(text);
    case TextFormat::kLabelKey:
      return IsLabelKey(text);
    case TextFormat::kLabelValue:
      return text.empty() || IsLabelName(text);
    case TextFormat::kTierName:
      return IsLabelName(text);
    case TextFormat::kNamespaceGlob:
      return IsNamespaceGlob(text);
    case TextFormat::kRuleId:
      return IsRuleId(text);
    case TextFormat::kPolicyName:
      return IsDnsSubdomain(text);
    case TextFormat::kNotBlank:
      return !Trim(text).empty();
  }
  return false;
}

std::string_view FormatDescription(TextFormat format) {
  switch (format) {
    case TextFormat::kAny:
      return "any text";
    case TextFormat::kDateTime:
      return "a date and time such as 2026-12-01T00:00:00Z";
    case TextFormat::kDuration:
      return "a duration longer than 0 in whole hours, minutes or seconds, such as 2160h";
    case TextFormat::kUrl:
      return "a URL that begins with https:// or http://";
    case TextFormat::kLabelKey:
      return "a label key such as plimsoll.dev/tier";
    case TextFormat::kLabelValue:
      return "a label value: letters, digits, '-', '_' and '.', a letter or digit at both ends";
    case TextFormat::kTierName:
      return "a tier name: letters, digits, '-', '_' and '.', a letter or digit at both ends";
    case TextFormat::kNamespaceGlob:
      return "a namespace name, in which * and ? stand for any run and any one character";
    case TextFormat::kRuleId:
      return "a rule id such as health.readiness-probe";
    case TextFormat::kPolicyName:
      return "a DNS-1123 subdomain: lower-case letters, digits, '-' and '.', a letter or digit at "
             "both ends";
    case TextFormat::kNotBlank:
      return "a text that says something";
  }
  return "";
}

size_t CharacterCount(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  }));
}

}  // namespace plimsoll
