#include "rules/url.h"

#include <algorithm>

#include "plimsoll/base/text.h"
#include "rules/host_name.h"
#include "rules/placeholder.h"

namespace plimsoll {
namespace {

constexpr size_t kMaxLabelBytes = 63;  // RFC 1035
// Longer values are cut in messages.
constexpr size_t kShownBytes = 80;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsHex(char c) { return IsDigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool IsAlpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool AllOf(std::string_view text, bool (*test)(char)) {
  return std::all_of(text.begin(), text.end(), test);
}

// Unicode's spaces, line ends, invisible marks and directional overrides: what a reader cannot see may not be in a link.
bool IsHiddenCodePoint(uint32_t c) {
  return (c >= 0x80 && c <= 0xA0) || c == 0xAD || c == 0x1680 || c == 0x180E ||
         (c >= 0x2000 && c <= 0x200F) || (c >= 0x2028 && c <= 0x202F) ||
         (c >= 0x205F && c <= 0x206F) || c == 0x3000 || c == 0xFEFF;
}

// The code point at the front of valid UTF-8; moves on.
uint32_t TakeCodePoint(std::string_view& text) {
  const auto lead = static_cast<unsigned char>(text.front());
  const size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  uint32_t c = length == 1 ? lead : lead & (0x7Fu >> length);
  for (size_t i = 1; i < length; ++i) {
    c = (c << 6) | (static_cast<unsigned char>(text[i]) & 0x3Fu);
  }
  text.remove_prefix(length);
  return c;
}

std::string_view CharacterProblem(std::string_view text) {
  if (!IsValidUtf8(text)) return "is not valid UTF-8";
  while (!text.empty()) {
    const uint32_t c = TakeCodePoint(text);
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f') {
      return "contains white space";
    }
    if (c < 0x20 || c == 0x7F) return "contains a control character";
    if (IsHiddenCodePoint(c)) return "contains an invisible or white-space character";
    if (c == '\\') return "contains a backslash, which programs read in different ways";
    if (c == '"' || c == '<' || c == '>') return "contains a character that no URL may have";
  }
  return {};
}

// One number of an IPv4 address as browsers read it: 127, 0177, 0x7f, 0x.
bool IsIpv4Number(std::string_view label) {
  if (label.empty()) return false;
  if (label.size() >= 2 && label[0] == '0' && (label[1] == 'x' || label[1] == 'X')) {
    return AllOf(label.substr(2), IsHex);
  }
  return AllOf(label, IsDigit);
}

std::string_view LastLabel(std::string_view host) { return host.substr(host.rfind('.') + 1); }

// RFC 1123 letters, digits and "-", and the "_" that internal names have in practice.
bool IsHostLabel(std::string_view label) {
  return !label.empty() && label.size() <= kMaxLabelBytes && label.front() != '-' &&
         label.back() != '-' &&
         AllOf(label, [](char c) { return IsAlpha(c) || IsDigit(c) || c == '-' || c == '_'; });
}

bool AreHostLabels(std::string_view host) {
  while (true) {
    const size_t dot = host.find('.');
    if (!IsHostLabel(host.substr(0, dot))) return false;
    if (dot == std::string_view::npos) return true;
    host.remove_prefix(dot + 1);
  }
}

bool IsOrIsBelow(std::string_view host, std::string_view domain) {
  if (!host.ends_with(domain)) return false;
  return host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.';
}

// A label that somebody was meant to replace. Narrower than for paths: "test" and "example" are labels of real hosts.
bool HasPlaceholderLabel(std::string_view host) {
  constexpr std::array<std::string_view, 6> kWords = {"changeme", "change-me", "replace-me",
                                                      "fixme",    "tbd",       "placeholder"};
  while (true) {
    const size_t dot = host.find('.');
    const std::string_view label = host.substr(0, dot);
    if (label.starts_with("your-")) return true;
    if (std::find(kWords.begin(), kWords.end(), label) != kWords.end()) return true;
    if (dot == std::string_view::npos) return false;
    host.remove_prefix(dot + 1);
  }
}

std::string Quoted(std::string_view text) { return "\"" + SanitizeLine(text, kShownBytes) + "\""; }

std::string JoinedHosts(const std::vector<std::string>& hosts) {
  // More would bury the sentence.
  constexpr size_t kShown = 5;
  std::string joined;
  for (size_t i = 0; i < hosts.size() && i < kShown; ++i) {
    if (i > 0) joined += ", ";
    joined += hosts[i];
  }
  if (hosts.size() > kShown) joined += ", …";
  return joined;
}

// "" if somebody can be reached at the host.
std::string HostProblem(const Url& url, const std::vector<std::string>& hosts) {
  const std::string_view host = url.host();
  if (url.host_kind() != Url::HostKind::kName) {
    return "names an IP address instead of a host, which changes without notice";
  }
  const bool listed = std::any_of(hosts.begin(), hosts.end(), [host](const std::string& pattern) {
    return HostMatches(pattern, host);
  });
  if (IsReservedHost(host)) return "has the host " + Quoted(host) + ", where nobody can be reached";
  if (HasPlaceholderLabel(host)) return "has the placeholder host " + Quoted(host);
  if (listed) return {};
  if (!hosts.empty()) {
    return "has the host " + Quoted(host) + ", which is not one of " + JoinedHosts(hosts);
  }
  if (host.find('.') == std::string_view::npos) {
    return "has the host " + Quoted(host) + ", which resolves only inside one network";
  }
  return {};
}

UrlVerdict Useless(std::string problem) { return {UrlGrade::kUseless, std::move(problem)}; }

}  // namespace

bool HostMatches(std::string_view pattern, std::string_view host) {
  if (!pattern.starts_with("*.")) return pattern == host;
  const std::string_view domain = pattern.substr(1);  // ".corp.internal"
  return host.size() > domain.size() && host.ends_with(domain);
}

bool IsReservedHost(std::string_view host) {
  constexpr std::array<std::string_view, 9> kDomains = {
      "localhost", "localhost.localdomain", "ip6-localhost", "test",       "invalid",
      "example",   "example.com",           "example.net",   "example.org"};
  return std::any_of(kDomains.begin(), kDomains.end(),
                     [host](std::string_view domain) { return IsOrIsBelow(host, domain); });
}

std::string_view Url::ParseScheme(std::string_view text) {
  if (text.empty() || text.size() > scheme_.size() || !IsAlpha(text.front())) {
    return "has no scheme such as https://";
  }
  if (!AllOf(text,
             [](char c) { return IsAlpha(c) || IsDigit(c) || c == '+' || c == '-' || c == '.'; })) {
    return "has no scheme such as https://";
  }
  std::transform(text.begin(), text.end(), scheme_.begin(), Lower);
  scheme_length_ = text.size();
  return {};
}

std::string_view Url::ParsePort(std::string_view port) {
  if (port.empty()) return {};
  constexpr size_t kMaxDigits = 5;
  if (port.size() > kMaxDigits || !AllOf(port, IsDigit)) return "has a port that is no number";
  uint32_t value = 0;
  for (const char c : port) value = value * 10 + static_cast<uint32_t>(c - '0');
  if (value == 0 || value > UINT16_MAX) return "has a port outside 1 to 65535";
  const bool is_default =
      (scheme() == "https" && value == 443) || (scheme() == "http" && value == 80);
  if (!is_default) port_ = static_cast<uint16_t>(value);
  return {};
}

std::string_view Url::ParseHost(std::string_view host) {
  if (host.ends_with('.')) host.remove_suffix(1);
  if (host.empty()) return "has no host";
  std::optional<std::string> ascii;
  if (!AllOf(host, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
    ascii = ToAsciiHost(host);
    if (!ascii) {
      return "has letters in its host name that are read in different ways; write its \"xn--\" form";
    }
    host = *ascii;
  }
  if (host.size() > kMaxHostBytes) return "has a host name longer than 253 bytes";
  if (IsIpv4Number(LastLabel(host))) {
    host_kind_ = HostKind::kIpv4;
  } else if (!AreHostLabels(host)) {
    return "has a host that is no host name";
  }
  std::transform(host.begin(), host.end(), host_.begin(), Lower);
  host_length_ = host.size();
  return {};
}

std::string_view Url::ParseAuthority(std::string_view authority) {
  if (const size_t at = authority.rfind('@'); at != std::string_view::npos) {
    has_userinfo_ = true;
    authority.remove_prefix(at + 1);
  }
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close > kMaxHostBytes) {  // or npos
      return "has a host that is no host name";
    }
    host_kind_ = HostKind::kIpv6;
    host_length_ = close + 1;
    std::transform(authority.begin(), authority.begin() + static_cast<std::ptrdiff_t>(close) + 1,
                   host_.begin(), Lower);
    const std::string_view rest = authority.substr(close + 1);
    if (rest.empty()) return {};
    return rest.front() == ':' ? ParsePort(rest.substr(1)) : "has a host that is no host name";
  }
  const size_t colon = authority.find(':');
  if (const std::string_view problem = ParseHost(authority.substr(0, colon)); !problem.empty()) {
    return problem;
  }
  return colon == std::string_view::npos ? std::string_view()
                                         : ParsePort(authority.substr(colon + 1));
}

