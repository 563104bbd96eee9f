#include "plimsoll/record/history_keeper.h"

#include <algorithm>
#include <utility>

namespace plimsoll {
namespace {

HistoryEffects AdvanceBy(const Happening& happening, WorkloadHistory& history) {
  return std::visit([&](const auto& what) { return Advance(history, what); }, happening.what);
}

Timestamp TimeOf(const Happening& happening) {
  return std::visit([](const auto& what) { return what.at; }, happening.what);
}

const Stamps& StampsOf(const Happening& happening) {
  return std::visit([](const auto& what) -> const Stamps& { return what.stamps; }, happening.what);
}

// The earliest that what happened says of its workload.
Timestamp SeenBy(const Happening& happening) {
  const Stamps& stamps = StampsOf(happening);
  const Timestamp at = TimeOf(happening);
  return std::min({at, stamps.kickoff.value_or(at), stamps.checked.value_or(at)});
}

// Whether it is refused for one of these.
bool Denies(const Attempt& attempt, const std::vector<CheckedFinding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [&](const CheckedFinding& told) {
    return std::any_of(attempt.findings.begin(), attempt.findings.end(),
                       [&](const AnsweredFinding& finding) {
                         return finding.action == Action::kDeny && finding.rule == told.rule &&
                                finding.container == told.container;
                       });
  });
}

}  // namespace

void HistoryKeeper::SetService(const ObjectKey& key, Known& known, const std::string& service) {
  if (known.history.service == service) return;
  if (const auto before = services_.find(known.history.service); before != services_.end()) {
    before->second.erase(key);
    if (before->second.empty()) services_.erase(before);
  }
  known.history.service = service;
  if (!service.empty()) services_[service].insert(key);
}

void HistoryKeeper::Forget(const ObjectKey& key) {
  const auto found = known_.find(key);
  if (found == known_.end()) return;
  SetService(key, found->second, "");
  known_.erase(found);
}

void HistoryKeeper::SetRecord(const ObjectKey& key, const WorkloadHistory& history,
                              Timestamp first_seen, std::string_view owner) {
  Known& known = known_[key];
  known.owner = owner;
  known.present = true;
  known.first_seen = std::min(known.first_seen, first_seen);
  SetService(key, known, history.service.empty() ? known.history.service : history.service);
  std::string service = std::move(known.history.service);
  known.history = history;
  known.history.service = std::move(service);
  known.history.events.clear();
  // What is about to be written is known here already.
  const auto waiting = pending_.find(key);
  if (waiting == pending_.end()) return;
  for (const Happening& happening : waiting->second.happenings) {
    AdvanceBy(happening, known.history);
  }
  if (!waiting->second.awaits_record) return;
  TakeOut(waiting);
  PutIn(waiting, std::nullopt);
}

HistoryKeeper::Gone HistoryKeeper::RemoveRecord(const ObjectKey& key) {
  Gone gone;
  const auto found = known_.find(key);
  if (found == known_.end() || !found->second.present) return gone;
  Known& known = found->second;
  known.present = false;
  gone.owner = known.owner;
  for (const ToldFinding& finding : known.history.findings) {
    if (finding.outcome == FindingOutcome::kOpen) {
      gone.ended.push_back({finding.rule, FindingOutcome::kRemoved, finding.shown_by});
    }
    if (known.former.size() < kMaxToldFindings) {
      known.former.push_back({finding.rule, finding.container});
    }
  }
  // The next workload of that name has a history of its own, and its team has been told.
  WorkloadHistory next;
  next.service = known.history.service;
  known.history = std::move(next);
  former_.push_back(key);
  if (former_.size() > kMaxFormerHistories) {
    const auto oldest = known_.find(former_.front());
    if (oldest != known_.end() && !oldest->second.present) Forget(former_.front());
    former_.pop_front();
  }
  return gone;
}

bool HistoryKeeper::ToldElsewhere(const ObjectKey& key, const std::string& service,
                                  const Attempt& attempt) const {
  const auto found = services_.find(service);
  if (found == services_.end()) return false;
  return std::any_of(found->second.begin(), found->second.end(), [&](const ObjectKey& other) {
    const Known& known = known_.at(other);
    return (other != key && ToldBefore(known.history, attempt)) || Denies(attempt, known.former);
  });
}

