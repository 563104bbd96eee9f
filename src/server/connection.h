// Connection: one peer, from handshake to goodbye, as one coroutine on its worker's thread.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/refusal.h"
#include "server/request_parser.h"
#include "server/server_state.h"
#include "server/transport.h"
#include "server/worker.h"

namespace plimsoll {

class Connection {
 public:
  // `tls` null: plain HTTP. Where `place` is beyond the limit, the answer to any request is 503.
  Connection(Worker& worker, boost::asio::ip::tcp::socket socket, SSL_CTX* tls, Place place);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  boost::asio::awaitable<void> Run();

  // Wakes the coroutine if its time is over. Called between its steps. Returns when that will be, as things are; `now` if it
  // is over.
  SteadyClock::time_point CheckDeadline(SteadyClock::time_point now);
  // Wakes it to end at once.
  void Abort();

  size_t slot = 0;  // the worker's

 private:
  enum class Phase { kHandshake, kIdle, kHeaders, kBody, kWait, kWrite, kLinger };
  enum class Outcome { kRequest, kRefused, kClosed };

  boost::asio::awaitable<bool> Handshake();
  boost::asio::awaitable<bool> ServeOne();
  boost::asio::awaitable<bool> WaitForRequest();
  boost::asio::awaitable<Outcome> ReadRequest();
  boost::asio::awaitable<Outcome> ReadHead();
  boost::asio::awaitable<Outcome> ReadBody();
  boost::asio::awaitable<bool> Fill();
  // Sends all of it.
  boost::asio::awaitable<bool> Flush(std::string_view rest);
  boost::asio::awaitable<void> Linger();
  boost::asio::awaitable<bool> Wait(IoStatus status);
  boost::asio::awaitable<bool> Answer();
  boost::asio::awaitable<bool> Pause(std::chrono::milliseconds time);

  void Begin(Phase phase, std::chrono::milliseconds timeout);
  SteadyClock::time_point IdleEnd() const;
  // When the time of this phase is over, as things are.
  SteadyClock::time_point End() const;
  bool interrupted() const { return expired_ || aborted_; }
  Outcome Refuse(Refusal refusal);
  Outcome Lost();
  bool Consume();
  void AnswerRefusal();
  void CallHandler(std::chrono::milliseconds waited);
  void WriteAnswer();
  void Cancel();
  void TellOfLateRefusal();
  void TakeScratch();
  void ReleaseScratch();

  Place place_;  // first: given back when all else is gone
  Worker& worker_;
  ServerState& state_;
  boost::asio::ip::tcp::socket socket_;
  boost::asio::steady_timer timer_;  // of Pause
  Transport transport_;
  RequestParser parser_;
  BodyLease lease_;
  std::unique_ptr<Scratch> scratch_;
  size_t begin_ = 0;  // of what is unread in scratch_->input
  size_t end_ = 0;
  size_t route_ = 0;
  std::optional<Refusal> refusal_;
  std::string peer_;

  Phase phase_ = Phase::kHandshake;
  SteadyClock::time_point phase_began_;
  SteadyClock::time_point deadline_;
  bool expired_ = false;
  bool aborted_ = false;
  bool close_ = false;
  bool asked_ = false;  // has ever sent a request
  bool linger_ = false;
  std::shared_ptr<const std::string> shared_body_;  // to be sent behind the output
  IoStatus last_read_ = IoStatus::kDone;
};

}  // namespace plimsoll
