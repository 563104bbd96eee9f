// Writes WorkloadReadiness objects: one request a record, as server-side apply by a field manager of its own
// (docs/adr/0051).
//
// Thread-safety: as of the ApiCaller, which must outlive it. Errors: those of ApiCaller. A namespace that is gone or going
// is no error, nor is a record that is gone already.
#pragma once

#include <string_view>

#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::kube {

inline constexpr std::string_view kRecordFieldManager = "plimsoll-audit";

class RecordStore final : public controllers::RecordStore {
 public:
  explicit RecordStore(ApiCaller& api) : api_(api) {}
  Status Write(const ObjectKey& key, const WorkloadRecord& record) override;
  Status Delete(const ObjectKey& key) override;

 private:
  ApiCaller& api_;
};

}  // namespace plimsoll::kube
