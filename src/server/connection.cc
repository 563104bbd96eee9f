#include "server/connection.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstring>
#include <exception>
#include <string_view>
#include <utility>

#include "server/response_writer.h"

namespace plimsoll {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

std::string PeerText(const tcp::socket& socket) {
  boost::system::error_code ec;
  const tcp::endpoint peer = socket.remote_endpoint(ec);
  if (ec) return "unknown";
  const std::string address = peer.address().to_string();
  return (peer.address().is_v6() ? "[" + address + "]" : address) + ":" +
         std::to_string(peer.port());
}

// Go's net/http says the same: people do point http:// at this port.
constexpr std::string_view kHttpOnHttpsPort =
    "HTTP/1.0 400 Bad Request\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: "
    "close\r\n\r\n"
    "this port speaks HTTPS; use https://\n";

std::string Seconds(std::chrono::milliseconds time) {
  return time % std::chrono::seconds(1) == std::chrono::milliseconds(0)
             ? std::to_string(time.count() / 1000) + " s"
             : std::to_string(time.count()) + " ms";
}

}  // namespace

Connection::Connection(Worker& worker, tcp::socket socket, SSL_CTX* tls, Place place)
    : place_(std::move(place)),
      worker_(worker),
      state_(worker.state()),
      socket_(std::move(socket)),
      timer_(socket_.get_executor()),
      transport_(socket_.native_handle(), tls),
      parser_(state_.options.limits.header_bytes),
      lease_(state_),
      peer_(PeerText(socket_)) {
  worker_.Add(*this);
}

Connection::~Connection() { worker_.Remove(*this); }

// ---- deadlines ----

void Connection::Begin(Phase phase, std::chrono::milliseconds timeout) {
  phase_ = phase;
  phase_began_ = SteadyClock::now();
  deadline_ = phase_began_ + timeout;
  expired_ = false;
  worker_.Expect(End());
}

SteadyClock::time_point Connection::IdleEnd() const {
  const ServerTimeouts& timeouts = state_.options.timeouts;
  SteadyClock::time_point end = deadline_;
  if (state_.draining()) end = std::min(end, state_.DrainTime(timeouts.drain_idle));
  // Go's transport may open a connection, use another that came free, and pool the new one: not to have asked yet is no
  // offence. But when places are short, those who have never asked go first.
  if (place_.beyond_limit() || (!asked_ && state_.full()))
    end = std::min(end, phase_began_ + timeouts.header);
  return end;
}

SteadyClock::time_point Connection::End() const {
  return phase_ == Phase::kIdle ? IdleEnd() : deadline_;
}

SteadyClock::time_point Connection::CheckDeadline(SteadyClock::time_point now) {
  const SteadyClock::time_point end = End();
  if (now < end) return end;
  expired_ = true;
  Cancel();
  return now;
}

void Connection::Abort() {
  aborted_ = true;
  Cancel();
}

void Connection::Cancel() {
  boost::system::error_code ignored;
  socket_.cancel(ignored);
  timer_.cancel();
}

asio::awaitable<bool> Connection::Wait(IoStatus status) {
  if (interrupted()) co_return false;
  const auto type =
      status == IoStatus::kWantWrite ? tcp::socket::wait_write : tcp::socket::wait_read;
  const auto [ec] = co_await socket_.async_wait(type, asio::as_tuple(asio::use_awaitable));
  // The deadline may have passed between the event and this line; then the event comes too late.
  co_return !ec && !interrupted();
}

// ---- the life of a connection ----

asio::awaitable<void> Connection::Run() {
  bool serving = transport_.usable();
  try {
    if (serving) serving = co_await Handshake();
    while (serving) {
      serving = co_await ServeOne();
      // Pipelined requests take turns with other connections.
      if (serving && begin_ < end_) {
        co_await asio::post(socket_.get_executor(), asio::use_awaitable);
      }
    }
  } catch (const std::exception&) {
    linger_ = false;  // out of memory: this connection ends, the others live on
  }
  ReleaseScratch();
  transport_.FinishWriting();
  if (linger_) co_await Linger();
}