std::string_view Url::Parse(std::string_view text, Url& url) {
  url = Url();
  if (text.empty()) return "is empty";
  if (text.size() > kMaxUrlBytes) return "is longer than 2,048 bytes";
  if (const std::string_view problem = CharacterProblem(text); !problem.empty()) return problem;
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return "has no scheme such as https://";
  if (!text.substr(colon + 1).starts_with("//")) {
    // "wiki.corp.internal:8443/x" has a host, not a scheme, before its colon.
    const bool only_scheme = text.substr(0, colon).find('.') == std::string_view::npos;
    return only_scheme ? "has no host" : "has no scheme such as https://";
  }
  if (const std::string_view problem = url.ParseScheme(text.substr(0, colon)); !problem.empty()) {
    return problem;
  }
  text.remove_prefix(colon + 3);
  const size_t end = std::min(text.find_first_of("/?#"), text.size());
  const std::string_view authority = text.substr(0, end);
  text.remove_prefix(end);
  if (const size_t hash = text.find('#'); hash != std::string_view::npos) {
    url.fragment_ = text.substr(hash + 1);
    text = text.substr(0, hash);
  }
  if (const size_t mark = text.find('?'); mark != std::string_view::npos) {
    url.query_ = text.substr(mark + 1);
    text = text.substr(0, mark);
  }
  url.path_ = text;
  return url.ParseAuthority(authority);
}

