#include "server_events.h"

#include <chrono>

namespace plimsoll::controller {

ServerEvents::ServerEvents(std::string_view listener, Logger& logger, Metrics* metrics)
    : listener_(listener), logger_(logger), metrics_(metrics) {
  if (metrics_ == nullptr) return;
  const auto read = [](const std::atomic<int64_t>& value) {
    return [&value] { return static_cast<double>(value.load(std::memory_order_relaxed)); };
  };
  metrics_->Read("plimsoll_connections", read(open_));
  metrics_->Read("plimsoll_connections_accepted_total", read(accepted_));
  metrics_->Read("plimsoll_tls_handshake_failures_total", read(handshakes_failed_));
}

bool ServerEvents::MayLog() {
  const int64_t second = std::chrono::duration_cast<std::chrono::seconds>(
                             std::chrono::steady_clock::now().time_since_epoch())
                             .count();
  return last_line_.exchange(second, std::memory_order_relaxed) != second;
}

void ServerEvents::ConnectionOpened() {
  accepted_.fetch_add(1, std::memory_order_relaxed);
  open_.fetch_add(1, std::memory_order_relaxed);
}

void ServerEvents::ConnectionClosed() { open_.fetch_sub(1, std::memory_order_relaxed); }

void ServerEvents::HandshakeFailed(std::string_view peer, std::string_view detail) {
  handshakes_failed_.fetch_add(1, std::memory_order_relaxed);
  if (!logger_.Enabled(LogLevel::kDebug) || !MayLog()) return;
  logger_.Log(LogLevel::kDebug, "TLS handshake failed",
              {{"listener", listener_}, {"peer", peer}, {"detail", detail}});
}

void ServerEvents::RequestRefused(std::string_view peer, int status, std::string_view reason,
                                  std::string_view detail) {
  if (metrics_ != nullptr) metrics_->CountRefused(reason);
  if (!MayLog()) return;
  logger_.Log(LogLevel::kWarning, "request refused",
              {{"listener", listener_},
               {"peer", peer},
               {"status", int64_t{status}},
               {"reason", reason},
               {"detail", detail}});
}

void ServerEvents::HandlerFailed(std::string_view path, std::string_view detail) {
  if (!MayLog()) return;
  logger_.Log(LogLevel::kError, "request failed by a fault of ours",
              {{"listener", listener_}, {"path", path}, {"detail", detail}});
}

void ServerEvents::AcceptFailed(std::string_view detail) {
  if (!MayLog()) return;
  logger_.Log(LogLevel::kError, "cannot accept connections",
              {{"listener", listener_}, {"detail", detail}});
}

}  // namespace plimsoll::controller
