// Where every service stands, from the records of a cluster: services, owners, one service with its history.
//
// A service is what is the same in every namespace (record/service.h); its state is the worst of its workloads'.
// Thread-safety: value types and functions without state.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/record/questions.h"
#include "plimsoll/render/check_report.h"

namespace plimsoll {

struct ServiceStatus {
  std::string service;
  std::string owner;  // "" where nobody is named
  std::string tier;
  ReadinessState state = ReadinessState::kReady;
  size_t workloads = 0;
  uint32_t failing = 0;
  uint32_t waived = 0;
  std::optional<Upcoming> upcoming;  // the next date on which a finding gets stronger
  Timestamp first_seen;
  uint32_t blocked_releases = 0;
  std::vector<const RecordWithHistory*> records;  // by namespace, kind and name
};

struct OwnerStatus {
  std::string owner;
  size_t services = 0;
  size_t ready = 0;
  size_t not_ready = 0;
  size_t waived = 0;
  size_t blocked = 0;
  uint32_t failing = 0;
};

// The worst first, then by name. `records` must outlive what is returned.
std::vector<ServiceStatus> ServicesOf(const std::vector<RecordWithHistory>& records);
// The one with most that is blocked first.
std::vector<OwnerStatus> OwnersOf(const std::vector<ServiceStatus>& services);

void WriteServicesText(const std::vector<ServiceStatus>& services, const TextStyle& style,
                       std::ostream& out);
void WriteOwnersText(const std::vector<OwnerStatus>& owners, const TextStyle& style,
                     std::ostream& out);
// One service: its workloads, what is open, what comes, and what has happened.
void WriteServiceText(const ServiceStatus& service, const TextStyle& style, std::ostream& out);

inline constexpr int kStatusJsonVersion = 1;
void WriteStatusJson(const std::vector<ServiceStatus>& services, Timestamp now, std::ostream& out);

}  // namespace plimsoll
