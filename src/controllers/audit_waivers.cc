#include <algorithm>
#include <utility>

#include "controllers/audit_state.h"

namespace plimsoll::controllers {
namespace {

using Waivers = std::span<const ReadinessWaiver* const>;

Waivers About(const WaiverSet* set, const WorkloadKey& key) {
  return set == nullptr ? Waivers() : set->For(key.kind, key.namespace_name, key.name);
}

bool Same(Waivers a, Waivers b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const ReadinessWaiver* one, const ReadinessWaiver* other) {
                      return one == other || *one == *other;
                    });
}

}  // namespace

void Audit::SetWaivers(std::shared_ptr<const WaiverSet> waivers) {
  State& state = *state_;
  const std::shared_ptr<const WaiverSet> before = std::exchange(state.waivers, std::move(waivers));
  const WaiverSet* now = state.waivers.get();
  for (const WaiverSet* set : {before.get(), now}) {
    if (set == nullptr) continue;
    set->ForEachWorkload([&](WorkloadKind kind, std::string_view home, std::string_view name) {
      const WorkloadKey key{kind, std::string(home), std::string(name)};
      if (Same(About(before.get(), key), About(now, key))) return;
      if (AuditedWorkload* workload = state.Find(key)) state.Wait(*workload);
    });
  }
  state.expiries.clear();
  if (now == nullptr) return;
  for (const WaiverSet::Pointer& waiver : now->all()) {
    for (const WaivedWorkload& workload : waiver->workloads) {
      state.expiries.push_back(
          {waiver->expires, {workload.kind, waiver->namespace_name, workload.name}});
    }
  }
  std::sort(state.expiries.begin(), state.expiries.end());
}

void Audit::State::WakeForExpiries(Timestamp from, Timestamp to) {
  const auto later = [](Timestamp time, const auto& expiry) { return time < expiry.first; };
  auto at = std::upper_bound(expiries.begin(), expiries.end(), from, later);
  for (; at != expiries.end() && at->first <= to; ++at) {
    if (AuditedWorkload* workload = Find(at->second)) Wait(*workload);
  }
}

std::optional<Timestamp> Audit::State::NextExpiry(Timestamp now) const {
  const auto next =
      std::upper_bound(expiries.begin(), expiries.end(), now,
                       [](Timestamp time, const auto& expiry) { return time < expiry.first; });
  return next == expiries.end() ? std::nullopt : std::optional(next->first);
}

void Audit::State::AddWaivers(AuditFigures& figures) const {
  if (waivers == nullptr || policies == nullptr || !last_now) return;
  for (const WaiverSet::Pointer& waiver : waivers->all()) {
    const ObjectKey key{waiver->namespace_name, waiver->name};
    AuditFigures::Waiver& figure = figures.waivers[key];
    figure.state = StateOf(*waiver, policies->Find(waiver->policy), *last_now);
    figure.policy = waiver->policy;
    figure.expires = waiver->expires;
    const FigureBook::WaiverUse use = book.UseOf(key);
    figure.workloads = use.workloads;
    figure.findings = use.findings;
    for (const WaivedWorkload& named : waiver->workloads) {
      const auto found = workloads.find({named.kind, waiver->namespace_name, named.name});
      if (found == workloads.end() || found->second.contribution.owner.empty()) continue;
      figure.owner = found->second.contribution.owner;
      break;
    }
  }
}

}  // namespace plimsoll::controllers
