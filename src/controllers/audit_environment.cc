// What workloads are judged by besides policies, namespaces and dates: the directory of teams, and what links lead to.
#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "controllers/audit_state.h"

namespace plimsoll::controllers {
namespace {

// Rules that ask the directory.
constexpr std::array<std::string_view, 3> kDirectoryRules = {"alerting.route", "ownership.contact",
                                                             "ownership.directory"};

bool AsksDirectory(const ReadinessPolicy& policy) {
  return std::any_of(policy.rules.begin(), policy.rules.end(), [](const PolicyRule& rule) {
    return std::find(kDirectoryRules.begin(), kDirectoryRules.end(), rule.rule->id) !=
           kDirectoryRules.end();
  });
}

}  // namespace

void Audit::State::WakeForDirectory() {
  if (policies == nullptr) return;
  std::set<PolicyId> asking;
  for (const ReadinessPolicy& policy : policies->policies()) {
    if (AsksDirectory(policy)) asking.insert(book.IdOf(policy.name));
  }
  if (asking.empty()) return;
  for (auto& [key, workload] : workloads) {
    const auto& matched = workload.contribution.policies;
    if (std::any_of(matched.begin(), matched.end(),
                    [&](const auto& part) { return asking.contains(part.policy); })) {
      Wait(workload);
    }
  }
}

void Audit::SetDirectory(std::shared_ptr<const TeamDirectory> directory) {
  const TeamDirectory* before = state_->directory.get();
  const bool same = before == directory.get() ||
                    (before != nullptr && directory != nullptr && *before == *directory);
  state_->directory = std::move(directory);
  if (same) return;
  state_->directory_dates.clear();
  if (state_->directory != nullptr) state_->directory_dates = state_->directory->Dates();
  state_->WakeForDirectory();
}

std::optional<WantedLinks> Audit::TakeWantedLinks() { return state_->links.TakeWanted(); }

void Audit::SetLinks(std::shared_ptr<const LinkResults> results) {
  state_->links.SetResults(std::move(results),
                           [this](AuditedWorkload& workload) { state_->Wait(workload); });
}

}  // namespace plimsoll::controllers
