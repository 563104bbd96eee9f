// LeaseRecord: what a coordination.k8s.io/v1 Lease says about leadership, read and written.
//
// Thread-safety: value types, pure functions. Errors: kInternal where the API server's answer is no Lease. What others keep
// in the object (labels, owners) survives writing.
#pragma once

#include <cstdint>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/object_key.h"

namespace plimsoll::kube {

struct LeaseRecord {
  std::string resource_version;
  std::string holder;  // "" for nobody
  int64_t duration_seconds = 0;
  int64_t transitions = 0;
  std::string acquire_time;                      // as spelled
  std::shared_ptr<const nlohmann::json> object;  // all of it
};

Result<LeaseRecord> ReadLease(std::string_view object);

// What to write. Times are for people; nothing is decided by them.
struct LeaseChange {
  std::string holder;
  int64_t duration_seconds = 0;
  int64_t transitions = 0;
  std::string acquire_time;
  Timestamp renew_time;
};

// A Lease that does not exist yet.
std::string NewLease(const ObjectKey& key, const LeaseChange& change);
// The Lease as it was read, with the change.
std::string ChangedLease(const LeaseRecord& read, const LeaseChange& change);

}  // namespace plimsoll::kube
