// Feeds a RequestParser as a connection does: bytes arrive in pieces, and what was not taken is offered again.
#pragma once

#include <algorithm>
#include <string>

#include "server/request_parser.h"

namespace plimsoll::testing {

inline constexpr size_t kMaxHeader = 16 * 1024;
inline constexpr size_t kMaxBody = 1000;

struct Parsed {
  std::string outcome;  // "ok", "incomplete", or "<status> <reason>"
  std::string target;
  std::string body;
  bool keep_alive = false;
  std::string rest;
};

// Reads one request, offered in pieces of that size.
inline Parsed Parse(const std::string& bytes, size_t piece) {
  RequestParser parser(kMaxHeader);
  Parsed parsed;
  parser.Reset(parsed.body);
  std::string buffer;
  size_t offered = 0;
  bool limited = false;
  while (!parser.done() && !parser.refusal()) {
    if (parser.head_done() && !limited) {
      parser.LimitBody(kMaxBody);
      limited = true;
    }
    const size_t taken = buffer.empty() ? 0 : parser.Put(buffer);
    buffer.erase(0, taken);
    if (parser.done() || parser.refusal() || (taken > 0 && !buffer.empty())) continue;
    if (parser.head_done() && !limited) continue;
    if (offered == bytes.size()) break;
    buffer += bytes.substr(offered, piece);
    offered = std::min(bytes.size(), offered + piece);
  }
  parsed.outcome = parser.refusal() ? std::to_string(parser.refusal()->status) + " " +
                                          std::string(parser.refusal()->reason)
                   : parser.done() ? "ok"
                                   : "incomplete";
  parsed.target = parser.head().target;
  parsed.keep_alive = parser.head().keep_alive;
  parsed.rest = buffer + bytes.substr(offered);
  return parsed;
}

}  // namespace plimsoll::testing
