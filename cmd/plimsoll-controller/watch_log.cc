#include "watch_log.h"

namespace plimsoll::controller {

void WatchLog::Began(const kube::ResourceType& type) {
  const std::lock_guard lock(mutex_);
  ++kinds_[type.kind].watches;
}

void WatchLog::Heard(const kube::ResourceType& type) {
  const Timestamp now = clock_.Now();
  const std::lock_guard lock(mutex_);
  kinds_[type.kind].heard = now;
}

void WatchLog::Ended(const kube::ResourceType& type) {
  const std::lock_guard lock(mutex_);
  const auto kind = kinds_.find(type.kind);
  if (kind != kinds_.end() && --kind->second.watches == 0) kinds_.erase(kind);
}

std::vector<LabelledValue> WatchLog::LastHeard() const {
  std::vector<LabelledValue> heard;
  const std::lock_guard lock(mutex_);
  for (const auto& [kind, state] : kinds_) {
    heard.push_back(
        {std::string(kind), static_cast<double>(state.heard.time_since_epoch().count())});
  }
  return heard;
}

void WatchLog::Failed(const kube::ResourceType& type, const Error& error,
                      std::chrono::milliseconds wait) {
  const auto now = std::chrono::steady_clock::now();
  {
    const std::lock_guard lock(mutex_);
    const auto [told, first] = told_.try_emplace(std::string(type.plural), now);
    if (!first && now - told->second < kWatchLogInterval) return;
    told->second = now;
  }
  logger_.Log(LogLevel::kWarning, "watch failed; it is tried again",
              {{"resource", type.plural},
               {"group", type.group},
               {"retry_ms", int64_t{wait.count()}},
               {"error", error.message}});
}

void WatchLog::Relisted(const kube::ResourceType& type) {
  logger_.Log(LogLevel::kInfo, "listing anew: the API server has forgotten what came before",
              {{"resource", type.plural}});
}

void WatchLog::Absent(const kube::ResourceType& type) {
  logger_.Log(LogLevel::kInfo, "not there; it is looked for now and then",
              {{"resource", type.plural}, {"group", type.group}});
}

}  // namespace plimsoll::controller
