#include "plimsoll/net/http_exchange.h"

#include <httplib.h>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>

#include "plimsoll/base/text.h"

namespace plimsoll::net {
namespace {

// A record of TLS.
constexpr size_t kReadBytes = 16 * 1024;

// What httplib reads and writes. It asks for single bytes and lines of any length; this counts what it has taken.
class ConnectionStream final : public httplib::Stream {
 public:
  ConnectionStream(Connection& connection, const Patience& patience)
      : connection_(connection), patience_(patience) {}

  bool is_readable() const override { return true; }
  bool is_writable() const override { return true; }

  ssize_t read(char* data, size_t size) override {
    if (begin_ == end_ && !Fill()) return ended_ ? 0 : -1;
    const size_t count = std::min(size, end_ - begin_);
    std::copy_n(buffer_.data() + begin_, count, data);
    begin_ += count;
    return Account(data, count) ? static_cast<ssize_t>(count) : -1;
  }

  ssize_t write(const char* data, size_t size) override {
    const Status status = connection_.Write({data, size}, patience_);
    if (status) return static_cast<ssize_t>(size);
    if (!failure_) failure_ = status.error();
    return -1;
  }

  void get_remote_ip_and_port(std::string& ip, int& port) const override { Nowhere(ip, port); }
  void get_local_ip_and_port(std::string& ip, int& port) const override { Nowhere(ip, port); }
  socket_t socket() const override { return INVALID_SOCKET; }

  // Bytes of framing are counted from here.
  void HeadIsOver() {
    in_head_ = false;
    framing_bytes_ = 0;
  }
  void BodyBytesWereUsed() { framing_bytes_ = 0; }

  bool answered() const { return answered_; }
  bool drained() const { return begin_ == end_; }
  bool EndsWithEmptyLine() const { return tail_ == "\r\n\r\n"; }
  const std::optional<Error>& failure() const { return failure_; }

 private:
  static void Nowhere(std::string& ip, int& port) {
    ip.clear();
    port = 0;
  }

  bool Fill() {
    if (failure_ || ended_) return false;
    const Result<size_t> got = connection_.Read(buffer_.data(), buffer_.size(), patience_);
    if (!got) {
      failure_ = got.error();
      return false;
    }
    begin_ = 0;
    end_ = *got;
    ended_ = *got == 0;
    answered_ = answered_ || *got > 0;
    return !ended_;
  }

  // Keeps the last four bytes, and the limits: httplib has none for lines and for their number.
  bool Account(const char* data, size_t count) {
    const size_t last = std::min(count, size_t{4});
    tail_.append(data + count - last, last);
    if (tail_.size() > 4) tail_.erase(0, tail_.size() - 4);
    framing_bytes_ += count;
    if (in_status_line_ && !ReadStatusLine({data, count})) return false;
    const size_t limit = in_status_line_ ? kMaxStatusLineBytes : kMaxResponseHeadBytes;
    if (framing_bytes_ <= limit) return true;
    failure_ = Error{ErrorCode::kLimitExceeded,
                     (in_head_ ? "the head of the answer of " : "the framing of the answer of ") +
                         connection_.peer() + " is longer than " + std::to_string(limit) + " bytes",
                     {}};
    return false;
  }

  // An interim answer (1xx) to what expects none would have httplib match a second status line, of any length.
  bool ReadStatusLine(std::string_view text) {
    status_line_ += text;
    in_status_line_ = text.find('\n') == std::string_view::npos;
    if (in_status_line_ || !status_line_.starts_with("HTTP/1.1 1")) {
      return true;
    }
    failure_ = Error{ErrorCode::kUnavailable,
                     connection_.peer() + " sends interim answers that were not asked for",
                     {}};
    return false;
  }

  Connection& connection_;
  const Patience& patience_;
  std::array<char, kReadBytes> buffer_{};
  size_t begin_ = 0;
  size_t end_ = 0;
  bool answered_ = false;
  bool ended_ = false;
  bool in_status_line_ = true;
  bool in_head_ = true;
  size_t framing_bytes_ = 0;
  std::string status_line_;
  std::string tail_;
  std::optional<Error> failure_;
};

// httplib's client without its connections: the part that speaks HTTP is all that is used.
class Codec final : public httplib::ClientImpl {
 public:
  Codec() : ClientImpl("unused", 1) {
    set_url_encode(false);
    set_decompress(false);
    set_follow_location(false);
    set_keep_alive(true);
  }

