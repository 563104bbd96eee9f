// The status of ReadinessWaiver objects: as JSON, and back, and a merge patch of the status subresource. Reading is tolerant,
// as in record_codec.h.
//
// Thread-safety: pure functions; the store as the ApiCaller, which must outlive it. Errors: those of ApiCaller; a waiver that
// is gone is none.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/controllers/waiver_status.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::kube {

inline constexpr std::string_view kWaiverStatusFieldManager = "plimsoll-waiver-status";

// A merge patch of the waiver's status: what is not set is null.
std::string WriteWaiverStatus(const controllers::WaiverStatus& status);
// `object`: a ReadinessWaiver. Nothing where it has no status yet.
std::optional<controllers::WaiverStatus> ReadWaiverStatus(JsonView object);

class WaiverStatusStore final : public controllers::WaiverStatusStore {
 public:
  explicit WaiverStatusStore(ApiCaller& api) : api_(api) {}
  Status Write(const ObjectKey& waiver, const controllers::WaiverStatus& status) override;

 private:
  ApiCaller& api_;
};

}  // namespace plimsoll::kube