UrlVerdict JudgeUrl(std::string_view text, const UrlRequirements& requirements) {
  if (HasTemplateExpression(text)) return Useless("still holds a template expression");
  // "TODO#alert" is as much of one as "TODO".
  const size_t fragment = text.find('#');
  if (IsPlaceholder(text) || (fragment != 0 && IsPlaceholder(text.substr(0, fragment)))) {
    return Useless("is only a placeholder");
  }
  // Before characters are judged: "<service>" is a placeholder rather than a bad character.
  if (const size_t scheme = text.find("://"); scheme != std::string_view::npos) {
    const std::string_view rest = text.substr(scheme + 3);
    const size_t slash = rest.find('/');
    const std::string_view path = slash == std::string_view::npos ? "" : rest.substr(slash);
    const std::string_view placeholder =
        PlaceholderSegment(path.substr(0, path.find_first_of("?#")));
    if (!placeholder.empty()) {
      return Useless("has the placeholder " + Quoted(placeholder) + " in its path");
    }
  }
  Url url;
  if (const std::string_view problem = Url::Parse(text, url); !problem.empty()) {
    return Useless(std::string(problem));
  }
  const std::vector<std::string>& schemes = requirements.schemes;
  if (std::find(schemes.begin(), schemes.end(), url.scheme()) == schemes.end()) {
    return Useless("has the scheme " + Quoted(url.scheme()) + ", not " + JoinedHosts(schemes));
  }
  if (url.has_userinfo()) return Useless("carries a user name or password");
  if (std::string problem = HostProblem(url, requirements.hosts); !problem.empty()) {
    return Useless(std::move(problem));
  }
  const bool root = url.path().find_first_not_of('/') == std::string_view::npos;
  if (root && url.query().empty() && url.fragment().empty()) {
    return {UrlGrade::kWeak, "leads to the front page of a site, not to one page"};
  }
  return {};
}

}  // namespace plimsoll
