#include "plimsoll/policy/waiver_set.h"

#include <algorithm>
#include <tuple>

namespace plimsoll {

WaiverSet::WaiverSet(std::vector<Pointer> waivers) : waivers_(std::move(waivers)) {
  std::erase(waivers_, nullptr);
  const auto key = [](const Pointer& waiver) {
    return std::tie(waiver->namespace_name, waiver->name);
  };
  std::stable_sort(waivers_.begin(), waivers_.end(),
                   [&](const Pointer& a, const Pointer& b) { return key(a) < key(b); });
  const auto last =
      std::unique(waivers_.begin(), waivers_.end(),
                  [&](const Pointer& a, const Pointer& b) { return key(a) == key(b); });
  waivers_.erase(last, waivers_.end());
  for (const Pointer& waiver : waivers_) {
    for (const WaivedWorkload& workload : waiver->workloads) {
      auto& about = by_workload_[{workload.kind, waiver->namespace_name, workload.name}];
      // A workload that one waiver names twice is named once.
      if (about.empty() || about.back() != waiver.get()) about.push_back(waiver.get());
    }
  }
}

const ReadinessWaiver* WaiverSet::Find(std::string_view namespace_name,
                                       std::string_view name) const {
  const std::pair wanted(namespace_name, name);
  const auto found = std::lower_bound(
      waivers_.begin(), waivers_.end(), wanted, [](const Pointer& waiver, const auto& key) {
        return std::pair<std::string_view, std::string_view>(waiver->namespace_name, waiver->name) <
               key;
      });
  if (found == waivers_.end()) return nullptr;
  const ReadinessWaiver& waiver = **found;
  return waiver.namespace_name == namespace_name && waiver.name == name ? &waiver : nullptr;
}

size_t WaiverSet::CountIn(std::string_view namespace_name) const {
  const auto first = std::lower_bound(waivers_.begin(), waivers_.end(), namespace_name,
                                      [](const Pointer& waiver, std::string_view wanted) {
                                        return waiver->namespace_name < wanted;
                                      });
  const auto last = std::upper_bound(first, waivers_.end(), namespace_name,
                                     [](std::string_view wanted, const Pointer& waiver) {
                                       return wanted < waiver->namespace_name;
                                     });
  return static_cast<size_t>(last - first);
}

std::span<const ReadinessWaiver* const> WaiverSet::For(WorkloadKind kind,
                                                       std::string_view namespace_name,
                                                       std::string_view name) const {
  if (by_workload_.empty()) return {};
  const auto found = by_workload_.find({kind, namespace_name, name});
  if (found == by_workload_.end()) return {};
  return found->second;
}

Excuse FindExcuse(std::span<const ReadinessWaiver* const> waivers, const ReadinessPolicy& policy,
                  std::string_view rule, Timestamp now) {
  // Of waivers that do not excuse, what their reader would want to hear of first.
  const auto promise = [](WaiverState state) {
    return state == WaiverState::kPending ? 2 : state == WaiverState::kExpired ? 1 : 0;
  };
  Excuse excuse;
  for (const ReadinessWaiver* waiver : waivers) {
    if (waiver->policy != policy.name ||
        std::find(waiver->rules.begin(), waiver->rules.end(), rule) == waiver->rules.end()) {
      continue;
    }
    const WaiverState state = StateOf(*waiver, &policy, now);
    if (state == WaiverState::kActive) {
      const bool longer = excuse.active == nullptr || waiver->expires > excuse.active->expires;
      if (longer) excuse.active = waiver;
    } else if (excuse.near == nullptr || promise(state) > promise(excuse.near_state) ||
               (state == excuse.near_state && waiver->expires > excuse.near->expires)) {
      excuse.near = waiver;
      excuse.near_state = state;
    }
  }
  return excuse;
}

}  // namespace plimsoll