asio::awaitable<bool> Connection::Handshake() {
  if (!transport_.is_tls()) co_return true;
  Begin(Phase::kHandshake, state_.options.timeouts.handshake);
  std::string_view detail = "timeout";
  while (true) {
    const IoResult io = transport_.Handshake();
    if (io.status == IoStatus::kDone) co_return true;
    if (io.status == IoStatus::kFailed || io.status == IoStatus::kClosed) {
      detail = transport_.tls_error();
      if (detail.empty()) detail = "the peer closed the connection";
      break;
    }
    if (!co_await Wait(io.status)) break;
  }
  if (aborted_) co_return false;
  if (transport_.peer_spoke_http()) transport_.WriteRaw(kHttpOnHttpsPort);
  linger_ = !expired_;  // so that an alert or the text above reaches the peer
  if (state_.options.observer != nullptr) {
    state_.options.observer->HandshakeFailed(peer_, detail);
  }
  co_return false;
}

asio::awaitable<bool> Connection::ServeOne() {
  const bool arrived = co_await WaitForRequest();
  if (!arrived) co_return false;
  const Outcome outcome = co_await ReadRequest();
  if (outcome == Outcome::kClosed) co_return false;
  if (outcome == Outcome::kRefused) {
    AnswerRefusal();
  } else if (const bool answered = co_await Answer(); !answered) {
    co_return false;
  }
  lease_.Release();
  bool sent = co_await Flush(scratch_->output);
  if (sent && shared_body_ != nullptr) sent = co_await Flush(*shared_body_);
  shared_body_.reset();
  if (sent && close_) linger_ = true;
  co_return sent && !close_;
}

asio::awaitable<bool> Connection::WaitForRequest() {
  Begin(Phase::kIdle, state_.options.timeouts.idle);
  if (begin_ < end_) co_return true;
  bool ready = transport_.HasBufferedInput();
  IoStatus want = IoStatus::kWantRead;
  while (true) {
    if (!ready) {
      ReleaseScratch();
      if (!co_await Wait(want)) {
        linger_ = expired_;
        co_return false;
      }
    }
    ready = false;
    TakeScratch();
    const IoResult io = transport_.Read(scratch_->input.data(), scratch_->input.size());
    if (io.status == IoStatus::kClosed || io.status == IoStatus::kFailed) {
      TellOfLateRefusal();
      co_return false;
    }
    if (io.status == IoStatus::kDone) {
      begin_ = 0;
      end_ = io.bytes;
      asked_ = true;
      co_return true;
    }
    want = io.status;  // not a byte of HTTP yet, so still idle
  }
}

// In TLS 1.3 the server has finished before the client looks at its certificate. A caBundle that does not fit shows here.
void Connection::TellOfLateRefusal() {
  if (asked_ || transport_.tls_error().empty() || state_.options.observer == nullptr) return;
  state_.options.observer->HandshakeFailed(peer_, transport_.tls_error());
}

// ---- reading ----

