// WatchLog: says in the log what watches and calls have trouble with. One line when a watch begins to fail, one a minute
// while it goes on: an API server that is away for an hour must not fill the log.
//
// Thread-safety: called from every informer's thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>

#include "plimsoll/kube/informer.h"
#include "plimsoll/telemetry/logger.h"

namespace plimsoll::controller {

inline constexpr std::chrono::seconds kWatchLogInterval(60);

class WatchLog final : public kube::InformerObserver {
 public:
  explicit WatchLog(Logger& logger) : logger_(logger) {}

  void Failed(const kube::ResourceType& type, const Error& error,
              std::chrono::milliseconds wait) override;
  void Relisted(const kube::ResourceType& type) override;
  void Absent(const kube::ResourceType& type) override;

 private:
  Logger& logger_;
  std::mutex mutex_;
  std::map<std::string, std::chrono::steady_clock::time_point, std::less<>> told_;  // guarded
};

}  // namespace plimsoll::controller
