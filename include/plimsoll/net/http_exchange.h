// One HTTP/1.1 request and its answer over a Connection. cpp-httplib writes the request and takes the answer apart; what it
// leaves open (deadlines, limits, bodies that end early, when a connection may be used again) is settled here. Why:
// docs/adr/0044-http-over-our-own-connections.md.
//
// Thread-safety: a function without state; the connection belongs to the caller's thread. Never throws.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/net/connection.h"
#include "plimsoll/net/patience.h"

namespace plimsoll::net {

// The API server sends some 1 KiB of headers; a warning may have 4 KiB.
inline constexpr size_t kMaxResponseHeadBytes = 64 * 1024;
// "HTTP/1.1 200 OK". httplib matches it by std::regex, whose recursion a long line would turn into a stack overflow.
inline constexpr size_t kMaxStatusLineBytes = 512;

struct HttpRequest {
  std::string method;
  std::string target;
  // Must be header text: no control characters, no space at either end. Host, Accept and User-Agent among them, or httplib adds its own.
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
};

struct HttpHead {
  int status = 0;
  std::string retry_after;
  std::string location;
  std::string etag;
  std::string last_modified;
  std::string content_type;
};

struct HttpExchange {
  // The whole answer was there. Where false either a callback has ended it, or `error` says what has.
  bool complete = false;
  bool ended_by_caller = false;
  bool answered = false;  // at least one byte came back
  bool reusable = false;  // the connection may carry another request
  uint64_t sent_bytes = 0;
  HttpHead head;
  Error error;
};

// `on_head` is called once, before the body, and may change the patience for the rest; `on_body` for each piece of the body.
// False from either ends the exchange. A 204 has no body and calls neither.
HttpExchange Exchange(Connection& connection, const HttpRequest& request, Patience& patience,
                      const std::function<bool(const HttpHead&)>& on_head,
                      const std::function<bool(std::string_view)>& on_body);

}  // namespace plimsoll::net
