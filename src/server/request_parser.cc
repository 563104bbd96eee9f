#include "server/request_parser.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <limits>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastString = boost::beast::string_view;

// simdjson reads up to 64 bytes past the end; room for them spares a copy of the body.
constexpr size_t kBodyPadding = 64;
// "0\r\n\r\n". Beast 1.81 asserts (basic_parser.ipp, parse_chunk_header) that a last chunk whose size it has already read
// is offered again with at least so many bytes, and a client decides how its bytes arrive.
constexpr size_t kLastChunkBytes = 5;
// A Content-Length is a promise, not a fact: no more than this is set aside on its word alone.
constexpr uint64_t kMaxReservedBytes = 256 * 1024;

std::string_view View(BeastString text) { return {text.data(), text.size()}; }

HttpMethod MethodOf(http::verb verb) {
  switch (verb) {
    case http::verb::get:
      return HttpMethod::kGet;
    case http::verb::head:
      return HttpMethod::kHead;
    case http::verb::post:
      return HttpMethod::kPost;
    default:
      return HttpMethod::kOther;
  }
}

Refusal BadRequest(std::string text) { return {400, "bad_request", std::move(text), 0, {}}; }

Refusal HeadersTooLarge(size_t limit) {
  return {
      431,
      "headers_too_large",
      "request line and headers are larger than the limit of " + std::to_string(limit) + " bytes",
      0,
      {}};
}

// Beast's error as an answer; its own words are good enough for what is simply not HTTP.
Refusal RefusalFor(const error_code& ec, size_t header_limit) {
  if (ec == http::error::header_limit) return HeadersTooLarge(header_limit);
  if (ec == http::error::bad_version) {
    return {505, "bad_version", "expected HTTP/1.1 or HTTP/1.0; HTTP/2 is not served here", 0, {}};
  }
  if (ec == http::error::bad_content_length || ec == http::error::multiple_content_length) {
    return BadRequest(
        "Content-Length must be one decimal number, without Transfer-Encoding beside it");
  }
  if (ec == http::error::bad_transfer_encoding) {
    return BadRequest(
        "Transfer-Encoding must stand once, as \"chunked\", without Content-Length beside it");
  }
  return BadRequest("not a valid HTTP/1.1 request: " + ec.message());
}

class Parser final : public http::basic_parser<true> {
 public:
  Parser(std::string& body, RequestHead& head, std::optional<Refusal>& refusal)
      : body_(body), head_(head), refusal_(refusal) {
    body_limit(boost::none);                                  // ours, per route, in AcceptBody
    header_limit(std::numeric_limits<std::uint32_t>::max());  // ours, in State::CheckHeaderSize
  }

  void LimitBody(size_t bytes) { max_body_ = bytes; }

 private:
  void on_request_impl(http::verb method, BeastString /*name*/, BeastString target, int version,
                       error_code& /*ec*/) override {
    head_.method = MethodOf(method);
    head_.target.assign(target.data(), target.size());
    version_ = version;
  }

  void on_field_impl(http::field name, BeastString /*name_string*/, BeastString raw,
                     error_code& ec) override {
    if (head_done_) return;  // a trailer: may say nothing about framing or routing
    const std::string_view value = View(raw);
    switch (name) {
      case http::field::host:
        if (++hosts_ > 1) Refuse(BadRequest("more than one Host header"), ec);
        break;
      case http::field::content_length:
        if (++content_lengths_ > 1) Refuse(BadRequest("more than one Content-Length header"), ec);
        break;
      case http::field::content_type:
        if (++content_types_ > 1) Refuse(BadRequest("more than one Content-Type header"), ec);
        head_.content_type.assign(value);
        break;
      case http::field::authorization:
        // Of two it would be open who is asking.
        if (++authorizations_ > 1) Refuse(BadRequest("more than one Authorization header"), ec);
        head_.authorization.assign(value);
        break;
      case http::field::if_none_match:
        if (!head_.if_none_match.empty()) head_.if_none_match += ", ";
        head_.if_none_match.append(value);
        break;
      case http::field::transfer_encoding:
        OnTransferEncoding(value, ec);
        break;
      case http::field::content_encoding:
        if (!EqualsIgnoreCase(value, "identity")) {
          Refuse({415,
                  "content_encoding",
                  "a body with Content-Encoding is not accepted; send it uncompressed",
                  0,
                  {}},
                 ec);
        }
        break;
      case http::field::expect:
        OnExpect(value, ec);
        break;
      default:
        break;
    }
  }

