#include "controllers/figure_book.h"

#include <utility>

namespace plimsoll::controllers {
namespace {

// Counts that are zero are not kept: owners come and go.
template <class Key>
void Adjust(std::map<Key, uint32_t>& counts, Key key, int64_t by) {
  const auto [found, added] = counts.try_emplace(std::move(key), 0U);
  found->second = static_cast<uint32_t>(found->second + by);
  if (found->second == 0) counts.erase(found);
}

void Adjust(uint32_t& count, int sign) { count = static_cast<uint32_t>(int64_t{count} + sign); }

}  // namespace

void FigureBook::SetPolicies(const PolicySnapshot& policies) {
  for (Slot& slot : slots_) slot.in_force = false;
  for (const ReadinessPolicy& policy : policies.policies()) {
    auto found = ids_.find(policy.name);
    if (found == ids_.end()) {
      if (free_.empty()) {
        free_.push_back(static_cast<PolicyId>(slots_.size()));
        slots_.emplace_back();
      }
      found = ids_.emplace(policy.name, free_.back()).first;
      slots_[free_.back()].name = policy.name;
      free_.pop_back();
    }
    slots_[found->second].in_force = true;
  }
  for (PolicyId id = 0; id < slots_.size(); ++id) Free(id);
}

void FigureBook::Free(PolicyId id) {
  Slot& slot = slots_[id];
  if (slot.in_force || slot.contributions > 0 || slot.name.empty()) return;
  ids_.erase(slot.name);
  slot = {};
  free_.push_back(id);
}

uint16_t FigureBook::RuleId(std::string_view rule) {
  if (const auto found = rule_ids_.find(rule); found != rule_ids_.end()) return found->second;
  const auto id = static_cast<uint16_t>(rule_names_.size());
  rule_names_.emplace_back(rule);
  rule_ids_.emplace(rule, id);
  return id;
}

void FigureBook::Replace(Contribution& before, Contribution now) {
  if (before == now) return;
  for (const Contribution::OfPolicy& part : now.policies) ++slots_[part.policy].contributions;
  Count(before, -1);
  Count(now, 1);
  for (const Contribution::OfPolicy& part : before.policies) {
    --slots_[part.policy].contributions;
    Free(part.policy);
  }
  before = std::move(now);
}

void FigureBook::Count(const Contribution& contribution, int sign) {
  if (!contribution.counted) return;
  Adjust(figures_.workloads, {contribution.state, contribution.tier, contribution.owner}, sign);
  for (const Contribution::OfPolicy& part : contribution.policies) {
    PolicyFigures& figures = slots_[part.policy].figures;
    Adjust(figures.matched, sign);
    if (part.failing) Adjust(figures.failing, sign);
    if (part.waived) Adjust(figures.waived, sign);
    if (!part.failing && !part.waived) Adjust(figures.ready, sign);
    if (part.blocked) {
      Adjust(figures_.blocked, {slots_[part.policy].name, contribution.owner}, sign);
    }
    if (!part.would_block) continue;
    Adjust(figures.would_block, sign);
    Adjust(figures_.would_block, {slots_[part.policy].name, contribution.owner}, sign);
  }
  for (const Contribution::OfRule& part : contribution.rules) {
    Adjust(figures_.findings,
           {slots_[part.policy].name, rule_names_[part.rule], part.action, contribution.owner},
           sign * int64_t{part.findings});
  }
  for (const Contribution::OfWaiver& part : contribution.waivers) {
    WaiverUse& use = waivers_[part.waiver];
    Adjust(use.workloads, sign);
    use.findings = static_cast<uint32_t>(use.findings + sign * int64_t{part.findings});
    if (use.workloads == 0) waivers_.erase(part.waiver);
  }
}

FigureBook::WaiverUse FigureBook::UseOf(const ObjectKey& waiver) const {
  const auto found = waivers_.find(waiver);
  return found == waivers_.end() ? WaiverUse{} : found->second;
}

AuditFigures FigureBook::Figures() const {
  AuditFigures figures = figures_;
  for (const Slot& slot : slots_) {
    if (slot.in_force) figures.policies.emplace(slot.name, slot.figures);
  }
  return figures;
}

}  // namespace plimsoll::controllers
