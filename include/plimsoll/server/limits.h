// How much, how many and how long the listeners put up with (design §11). The defaults are what is served with; tests
// shorten them. docs/adr/0021-http-limits.md has the reasoning in one piece.
#pragma once

#include <chrono>
#include <cstddef>

namespace plimsoll {

// Request line and headers. The API server sends some 500 bytes; a proxy or mesh adds a few kilobytes.
inline constexpr size_t kMaxHeaderBytes = 16 * 1024;

// The API server opens one connection per concurrent call (91 seen in a burst of 100) and keeps 25 idle per host. Three
// of them, kubelets and scrapers stay far below; a TLS connection costs some 20 KiB.
inline constexpr size_t kMaxConnections = 1024;

// Beyond kMaxConnections so many more are let in just to be told 503 with Retry-After, which the API server tries again
// (up to ten times); a connection that is merely closed or left waiting fails the call. Those beyond wait in the backlog.
inline constexpr size_t kRefusalConnections = 128;

// Bodies are held in memory while they arrive. Each may have this much whatever others do (a review has 5 to 25 KiB), so
// that a flood of large ones cannot keep ordinary ones out ...
inline constexpr size_t kUnmeteredBodyBytes = 64 * 1024;
// ... and what is above that shares a budget: eighteen of the largest reviews at once. Beyond: 503 with Retry-After.
inline constexpr size_t kMaxBodyBytesInFlight = 128 * 1024 * 1024;

// A TLS handshake takes two round trips and a millisecond of CPU. (The API server's own limit is 10 s.)
inline constexpr std::chrono::milliseconds kHandshakeTimeout = std::chrono::seconds(5);
// From the first byte of a request to the end of its headers: total, not per read, or one byte a second holds for hours.
inline constexpr std::chrono::milliseconds kHeaderTimeout = std::chrono::seconds(5);
// For the whole body: 7 MiB at 6 Mbit/s, and as long as the API server waits by default.
inline constexpr std::chrono::milliseconds kBodyTimeout = std::chrono::seconds(10);
// For a handler that has to ask somebody first and asks to be called again. The API server waits for 5 s by default of our
// webhook configuration: then it still has the time to try once more after a 503.
inline constexpr std::chrono::milliseconds kHandlerWaitTime = std::chrono::seconds(2);
// For the peer to take the whole response.
inline constexpr std::chrono::milliseconds kWriteTimeout = std::chrono::seconds(10);
// Twice the 90 s after which the API server's client closes an idle connection itself: if we closed first, a POST could
// meet the closing connection, and those are not retried (kubernetes/kubernetes#127335).
inline constexpr std::chrono::milliseconds kIdleTimeout = std::chrono::seconds(180);
// After the last response we wait so long for the peer to close, reading and dropping what it still sends: closing a
// socket with unread bytes resets it and may destroy the response on its way.
inline constexpr std::chrono::milliseconds kLingerTimeout = std::chrono::seconds(2);
inline constexpr size_t kMaxLingerBytes = 16 * 1024 * 1024;
// Deadlines are looked at this often; they hold within it.
inline constexpr std::chrono::milliseconds kDeadlineResolution = std::chrono::milliseconds(250);

// Draining (design §10). Endpoint changes take seconds to reach every API server, so new connections still come.
inline constexpr std::chrono::milliseconds kDrainAcceptTime = std::chrono::seconds(15);
// From the start of draining: idle connections are the peer's to close, which it does within 90 s.
inline constexpr std::chrono::milliseconds kDrainIdleTime = std::chrono::seconds(100);

struct ServerLimits {
  size_t header_bytes = kMaxHeaderBytes;
  size_t connections = kMaxConnections;
  size_t refusal_connections = kRefusalConnections;
  size_t body_bytes_in_flight = kMaxBodyBytesInFlight;
  size_t linger_bytes = kMaxLingerBytes;
};

struct ServerTimeouts {
  std::chrono::milliseconds handshake = kHandshakeTimeout;
  std::chrono::milliseconds header = kHeaderTimeout;
  std::chrono::milliseconds body = kBodyTimeout;
  std::chrono::milliseconds wait = kHandlerWaitTime;
  std::chrono::milliseconds write = kWriteTimeout;
  std::chrono::milliseconds idle = kIdleTimeout;
  std::chrono::milliseconds linger = kLingerTimeout;
  std::chrono::milliseconds resolution = kDeadlineResolution;
  std::chrono::milliseconds drain_accept = kDrainAcceptTime;
  std::chrono::milliseconds drain_idle = kDrainIdleTime;
};

}  // namespace plimsoll