bool HistoryKeeper::Add(const ObjectKey& key, Happening happening) {
  if (std::holds_alternative<Observation>(happening.what) && !known_.contains(key)) return false;
  const auto [entry, added] = known_.try_emplace(key);
  Known& known = entry->second;
  if (added) former_.push_back(key);  // until a record says otherwise
  known.first_seen = std::min(known.first_seen, SeenBy(happening));
  if (auto* attempt = std::get_if<Attempt>(&happening.what); attempt && attempt->denied) {
    attempt->told_elsewhere = ToldElsewhere(key, happening.service, *attempt);
  }
  const bool news = AdvanceBy(happening, known.history).changed;
  known.history.events.clear();
  SetService(key, known, happening.service);
  if (!news) return false;
  const auto [waiting, first] = pending_.try_emplace(key);
  if (first) {
    PutIn(waiting, std::nullopt);
    if (pending_.size() > kMaxPendingHistories) ForgetOldest();
  }
  std::vector<Happening>& happenings = waiting->second.happenings;
  if (happenings.size() < kMaxPendingHappenings) {
    happenings.push_back(std::move(happening));
  } else {
    ++dropped_;
  }
  return true;
}

void HistoryKeeper::PutIn(Pendings::iterator waiting, std::optional<Timestamp> not_before) {
  Pending& pending = waiting->second;
  pending.place = ++sequence_;
  pending.not_before = not_before;
  pending.awaits_record = false;
  if (not_before) {
    held_.emplace(std::pair(*not_before, pending.place), waiting->first);
  } else {
    queue_.emplace(pending.place, waiting->first);
  }
}

void HistoryKeeper::TakeOut(Pendings::iterator waiting) {
  const Pending& pending = waiting->second;
  if (pending.not_before) {
    held_.erase({*pending.not_before, pending.place});
  } else {
    queue_.erase(pending.place);
  }
}

// Never the one that was put in just now: it is the last of the queue, and there are others.
void HistoryKeeper::ForgetOldest() {
  const bool all_held = queue_.size() == 1;
  const auto oldest = pending_.find(all_held ? held_.begin()->second : queue_.begin()->second);
  dropped_ += oldest->second.happenings.size();
  TakeOut(oldest);
  pending_.erase(oldest);
}

std::optional<ObjectKey> HistoryKeeper::Next(Timestamp now) const {
  if (!held_.empty() && held_.begin()->first.first <= now) return held_.begin()->second;
  if (!queue_.empty()) return queue_.begin()->second;
  return std::nullopt;
}

const std::vector<Happening>& HistoryKeeper::PendingOf(const ObjectKey& key) const {
  static const std::vector<Happening> kNone;
  const auto found = pending_.find(key);
  return found == pending_.end() ? kNone : found->second.happenings;
}

HistoryKeeper::Merged HistoryKeeper::Merge(const ObjectKey& key,
                                           const WorkloadHistory& stored) const {
  Merged merged;
  merged.history = stored;
  for (const Happening& happening : PendingOf(key)) {
    merged.history.service = happening.service;
    HistoryEffects effects = AdvanceBy(happening, merged.history);
    if (effects.changed) merged.effects.emplace_back(&happening, std::move(effects));
  }
  return merged;
}

void HistoryKeeper::Done(const ObjectKey& key, size_t merged, const WorkloadHistory& history) {
  if (const auto known = known_.find(key); known != known_.end()) {
    SetService(key, known->second, history.service);
    known->second.history = history;
    known->second.history.events.clear();
  }
  Drop(key, merged);
}

void HistoryKeeper::Drop(const ObjectKey& key, size_t merged) {
  const auto found = pending_.find(key);
  if (found == pending_.end()) return;
  std::vector<Happening>& happenings = found->second.happenings;
  happenings.erase(happenings.begin(), happenings.begin() + static_cast<ptrdiff_t>(std::min(
                                                                merged, happenings.size())));
  TakeOut(found);
  if (happenings.empty()) {
    pending_.erase(found);
    return;
  }
  PutIn(found, std::nullopt);
}

void HistoryKeeper::Delay(const ObjectKey& key, Timestamp until) {
  const auto found = pending_.find(key);
  if (found == pending_.end()) return;
  TakeOut(found);
  PutIn(found, until);
}

void HistoryKeeper::AwaitRecord(const ObjectKey& key, Timestamp until) {
  Delay(key, until);
  if (const auto found = pending_.find(key); found != pending_.end()) {
    found->second.awaits_record = true;
  }
}

bool HistoryKeeper::HasRecord(const ObjectKey& key) const {
  const auto found = known_.find(key);
  return found != known_.end() && found->second.present;
}

std::optional<std::chrono::seconds> HistoryKeeper::LeadTime(const std::string& service,
                                                            Timestamp now) const {
  const auto found = services_.find(service);
  if (found == services_.end()) return std::nullopt;
  Timestamp first = Timestamp::max();
  for (const ObjectKey& key : found->second) first = std::min(first, known_.at(key).first_seen);
  if (first > now) return std::nullopt;
  return now - first;
}

}  // namespace plimsoll
