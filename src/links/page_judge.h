// What an answer means: is there a page that somebody can read?
//
// Pure. Thread-safety: functions. Semantics: RFC 9110 section 15 (status codes), section 10.2.3 (Retry-After).
#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/time.h"
#include "plimsoll/rules/runbook_link.h"

namespace plimsoll::links {

// Titles and forms are at the beginning of a page.
inline constexpr size_t kMaxBodyBytes = 64 * 1024;
// Whoever asks us to stay away for longer than a day has not met us often.
inline constexpr std::chrono::hours kMaxRetryAfter{24};
// Less is no page for people: "OK", "Not here".
inline constexpr size_t kMinVisibleCharacters = 20;

// What came of one request.
struct PageAnswer {
  enum class Kind {
    kAnswered,
    kUnreachable,  // no name, no connection, no TLS, no whole head in time
    kRefused,      // not asked: the address may not be
    kStopped,      // we are ending
  };
  Kind kind = Kind::kUnreachable;
  std::string why;  // where it is not kAnswered
  int status = 0;
  std::string location;
  std::string etag;
  std::string last_modified;
  std::string content_type;
  std::string retry_after;
  std::string body;  // the first kMaxBodyBytes
};

struct PageVerdict {
  enum class Kind {
    kReadable,
    kUnchanged,  // 304
    kMoved,      // to PageAnswer::location
    kDead,
    kTrouble,  // may well be another time
    kRefused,
    kStopped,
  };
  Kind kind = Kind::kReadable;
  std::string problem;  // the end of a sentence that begins with "the page"
};

// `asked`: where the request went to; `link`: where the first one did.
PageVerdict JudgePage(const PageAnswer& answer, const LinkParts& asked, const LinkParts& link);

// Whether "https://sso.corp.internal/oauth2/authorize?..." looks like a place to log in, coming from `link`.
bool LooksLikeLogin(const LinkParts& target, const LinkParts& link);

// HTML, plain text and the like: what can be looked at for words.
bool IsText(std::string_view content_type);
bool IsHtml(std::string_view content_type);

// Seconds, or an HTTP date; at most kMaxRetryAfter.
std::optional<std::chrono::seconds> ParseRetryAfter(std::string_view text, Timestamp now);
// "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110 section 5.6.7, the one form that is still written).
std::optional<Timestamp> ParseHttpDate(std::string_view text);

}  // namespace plimsoll::links