  bool Run(httplib::Stream& stream, httplib::Request& request, httplib::Response& response,
           httplib::Error& error) {
    return process_request(stream, request, response, false, error);
  }
};

httplib::Request ToHttplib(const HttpRequest& request) {
  httplib::Request out;
  out.method = request.method;
  out.path = request.target;
  for (const auto& [name, value] : request.headers) out.headers.emplace(name, value);
  out.body = request.body;
  return out;
}

bool IsNumber(std::string_view text) {
  return !text.empty() && text.size() < 19 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// What the answer's headers say about its body, where httplib would guess.
struct Framing {
  bool chunked = false;
  bool close_delimited = false;
  bool keep_alive = true;
  std::string problem;  // "" if the body can be read
};

Framing FramingOf(const httplib::Response& response) {
  Framing framing;
  framing.chunked = EqualsIgnoreCase(response.get_header_value("Transfer-Encoding"), "chunked");
  const bool sized = response.has_header("Content-Length");
  framing.close_delimited = !framing.chunked && !sized && response.status != 204;
  const std::string connection = response.get_header_value("Connection");
  framing.keep_alive = response.version == "HTTP/1.1" && !framing.close_delimited &&
                       !EqualsIgnoreCase(connection, "close");
  const std::string encoding = response.get_header_value("Content-Encoding");
  if (response.has_header("Transfer-Encoding") && !framing.chunked) {
    framing.problem = "a Transfer-Encoding other than chunked";
  } else if (sized && (response.get_header_value_count("Content-Length") > 1 ||
                       !IsNumber(response.get_header_value("Content-Length")))) {
    framing.problem = "a Content-Length that is no number";
  } else if (!encoding.empty() && !EqualsIgnoreCase(encoding, "identity")) {
    framing.problem = "compression that was not asked for";
  }
  return framing;
}

HttpHead HeadOf(const httplib::Response& response) {
  return {response.status,
          response.get_header_value("Retry-After"),
          response.get_header_value("Location"),
          response.get_header_value("ETag"),
          response.get_header_value("Last-Modified"),
          response.get_header_value("Content-Type")};
}

// What ended an exchange that httplib calls failed.
Error Reason(const ConnectionStream& stream, const Connection& connection,
             const std::string& problem) {
  if (!problem.empty()) {
    return {ErrorCode::kUnavailable, connection.peer() + " answers with " + problem, {}};
  }
  if (const std::optional<Error>& failure = stream.failure()) return *failure;
  return {ErrorCode::kUnavailable,
          stream.answered() ? "the answer of " + connection.peer() + " breaks off or is no HTTP/1.1"
                            : connection.peer() + " closed the connection without an answer",
          {}};
}

}  // namespace

HttpExchange Exchange(Connection& connection, const HttpRequest& request, Patience& patience,
                      const std::function<bool(const HttpHead&)>& on_head,
                      const std::function<bool(std::string_view)>& on_body) {
  HttpExchange exchange;
  const uint64_t sent_before = connection.sent();
  ConnectionStream stream(connection, patience);
  std::string problem;
  try {
    httplib::Request sent = ToHttplib(request);
    httplib::Response response;
    Framing framing;
    sent.response_handler = [&](const httplib::Response& head) {
      stream.HeadIsOver();
      exchange.head = HeadOf(head);
      framing = FramingOf(head);
      problem = framing.problem;
      if (!problem.empty()) return false;
      exchange.ended_by_caller = !on_head(exchange.head);
      return !exchange.ended_by_caller;
    };
    sent.content_receiver = [&](const char* data, size_t size, uint64_t /*offset*/,
                                uint64_t /*total*/) {
      stream.BodyBytesWereUsed();
      exchange.ended_by_caller = !on_body({data, size});
      return !exchange.ended_by_caller;
    };
    httplib::Error error = httplib::Error::Success;
    bool complete = Codec().Run(stream, sent, response, error);
    exchange.head.status = complete ? response.status : exchange.head.status;
    // httplib takes anything in place of a chunk's end for the end of the body.
    if (complete && framing.chunked && !stream.EndsWithEmptyLine()) {
      complete = false;
      problem = "a broken chunk";
    }
    if (response.status == 204) framing = FramingOf(response);
    exchange.complete = complete;
    exchange.reusable = complete && framing.keep_alive && stream.drained();
  } catch (const std::exception& error) {
    problem = std::string("something that cannot be read: ") + error.what();
  }
  exchange.answered = stream.answered();
  exchange.sent_bytes = connection.sent() - sent_before;
  if (!exchange.complete && !exchange.ended_by_caller) {
    exchange.error = Reason(stream, connection, problem);
  }
  return exchange;
}

}  // namespace plimsoll::net
