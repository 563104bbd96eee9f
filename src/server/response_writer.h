// Responses as bytes.
#pragma once

#include <string>
#include <string_view>

#include "plimsoll/server/http.h"
#include "server/refusal.h"

namespace plimsoll {

struct ResponseFraming {
  bool close = false;           // say `Connection: close`
  bool head_only = false;       // the answer to HEAD: the length without the body
  std::string_view allow = {};  // for 405
};

// Appends head and body to `out`, so that both leave in one write and one TLS record; of a shared body the head alone.
void AppendResponse(const HttpResponse& response, const ResponseFraming& framing, std::string& out);

// As plain text with a newline at the end, and `Connection: close`: after a refusal nobody knows where the next request
// would begin.
void AppendRefusal(const Refusal& refusal, bool head_only, std::string& out);

std::string_view StatusText(int status);

inline constexpr std::string_view kContinueResponse = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace plimsoll
