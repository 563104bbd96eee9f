// From a verdict to the record of a workload.
//
// Thread-safety: pure functions and value types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "plimsoll/base/fingerprint.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/model/workload_record.h"

namespace plimsoll::controllers {

// Since when a finding is observed. Findings are told apart by policy, rule, container and path; where a container is
// named, its place in the list of containers does not count, so that another container before it makes nothing new.
struct Observed {
  uint64_t finding = 0;
  Timestamp since;
  friend bool operator==(const Observed&, const Observed&) = default;
};

// What tells the verdict's violations apart, in their order.
std::vector<uint64_t> IdentitiesOf(const Verdict& verdict);
// Of each violation: since when it was observed before, else since `now`. Sorted, each once.
std::vector<Observed> ObservedIn(const std::vector<uint64_t>& identities,
                                 const std::vector<Observed>& before, Timestamp now);
// What a record says of it.
std::vector<Observed> ObservedIn(const WorkloadRecord& record);

struct RecordFacts {
  const WorkloadKey& key;
  std::string_view api_version;
  std::string_view uid;
  std::string service;
  Timestamp first_seen;
  Sighting first_seen_by;
  const std::vector<uint64_t>& identities;  // of this verdict
  const std::vector<Observed>& observed;    // likewise
};

// Bounded (model/workload_record.h): the worst findings first, the others counted.
WorkloadRecord BuildRecord(const RecordFacts& facts, const Verdict& verdict);

ReadinessState StateOf(const Verdict& verdict);
// The verdict's owner, as records and figures have it.
std::string RecordedOwner(const Verdict& verdict);

Fingerprint FingerprintOf(const WorkloadRecord& record);

}  // namespace plimsoll::controllers
