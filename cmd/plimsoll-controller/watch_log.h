// WatchLog: says in the log what watches and calls have trouble with, and remembers when each was last spoken to. One line
// when a watch begins to fail, one a minute while it goes on: an API server that is away for an hour must not fill the log.
//
// Thread-safety: called from every informer's thread.
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/kube/informer.h"
#include "plimsoll/telemetry/logger.h"
#include "plimsoll/telemetry/metrics.h"

namespace plimsoll::controller {

inline constexpr std::chrono::seconds kWatchLogInterval(60);

class WatchLog final : public kube::InformerObserver {
 public:
  WatchLog(Logger& logger, const Clock& clock) : logger_(logger), clock_(clock) {}

  void Began(const kube::ResourceType& type) override;
  void Heard(const kube::ResourceType& type) override;
  void Ended(const kube::ResourceType& type) override;
  void Failed(const kube::ResourceType& type, const Error& error,
              std::chrono::milliseconds wait) override;
  void Relisted(const kube::ResourceType& type) override;
  void Absent(const kube::ResourceType& type) override;

  // Per kind that is watched now, when a watch of it last heard something, as Unix time; 0 before that.
  std::vector<LabelledValue> LastHeard() const;

 private:
  struct Kind {
    size_t watches = 0;
    Timestamp heard;
  };

  Logger& logger_;
  const Clock& clock_;
  mutable std::mutex mutex_;                // guards what follows
  std::map<std::string_view, Kind> kinds_;  // keys are the constants of kube/resources.h
  std::map<std::string, std::chrono::steady_clock::time_point, std::less<>> told_;
};

}  // namespace plimsoll::controller
