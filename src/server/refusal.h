// An answer given without asking a handler, before which or after which the connection is of no more use.
#pragma once

#include <string>
#include <string_view>

namespace plimsoll {

struct Refusal {
  int status = 0;
  std::string_view reason;  // a short stable word, for counting
  std::string text;         // for the client: what, the limit, what to do
  int retry_after_seconds = 0;
  std::string allow;  // for 405: the methods there are; from the route, never from the request
};

}  // namespace plimsoll
