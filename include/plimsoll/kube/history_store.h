// Reads and writes the histories in WorkloadReadiness objects, under a field manager of their own: several replicas write
// them, each against the version that it has read (docs/adr/0091).
//
// Thread-safety: as of the ApiCaller, which must outlive it. Errors: those of ApiCaller.
#pragma once

#include <string_view>

#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::kube {

inline constexpr std::string_view kHistoryFieldManager = "plimsoll-history";

class HistoryStore final : public controllers::HistoryStore {
 public:
  explicit HistoryStore(ApiCaller& api) : api_(api) {}
  Result<controllers::StoredHistory> Read(const ObjectKey& key) override;
  Status Write(const ObjectKey& key, const controllers::StoredHistory& history) override;

 private:
  ApiCaller& api_;
};

}  // namespace plimsoll::kube