  void OnTransferEncoding(std::string_view value, error_code& ec) {
    // Beast takes "gzip, chunked" for chunked and leaves the gzip to us; anything unknown it ignores.
    if (!EqualsIgnoreCase(value, "chunked")) {
      Refuse(
          {501, "transfer_encoding", "the only Transfer-Encoding accepted is \"chunked\"", 0, {}},
          ec);
    } else if (version_ < 11) {
      Refuse(BadRequest("Transfer-Encoding in an HTTP/1.0 request"), ec);
    }
  }

  void OnExpect(std::string_view value, error_code& ec) {
    if (!EqualsIgnoreCase(value, "100-continue")) {
      Refuse({417, "expectation", "the only expectation met is \"100-continue\"", 0, {}}, ec);
    } else {
      head_.expects_continue = version_ >= 11;
    }
  }

  void on_header_impl(error_code& ec) override {
    head_done_ = true;
    if (version_ >= 11 && hosts_ == 0) Refuse(BadRequest("an HTTP/1.1 request needs Host"), ec);
    if (const auto length = content_length()) head_.content_length = *length;
    // HTTP/1.0 keep-alive has a history of misunderstandings with proxies and no user here.
    head_.keep_alive = version_ >= 11 && keep_alive();
  }

  void on_body_init_impl(const boost::optional<std::uint64_t>& length,
                         error_code& /*ec*/) override {
    if (length)
      body_.reserve(static_cast<size_t>(std::min(*length, kMaxReservedBytes)) + kBodyPadding);
  }

  std::size_t AcceptBody(BeastString bytes, error_code& ec) {
    if (bytes.size() > max_body_ - body_.size()) {
      Refuse(BodyTooLarge(std::nullopt, max_body_), ec);
      return 0;
    }
    body_.append(bytes.data(), bytes.size());
    return bytes.size();
  }

  std::size_t on_body_impl(BeastString bytes, error_code& ec) override {
    return AcceptBody(bytes, ec);
  }

  void on_chunk_header_impl(std::uint64_t size, BeastString /*extensions*/,
                            error_code& ec) override {
    // Cut where the chunk is announced, not after it has been sent.
    if (size > max_body_ - body_.size()) Refuse(BodyTooLarge(std::nullopt, max_body_), ec);
  }

  std::size_t on_chunk_body_impl(std::uint64_t /*remain*/, BeastString bytes,
                                 error_code& ec) override {
    return AcceptBody(bytes, ec);
  }

  void on_response_impl(int /*code*/, BeastString /*reason*/, int /*version*/,
                        error_code& /*ec*/) override {}
  void on_finish_impl(error_code& /*ec*/) override {}

  void Refuse(Refusal refusal, error_code& ec) {
    if (!refusal_) refusal_ = std::move(refusal);
    ec = http::error::bad_value;  // any error makes Beast stop
  }

  std::string& body_;
  RequestHead& head_;
  std::optional<Refusal>& refusal_;
  size_t max_body_ = 0;
  int version_ = 11;
  int hosts_ = 0;
  int content_lengths_ = 0;
  int content_types_ = 0;
  int authorizations_ = 0;
  bool head_done_ = false;
};

}  // namespace

struct RequestParser::State {
  explicit State(size_t limit) : max_header_bytes(limit) {}

  // Beast would count afresh after each call; this counts the whole head, lines that are still incomplete included.
  void CheckHeaderSize(size_t taken, size_t left) {
    head_bytes += taken;
    const size_t seen = head_bytes + (parser->is_header_done() ? 0 : left);
    if (seen > max_header_bytes) refusal = HeadersTooLarge(max_header_bytes);
  }

