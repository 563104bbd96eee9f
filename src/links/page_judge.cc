#include "links/page_judge.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

#include "links/page_text.h"
#include "plimsoll/base/text.h"

namespace plimsoll::links {
namespace {

using Kind = PageVerdict::Kind;

constexpr std::array<std::string_view, 19> kLoginSegments = {
    "login",  "log-in",    "signin",    "sign-in",      "sign_in",         "sso",  "oauth",
    "oauth2", "saml",      "saml2",     "authorize",    "openid-connect",  "adfs", "cas",
    "auth",   "login.jsp", "login.php", "login.action", "j_security_check"};
constexpr std::array<std::string_view, 9> kLoginLabels = {
    "login", "sso", "auth", "oauth", "idp", "accounts", "signin", "adfs", "keycloak"};

// How titles of pages that are none begin. "404" alone would be found in "Too many 404 answers", which is a runbook.
constexpr std::array<std::string_view, 9> kNotFoundBeginnings = {"404",
                                                                 "error 404",
                                                                 "http 404",
                                                                 "not found",
                                                                 "page not found",
                                                                 "seite nicht gefunden",
                                                                 "page introuvable",
                                                                 "no such page",
                                                                 "this page isn't available"};
constexpr std::array<std::string_view, 5> kNotFoundPhrases = {
    "page not found", "page does not exist", "page doesn't exist", "page could not be found",
    "404 not found"};
constexpr std::array<std::string_view, 6> kLoginPhrases = {"log in",  "login",    "sign in",
                                                           "sign-in", "anmelden", "single sign-on"};

constexpr size_t kShownTitleBytes = 60;

std::string Status(int status) { return "answers " + std::to_string(status); }

bool IsAmong(std::string_view word, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

bool HasLoginSegment(const LinkParts& parts) {
  const std::string path = ToLowerAscii(parts.target.substr(0, parts.target.find('?')));
  for (const std::string_view segment : Split(path, '/')) {
    if (IsAmong(segment, kLoginSegments)) return true;
  }
  return false;
}

bool SaysNotFound(const std::string& title) {
  const std::string lower = ToLowerAscii(title);
  const auto begins = [&](std::string_view words) {
    return lower.starts_with(words) &&
           (lower.size() == words.size() ||
            !std::isalnum(static_cast<unsigned char>(lower[words.size()])));
  };
  return std::any_of(kNotFoundBeginnings.begin(), kNotFoundBeginnings.end(), begins) ||
         std::any_of(kNotFoundPhrases.begin(), kNotFoundPhrases.end(), [&](std::string_view words) {
           return lower.find(words) != std::string::npos;
         });
}

bool SaysLogin(const std::string& title) {
  const std::string lower = ToLowerAscii(title);
  return std::any_of(kLoginPhrases.begin(), kLoginPhrases.end(), [&](std::string_view words) {
    return lower.find(words) != std::string::npos;
  });
}

PageVerdict JudgeBody(const PageAnswer& answer) {
  if (answer.status == 204 || answer.status == 205 || Trim(answer.body).empty()) {
    return {Kind::kDead, "is empty"};
  }
  if (!IsText(answer.content_type)) return {};
  if (!IsHtml(answer.content_type)) {
    return Trim(answer.body).size() < kMinVisibleCharacters
               ? PageVerdict{Kind::kDead, "is all but empty"}
               : PageVerdict{};
  }
  const std::string title = TitleOf(answer.body);
  for (const std::string& words : {title, HeadingOf(answer.body)}) {
    if (!SaysNotFound(words)) continue;
    return {Kind::kDead, "answers " + std::to_string(answer.status) + " and says \"" +
                             SanitizeLine(words, kShownTitleBytes) + "\""};
  }
  if (SaysLogin(title) && AsksForPassword(answer.body)) return {Kind::kDead, "asks for a login"};
  // A page that a program in the browser fills has no words yet; the same page for every address gives it away.
  const bool filled_later = answer.body.find("<script") != std::string::npos;
  if (!filled_later &&
      VisibleCharacters(answer.body, kMinVisibleCharacters) < kMinVisibleCharacters) {
    return {Kind::kDead, "is all but empty"};
  }
  return {};
}

PageVerdict JudgeRedirect(const PageAnswer& answer, const LinkParts& asked, const LinkParts& link) {
  if (Trim(answer.location).empty()) {
    return {Kind::kDead, Status(answer.status) + " and does not say where it has gone"};
  }
  const std::optional<LinkParts> target = TakeLinkApart(ResolveReference(asked, answer.location));
  if (!target) return {Kind::kDead, "has moved to what is no link"};
  if (LooksLikeLogin(*target, link)) return {Kind::kDead, "leads to a login"};
  if (asked.tls && !target->tls) return {Kind::kDead, "has moved to an address without TLS"};
  return {Kind::kMoved, {}};
}

bool IsRedirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

// The server, or something before it, is not well; the page may be.
bool IsTrouble(int status) {
  return status >= 500 || status == 408 || status == 425 || status == 429 || status < 200;
}

std::optional<int> Number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

bool LooksLikeLogin(const LinkParts& target, const LinkParts& link) {
  if (HasLoginSegment(target) && !HasLoginSegment(link)) return true;
  const std::string_view label = std::string_view(target.host).substr(0, target.host.find('.'));
  return target.host != link.host && IsAmong(label, kLoginLabels);
}

bool IsHtml(std::string_view content_type) {
  const std::string type = ToLowerAscii(Trim(content_type.substr(0, content_type.find(';'))));
  return type.empty() || type == "text/html" || type == "application/xhtml+xml";
}

bool IsText(std::string_view content_type) {
  const std::string type = ToLowerAscii(Trim(content_type.substr(0, content_type.find(';'))));
  return IsHtml(type) || type.starts_with("text/");
}

PageVerdict JudgePage(const PageAnswer& answer, const LinkParts& asked, const LinkParts& link) {
  switch (answer.kind) {
    case PageAnswer::Kind::kStopped:
      return {Kind::kStopped, {}};
    case PageAnswer::Kind::kRefused:
      return {Kind::kRefused, answer.why};
    case PageAnswer::Kind::kUnreachable:
      return {Kind::kTrouble, answer.why.empty() ? "cannot be reached" : answer.why};
    case PageAnswer::Kind::kAnswered:
      break;
  }
  const int status = answer.status;
  if (IsTrouble(status)) return {Kind::kTrouble, Status(status)};
  if (status == 304) return {Kind::kUnchanged, {}};
  if (IsRedirect(status)) return JudgeRedirect(answer, asked, link);
  if (status == 401 || status == 403 || status == 407) {
    return {Kind::kDead, Status(status) + ": it asks for a login, so nobody can tell from outside"};
  }
  if (status >= 300) return {Kind::kDead, Status(status)};
  return JudgeBody(answer);
}

std::optional<Timestamp> ParseHttpDate(std::string_view text) {
  constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                        "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::vector<std::string_view> words = Split(Trim(text), ' ');
  if (words.size() != 6 || words[5] != "GMT" || words[4].size() != 8) return std::nullopt;
  const auto month = std::find(kMonths.begin(), kMonths.end(), words[2]);
  const std::optional<int> day = Number(words[1]);
  if (month == kMonths.end() || !day || words[3].size() != 4) return std::nullopt;
  const auto two = [](int number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  return ParseTimestamp(std::string(words[3]) + "-" +
                        two(static_cast<int>(month - kMonths.begin()) + 1) + "-" + two(*day) + "T" +
                        std::string(words[4]) + "Z");
}

std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view text, Timestamp now) {
  text = Trim(text);
  std::optional<std::chrono::seconds> wait;
  if (const std::optional<int> seconds = Number(text)) {
    wait = std::chrono::seconds(*seconds);
  } else if (const std::optional<Timestamp> date = ParseHttpDate(text)) {
    wait = *date - now;
  }
  if (!wait || wait->count() <= 0) return std::nullopt;
  return std::min<std::chrono::seconds>(*wait, kMaxRetryAfter);
}

}  // namespace plimsoll::links
