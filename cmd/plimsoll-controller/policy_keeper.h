// PolicyKeeper: holds the policies in force and exchanges them when their folder changes. Requests take a shared pointer
// and keep what they began with.
//
// Thread-safety: Current, Find, policies_in_force and problems from any thread; Refresh from one.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "plimsoll/admission/handler.h"
#include "plimsoll/files/policy_folder.h"
#include "plimsoll/telemetry/logger.h"
#include "plimsoll/telemetry/metrics.h"

namespace plimsoll::controller {

class PolicyKeeper final : public NamespaceSource {
 public:
  PolicyKeeper(std::string folder, Logger& logger, Metrics& metrics);

  // Looks whether the folder has changed (or reads it anyway), and says in the log and in the metrics what it found.
  void Refresh(Timestamp now, bool anyway);

  // Null until there were policies for the first time.
  std::shared_ptr<const PolicySnapshot> Current() const;
  // Null as long.
  std::shared_ptr<const WaiverSet> Waivers() const;
  Facts Find(std::string_view name) const override;

  struct Standing {
    bool loaded = false;
    size_t policies = 0;
    size_t problems = 0;
  };
  Standing standing() const;

 private:
  std::shared_ptr<const PolicySet> Set() const;
  void Report(const PolicySet& set, Timestamp now);

  PolicyFolder folder_;
  std::string path_;
  Logger& logger_;
  Metrics& metrics_;
  // Held for the copy of a pointer. (libstdc++ 12's atomic shared_ptr does the same with a lock of its own, one that the
  // thread sanitizer does not know.)
  mutable std::mutex mutex_;
  std::shared_ptr<const PolicySet> set_;
};

}  // namespace plimsoll::controller