  // False for a line of the head that ends with LF alone. Beast would take what follows for more of that line, other
  // readers for the next one.
  bool LinesEndWell(std::string_view bytes) {
    while (!blank_line_seen) {
      const size_t end = bytes.find('\n', scanned);
      if (end == std::string_view::npos) {
        scanned = bytes.size();
        return true;
      }
      if (end == line_begin || bytes[end - 1] != '\r') return false;
      blank_line_seen = end == line_begin + 1;
      scanned = end + 1;
      line_begin = end + 1;
    }
    return true;
  }
  // So many bytes will not be offered again.
  void Forget(size_t taken) {
    scanned -= std::min(scanned, taken);
    line_begin -= std::min(line_begin, taken);
  }

  size_t max_header_bytes;
  size_t head_bytes = 0;
  size_t scanned = 0;     // of the bytes offered and not taken
  size_t line_begin = 0;  // among them
  bool blank_line_seen = false;
  RequestHead head;
  std::optional<Refusal> refusal;
  std::optional<Parser> parser;
};

RequestParser::RequestParser(size_t max_header_bytes)
    : state_(std::make_unique<State>(max_header_bytes)) {}
RequestParser::~RequestParser() = default;

void RequestParser::Reset(std::string& body) {
  body.clear();
  state_->head_bytes = 0;
  state_->scanned = 0;
  state_->line_begin = 0;
  state_->blank_line_seen = false;
  state_->refusal.reset();
  RequestHead& head = state_->head;
  head.method = HttpMethod::kOther;
  head.target.clear();
  head.content_type.clear();
  head.authorization.clear();
  head.if_none_match.clear();
  head.content_length.reset();
  head.expects_continue = false;
  head.keep_alive = false;
  state_->parser.emplace(body, head, state_->refusal);
}

size_t RequestParser::Put(std::string_view bytes) {
  Parser& parser = *state_->parser;
  const bool in_head = !parser.is_header_done();
  if (in_head && !state_->LinesEndWell(bytes)) {
    state_->refusal = BadRequest("lines of the head must end with CR LF");
    return 0;
  }
  if (!in_head && parser.chunked() && bytes.size() < kLastChunkBytes && bytes.starts_with('0'))
    return 0;
  parser.eager(!in_head);
  error_code ec;
  const size_t taken = parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), ec);
  if (ec && ec != http::error::need_more && !state_->refusal) {
    state_->refusal = RefusalFor(ec, state_->max_header_bytes);
  }
  if (in_head) state_->Forget(taken);
  if (in_head && !state_->refusal) state_->CheckHeaderSize(taken, bytes.size() - taken);
  return taken;
}

void RequestParser::LimitBody(size_t max_bytes) { state_->parser->LimitBody(max_bytes); }
bool RequestParser::head_done() const { return state_->parser->is_header_done(); }
bool RequestParser::done() const { return state_->parser->is_done(); }
const RequestHead& RequestParser::head() const { return state_->head; }
const std::optional<Refusal>& RequestParser::refusal() const { return state_->refusal; }

std::string_view RequestHead::path() const {
  std::string_view rest = target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (rest.size() > scheme.size() && EqualsIgnoreCase(rest.substr(0, scheme.size()), scheme)) {
      const size_t slash = rest.find_first_of("/?", scheme.size());
      rest = slash == std::string_view::npos ? "/" : rest.substr(slash);
      break;
    }
  }
  rest = rest.substr(0, rest.find('?'));
  return rest.empty() ? "/" : rest;
}

Refusal BodyTooLarge(std::optional<uint64_t> size, size_t limit) {
  std::string text = "request body ";
  text += size ? "of " + std::to_string(*size) + " bytes is larger than" : "is larger than";
  text += " the limit of " + std::to_string(limit) + " bytes";
  return {413, "too_large", std::move(text), 0, {}};
}

}  // namespace plimsoll
