// What happens at a listener apart from reviews: counted, and logged where somebody should look at it.
//
// Thread-safety: called from every serving thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <string_view>

#include "plimsoll/server/http_server.h"
#include "plimsoll/telemetry/logger.h"
#include "plimsoll/telemetry/metrics.h"

namespace plimsoll::controller {

class ServerEvents final : public ServerObserver {
 public:
  // `listener`: "webhook", "metrics". Connections are counted in `metrics` unless it is null.
  ServerEvents(std::string_view listener, Logger& logger, Metrics* metrics);

  void ConnectionOpened() override;
  void ConnectionClosed() override;
  void HandshakeFailed(std::string_view peer, std::string_view detail) override;
  void RequestRefused(std::string_view peer, int status, std::string_view reason,
                      std::string_view detail) override;
  void HandlerFailed(std::string_view path, std::string_view detail) override;
  void AcceptFailed(std::string_view detail) override;

 private:
  // At most one line a second for what a peer can cause at will.
  bool MayLog();

  std::string_view listener_;
  Logger& logger_;
  Metrics* metrics_;
  std::atomic<int64_t> open_{0};
  std::atomic<int64_t> accepted_{0};
  std::atomic<int64_t> handshakes_failed_{0};
  std::atomic<int64_t> last_line_{0};
};

}  // namespace plimsoll::controller