asio::awaitable<bool> Connection::Fill() {
  std::vector<char>& input = scratch_->input;
  if (begin_ > 0) {
    std::memmove(input.data(), input.data() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == input.size()) {
    // Only a chunk's header or trailer can be so long: the head has its own limit, and a body is taken as it comes.
    refusal_ = Refusal{400, "bad_request", "a chunk header or trailer is too long", 0, {}};
    co_return false;
  }
  while (true) {
    const IoResult io = transport_.Read(input.data() + end_, input.size() - end_);
    last_read_ = io.status;
    if (io.status == IoStatus::kDone) {
      end_ += io.bytes;
      co_return true;
    }
    if (io.status == IoStatus::kClosed || io.status == IoStatus::kFailed) co_return false;
    const bool ready = co_await Wait(io.status);
    if (!ready) co_return false;
  }
}

bool Connection::Consume() {
  if (begin_ < end_) {
    begin_ += parser_.Put({scratch_->input.data() + begin_, end_ - begin_});
  }
  return !parser_.refusal().has_value();
}

asio::awaitable<Connection::Outcome> Connection::ReadRequest() {
  parser_.Reset(scratch_->body);
  refusal_.reset();
  const Outcome head = co_await ReadHead();
  if (head != Outcome::kRequest) co_return head;
  if (place_.beyond_limit()) {
    co_return Refuse({503,
                      "too_many_connections",
                      "more than " + std::to_string(state_.options.limits.connections) +
                          " connections are open; try again",
                      1,
                      {}});
  }
  if (std::optional<Refusal> refusal = state_.router.Choose(parser_.head(), route_)) {
    co_return Refuse(std::move(*refusal));
  }
  if (parser_.done()) co_return Outcome::kRequest;
  co_return co_await ReadBody();
}

asio::awaitable<Connection::Outcome> Connection::ReadHead() {
  Begin(Phase::kHeaders, state_.options.timeouts.header);
  while (true) {
    if (!Consume()) co_return Refuse(*parser_.refusal());
    if (parser_.head_done()) co_return Outcome::kRequest;
    const bool more = co_await Fill();
    if (!more) co_return Lost();
  }
}

asio::awaitable<Connection::Outcome> Connection::ReadBody() {
  parser_.LimitBody(state_.router.routes()[route_].max_body_bytes);
  if (parser_.head().expects_continue && begin_ == end_) {
    scratch_->output.assign(kContinueResponse);
    const bool sent = co_await Flush(scratch_->output);
    if (!sent) co_return Outcome::kClosed;
  }
  Begin(Phase::kBody, state_.options.timeouts.body);
  while (true) {
    if (!Consume()) co_return Refuse(*parser_.refusal());
    if (!lease_.Cover(scratch_->body.size())) {
      co_return Refuse(
          {503, "too_many_bodies", "too many large requests are under way; try again", 1, {}});
    }
    if (parser_.done()) co_return Outcome::kRequest;
    const bool more = co_await Fill();
    if (!more) co_return Lost();
  }
}

Connection::Outcome Connection::Refuse(Refusal refusal) {
  refusal_ = std::move(refusal);
  return Outcome::kRefused;
}

// Why there is nothing more to read in the middle of a request.
Connection::Outcome Connection::Lost() {
  if (aborted_) return Outcome::kClosed;
  if (refusal_) return Outcome::kRefused;
  if (expired_) {
    const bool in_body = phase_ == Phase::kBody;
    const ServerTimeouts& timeouts = state_.options.timeouts;
    return Refuse({408,
                   "timeout",
                   std::string(in_body ? "the body" : "the request's headers") +
                       " did not arrive within " +
                       Seconds(in_body ? timeouts.body : timeouts.header),
                   0,
                   {}});
  }
  if (last_read_ == IoStatus::kClosed) {
    // The peer may have closed only its own direction; if not, nobody is hurt.
    return Refuse({400, "truncated", "the request ends before it is complete", 0, {}});
  }
  return Outcome::kClosed;
}

// ---- answering ----

// Asks the handler, again and again where it asks for that. False if the connection ends meanwhile.
asio::awaitable<bool> Connection::Answer() {
  const std::chrono::milliseconds limit = state_.options.timeouts.wait;
  const SteadyClock::time_point began = SteadyClock::now();
  std::chrono::milliseconds waited(0);
  CallHandler(waited);
  while (scratch_->response.again_in > std::chrono::milliseconds(0)) {
    const bool woken = co_await Pause(std::min(scratch_->response.again_in, limit - waited));
    if (!woken) co_return false;
    waited = std::chrono::duration_cast<std::chrono::milliseconds>(SteadyClock::now() - began);
    CallHandler(waited);
  }
  WriteAnswer();
  co_return true;
}

// False if it was cut short.
asio::awaitable<bool> Connection::Pause(std::chrono::milliseconds time) {
  // The timer ends it; that the phase has an end as well is for a timer that does not.
  Begin(Phase::kWait, time + state_.options.timeouts.write);
  timer_.expires_after(time);
  const auto [ec] = co_await timer_.async_wait(asio::as_tuple(asio::use_awaitable));
  co_return !ec && !interrupted();
}

void Connection::CallHandler(std::chrono::milliseconds waited) {
  const RequestHead& head = parser_.head();
  HttpResponse& response = scratch_->response;
  response.status = 200;
  response.content_type = kPlainText;
  response.retry_after_seconds = 0;
  response.fixed_headers = {};
  response.etag.clear();
  response.body.clear();
  response.shared_body.reset();
  response.again_in = std::chrono::milliseconds(0);
  const HttpRequest request{.method = head.method,
                            .path = head.path(),
                            .target = head.target,
                            .content_type = head.content_type,
                            .authorization = head.authorization,
                            .if_none_match = head.if_none_match,
                            .peer = peer_,
                            .body = scratch_->body,
                            .waited = waited,
                            .may_wait = waited < state_.options.timeouts.wait};
  std::string failure;
  try {
    worker_.handler(route_)(request, response);
  } catch (const std::exception& error) {
    failure = error.what();
    if (failure.empty()) failure = "exception";
  } catch (...) {
    failure = "exception of an unknown type";
  }
  if (response.again_in > std::chrono::milliseconds(0) && !request.may_wait) {
    failure = "asks to be called again, and may not";
  }
  if (failure.empty()) return;
  response.status = 500;
  response.content_type = kPlainText;
  response.retry_after_seconds = 0;
  response.fixed_headers = {};
  response.etag.clear();
  response.shared_body.reset();
  response.again_in = std::chrono::milliseconds(0);
  response.body = "internal error\n";
  if (state_.options.observer != nullptr) {
    state_.options.observer->HandlerFailed(request.path, failure);
  }
}

void Connection::WriteAnswer() {
  const RequestHead& head = parser_.head();
  // Asked after the handler: it may have taken long enough for a drain to begin.
  close_ = !head.keep_alive || state_.draining() || state_.stopping.load(std::memory_order_relaxed);
  scratch_->output.clear();
  AppendResponse(scratch_->response,
                 {.close = close_, .head_only = head.method == HttpMethod::kHead},
                 scratch_->output);
  const bool with_body = head.method != HttpMethod::kHead && scratch_->response.status != 304;
  shared_body_ = with_body ? std::move(scratch_->response.shared_body) : nullptr;
  scratch_->response.shared_body.reset();
}

void Connection::AnswerRefusal() {
  close_ = true;
  scratch_->output.clear();
  AppendRefusal(*refusal_, parser_.head().method == HttpMethod::kHead, scratch_->output);
  if (state_.options.observer != nullptr) {
    state_.options.observer->RequestRefused(peer_, refusal_->status, refusal_->reason,
                                            refusal_->text);
  }
}

asio::awaitable<bool> Connection::Flush(std::string_view rest) {
  Begin(Phase::kWrite, state_.options.timeouts.write);
  while (!rest.empty()) {
    const IoResult io = transport_.Write(rest);
    if (io.status == IoStatus::kDone) {
      rest.remove_prefix(io.bytes);
    } else if (io.status == IoStatus::kWantRead || io.status == IoStatus::kWantWrite) {
      const bool ready = co_await Wait(io.status);
      if (!ready) co_return false;
    } else {
      co_return false;
    }
  }
  co_return true;
}

asio::awaitable<void> Connection::Linger() {
  Begin(Phase::kLinger, state_.options.timeouts.linger);
  size_t dropped = 0;
  while (dropped < state_.options.limits.linger_bytes && !interrupted()) {
    const IoResult io = transport_.ReadRaw(worker_.waste().data(), worker_.waste().size());
    if (io.status == IoStatus::kDone) {
      dropped += io.bytes;
    } else if (io.status == IoStatus::kWantRead) {
      co_await Wait(io.status);
    } else {
      co_return;
    }
  }
}

// ---- memory ----

void Connection::TakeScratch() {
  if (scratch_ == nullptr) scratch_ = worker_.TakeScratch();
}

void Connection::ReleaseScratch() {
  if (scratch_ != nullptr) worker_.GiveBack(std::move(scratch_));
}

}  // namespace plimsoll
