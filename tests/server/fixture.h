// A server with an echo, a constant and a throwing route, and what it told its observer.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "plimsoll/server/http_server.h"
#include "plimsoll/tls/reloadable_server_context.h"

namespace plimsoll::testing {

// Records, and lets a test wait for what it expects instead of sleeping.
class RecordingObserver : public ServerObserver {
 public:
  void ConnectionOpened() override;
  void ConnectionClosed() override;
  void HandshakeFailed(std::string_view peer, std::string_view detail) override;
  void RequestRefused(std::string_view peer, int status, std::string_view reason,
                      std::string_view detail) override;
  void HandlerFailed(std::string_view path, std::string_view detail) override;
  void AcceptFailed(std::string_view detail) override;

  // Waits until `done` holds; false after half a minute.
  bool WaitFor(const std::function<bool(const RecordingObserver&)>& done);

  // Read inside WaitFor, or when the server has stopped.
  int opened = 0;
  int closed = 0;
  std::vector<std::string> handshakes;
  std::vector<std::string> refused;  // "413 too_large"
  std::vector<std::string> failed;   // "/throw: what"

 private:
  void Note(const std::function<void()>& change);
  std::mutex mutex_;
  std::condition_variable changed_;
};

struct Running {
  RecordingObserver observer;
  std::unique_ptr<ReloadableServerContext> tls;  // null: plain
  std::atomic<bool> ready{true};
  std::unique_ptr<HttpServer> server;  // last: ends first

  uint16_t port() const { return server->port(); }
};

enum class Tls { kOff, kOn };

KeyPairPem TestLeaf();
// Deadlines are looked at every five milliseconds.
ServerTimeouts FineTimeouts();

// POST /echo (application/json, 7 MiB), GET /constant, GET /throw, GET /large (1 MiB).
std::unique_ptr<Running> StartServer(Tls tls, ServerTimeouts timeouts = FineTimeouts(),
                                     ServerLimits limits = {}, std::vector<Route> more = {});

}  // namespace plimsoll::testing
