// RequestParser: bytes to one HTTP/1.x request, strictly. What could be read in two ways (request smuggling) is refused:
// two Content-Length fields even if equal, Content-Length with Transfer-Encoding, any coding but `chunked`.
//
// Works on bytes alone, so it is tested and fuzzed without sockets. Memory: what is kept of a header is what is used.
// Semantics: RFC 9112, with Boost.Beast's basic_parser.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/server/http.h"
#include "server/refusal.h"

namespace plimsoll {

struct RequestHead {
  HttpMethod method = HttpMethod::kOther;
  std::string target;
  std::string content_type;
  std::optional<uint64_t> content_length;
  bool expects_continue = false;
  bool keep_alive = false;
  std::string authorization = {};
  std::string if_none_match = {};

  // Of the target, also where it is a whole URL: "/validate" of "https://host/validate?timeout=10s".
  std::string_view path() const;
};

class RequestParser {
 public:
  explicit RequestParser(size_t max_header_bytes);
  ~RequestParser();

  // Begins a new request, whose body will be appended to `body`.
  void Reset(std::string& body);

  // Takes what it can from the front of `bytes` and says how much. Stops after the headers; call it again for the body.
  // Bytes it did not take must be offered again, with more behind them. Nothing after `refusal()` is set.
  size_t Put(std::string_view bytes);

  // How many more bytes of body are acceptable; call between headers and body.
  void LimitBody(size_t max_bytes);

  bool head_done() const;
  bool done() const;
  const RequestHead& head() const;
  const std::optional<Refusal>& refusal() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// The refusal for a body beyond `limit`; `size` where the client told it.
Refusal BodyTooLarge(std::optional<uint64_t> size, size_t limit);

}  // namespace plimsoll
