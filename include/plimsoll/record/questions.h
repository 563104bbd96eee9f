// The three questions, answered from records: when did operations first see a service, which rejections could have been
// prevented upstream, and does early involvement change decisions.
//
// What counts (docs/adr/0090): seen first is the earliest sighting of any workload of the service; lead time is from there to
// its first rollout under enforcement; a rejection is a blocked release; preventable are findings that were told for the first
// time by a denial; told early is what a warning or a check told first.
//
// Pure. Thread-safety: functions and value types.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/workload_history.h"
#include "plimsoll/model/workload_record.h"

namespace plimsoll {

struct RecordWithHistory {
  WorkloadRecord record;
  WorkloadHistory history;
};

// How findings that were told early ended.
struct EarlyFindings {
  uint32_t told = 0;
  uint32_t fixed_before_enforcement = 0;
  uint32_t fixed_after_block = 0;
  uint32_t waived = 0;
  uint32_t removed = 0;
  uint32_t open = 0;
  friend bool operator==(const EarlyFindings&, const EarlyFindings&) = default;
};

struct Rejections {
  uint32_t blocked = 0;
  uint32_t surprises = 0;
  friend bool operator==(const Rejections&, const Rejections&) = default;
};

struct ServiceAnswers {
  std::string service;
  std::string owner;  // of its record that was seen last; "" where nobody is named
  uint32_t workloads = 0;
  Timestamp first_seen;
  Sighting first_seen_by = Sighting::kAudit;
  std::optional<Timestamp> first_enforced;
  Rejections rejections;
  EarlyFindings early;
  // Rule to findings that a denial told first.
  std::map<std::string, uint32_t> preventable;

  // Nothing where no rollout was under enforcement yet.
  std::optional<std::chrono::seconds> lead_time() const;
};

struct OwnerAnswers {
  std::string owner;  // "" where nobody is named
  uint32_t services = 0;
  Rejections rejections;
  EarlyFindings early;
  std::map<std::string, uint32_t> preventable;
  // Of its services that have one; nothing where none has.
  std::optional<std::chrono::seconds> median_lead_time;
};

struct Answers {
  std::vector<ServiceAnswers> services;  // by name
  std::vector<OwnerAnswers> owners;      // by name
  OwnerAnswers total;
};

Answers AnswerQuestions(const std::vector<RecordWithHistory>& records);

}  // namespace plimsoll
