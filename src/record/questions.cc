#include "plimsoll/record/questions.h"

#include <algorithm>
#include <tuple>

namespace plimsoll {
namespace {

// One that an older version wrote stands for itself.
std::string ServiceOf(const RecordWithHistory& one) {
  if (!one.record.service.empty()) return one.record.service;
  const WorkloadKey& key = one.record.workload;
  return std::string(WorkloadKindName(key.kind)) + "/" + key.name + " in " + key.namespace_name;
}

void See(Timestamp at, Sighting how, ServiceAnswers& service) {
  if (std::tie(service.first_seen, service.first_seen_by) <= std::tie(at, how)) return;
  service.first_seen = at;
  service.first_seen_by = how;
}

void CountEnd(FindingOutcome outcome, EarlyFindings& early) {
  switch (outcome) {
    case FindingOutcome::kOpen:
      ++early.open;
      return;
    case FindingOutcome::kFixedBeforeEnforcement:
      ++early.fixed_before_enforcement;
      return;
    case FindingOutcome::kFixedAfterBlock:
      ++early.fixed_after_block;
      return;
    case FindingOutcome::kWaived:
      ++early.waived;
      return;
    case FindingOutcome::kRemoved:
      ++early.removed;
      return;
  }
}

// What one service was told in several places was told once: by whom first, and ended as badly as it did anywhere.
struct TellingOfService {
  Timestamp first_shown;
  Sighting shown_by;
  FindingOutcome outcome;
};
using Tellings = std::map<std::pair<std::string, std::string>, TellingOfService>;

// One that blocked a release in production was not fixed in time, whenever it was fixed elsewhere.
int Badness(FindingOutcome outcome) {
  switch (outcome) {
    case FindingOutcome::kOpen:
      return 4;
    case FindingOutcome::kFixedAfterBlock:
      return 3;
    case FindingOutcome::kWaived:
      return 2;
    case FindingOutcome::kFixedBeforeEnforcement:
      return 1;
    case FindingOutcome::kRemoved:
      return 0;
  }
  return 0;
}

void Merge(const ToldFinding& finding, Tellings& tellings) {
  const auto [place, added] = tellings.try_emplace(
      {finding.rule, finding.container},
      TellingOfService{finding.first_shown, finding.shown_by, finding.outcome});
  if (added) return;
  TellingOfService& telling = place->second;
  if (std::tie(finding.first_shown, finding.shown_by) <
      std::tie(telling.first_shown, telling.shown_by)) {
    telling.first_shown = finding.first_shown;
    telling.shown_by = finding.shown_by;
  }
  if (Badness(finding.outcome) > Badness(telling.outcome)) telling.outcome = finding.outcome;
}

void Count(const Tellings& tellings, ServiceAnswers& service) {
  for (const auto& [finding, telling] : tellings) {
    if (telling.shown_by == Sighting::kDenial) {
      ++service.preventable[finding.first];
    } else {
      ++service.early.told;
      CountEnd(telling.outcome, service.early);
    }
  }
}

void Add(const EarlyFindings& from, EarlyFindings& to) {
  to.told += from.told;
  to.fixed_before_enforcement += from.fixed_before_enforcement;
  to.fixed_after_block += from.fixed_after_block;
  to.waived += from.waived;
  to.removed += from.removed;
  to.open += from.open;
}

void Add(const ServiceAnswers& service, OwnerAnswers& owner) {
  ++owner.services;
  owner.rejections.blocked += service.rejections.blocked;
  owner.rejections.surprises += service.rejections.surprises;
  Add(service.early, owner.early);
  for (const auto& [rule, count] : service.preventable) owner.preventable[rule] += count;
}

using Leads = std::vector<std::chrono::seconds>;

std::optional<std::chrono::seconds> Median(Leads leads) {
  if (leads.empty()) return std::nullopt;
  const auto middle = leads.begin() + static_cast<ptrdiff_t>(leads.size() / 2);
  std::nth_element(leads.begin(), middle, leads.end());
  if (leads.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(leads.begin(), middle)) / 2;
}

ServiceAnswers AnswerFor(const std::vector<const RecordWithHistory*>& records) {
  ServiceAnswers service;
  service.first_seen = Timestamp::max();
  Tellings tellings;
  Timestamp last_seen = Timestamp::min();
  for (const RecordWithHistory* one : records) {
    ++service.workloads;
    See(one->record.first_seen, one->record.first_seen_by, service);
    if (one->record.first_seen >= last_seen && !one->record.owner.empty()) {
      last_seen = one->record.first_seen;
      service.owner = one->record.owner;
    }
    const WorkloadHistory& history = one->history;
    if (history.first_enforced) {
      service.first_enforced = std::min(service.first_enforced.value_or(*history.first_enforced),
                                        *history.first_enforced);
    }
    service.rejections.blocked += history.blocked_releases;
    service.rejections.surprises += history.surprises;
    for (const ToldFinding& finding : history.findings) {
      See(finding.first_shown, finding.shown_by, service);
      Merge(finding, tellings);
    }
  }
  Count(tellings, service);
  return service;
}

}  // namespace

std::optional<std::chrono::seconds> ServiceAnswers::lead_time() const {
  if (!first_enforced) return std::nullopt;
  return std::max(*first_enforced - first_seen, std::chrono::seconds(0));
}

Answers AnswerQuestions(const std::vector<RecordWithHistory>& records) {
  std::map<std::string, std::vector<const RecordWithHistory*>> by_service;
  for (const RecordWithHistory& one : records) by_service[ServiceOf(one)].push_back(&one);
  Answers answers;
  std::map<std::string, std::pair<OwnerAnswers, Leads>> owners;
  Leads all_leads;
  for (const auto& [name, group] : by_service) {
    ServiceAnswers service = AnswerFor(group);
    service.service = name;
    auto& [owner, leads] = owners[service.owner];
    Add(service, owner);
    Add(service, answers.total);
    if (const auto lead = service.lead_time()) {
      leads.push_back(*lead);
      all_leads.push_back(*lead);
    }
    answers.services.push_back(std::move(service));
  }
  for (auto& [name, owner] : owners) {
    owner.first.owner = name;
    owner.first.median_lead_time = Median(std::move(owner.second));
    answers.owners.push_back(std::move(owner.first));
  }
  answers.total.median_lead_time = Median(std::move(all_leads));
  return answers;
}

}  // namespace plimsoll
