// HttpServer: one listener, HTTPS or plain HTTP/1.1, with every limit of limits.h and a drain that loses no request.
//
// Each serving thread has an event loop and connections of its own: no request waits for a lock, and a handler's scratch
// memory is its thread's. A handler runs on the event loop and must not block.
//
// Thread-safety: all methods from any thread. Ownership: what the options point to must outlive the server; it owns its
// threads. Errors: starting gives a Result; afterwards trouble with one connection ends that connection and is told to
// the ServerObserver. Semantics: RFC 9110, RFC 9112.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/server/http.h"
#include "plimsoll/server/limits.h"

namespace plimsoll {

class ReloadableServerContext;

// Whoever counts. Called from every serving thread; must not block and must not throw.
class ServerObserver {
 public:
  virtual ~ServerObserver() = default;
  virtual void ConnectionOpened() = 0;
  virtual void ConnectionClosed() = 0;
  // The peer could not agree with us on TLS, or took too long. `detail` is OpenSSL's reason.
  virtual void HandshakeFailed(std::string_view peer, std::string_view detail) = 0;
  // A request was answered without asking a handler. `reason` is a short stable word ("too_large", "timeout", ...).
  virtual void RequestRefused(std::string_view peer, int status, std::string_view reason,
                              std::string_view detail) = 0;
  // A handler threw; the request was answered with 500.
  virtual void HandlerFailed(std::string_view path, std::string_view detail) = 0;
  // accept() failed, mostly for want of file descriptors; it is tried again.
  virtual void AcceptFailed(std::string_view detail) = 0;
};

struct HttpServerOptions {
  // "127.0.0.1:9443", "[::1]:0", ":9443" (every address, IPv4 and IPv6), "localhost:8080". Port 0: any free one.
  std::string address;
  // Null: plain HTTP.
  ReloadableServerContext* tls = nullptr;
  size_t threads = 2;
  std::vector<Route> routes;
  ServerLimits limits;
  ServerTimeouts timeouts;
  ServerObserver* observer = nullptr;  // may be null
};

class HttpServer {
 public:
  // Binds, listens and serves. Errors name the address and the system's reason (port in use, not permitted, ...).
  static Result<std::unique_ptr<HttpServer>> Start(HttpServerOptions options);
  // As Stop(), and waits.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;
  // "127.0.0.1:9443" as bound.
  const std::string& address() const;
  // Open now, those being refused included.
  size_t connections() const;

  // For how long the slowest event loop has not come round. Each does so every ServerTimeouts::resolution; much more means
  // that a handler hangs.
  std::chrono::milliseconds stalled_for() const;

  // From now on responses carry `Connection: close`. New connections are accepted for drain_accept, idle ones are left
  // to their peers until drain_idle has passed, then closed. Returns at once; calling it again changes nothing.
  void BeginDrain();
  bool draining() const;
  // Ends now: closes every connection, even with a request half read.
  void Stop();
  // Waits until the server has ended; false if it has not within `timeout`.
  bool WaitUntilStopped(std::chrono::milliseconds timeout) const;
  // BeginDrain, and returns when all is done (or somebody has called Stop).
  void Drain();

 private:
  class Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
