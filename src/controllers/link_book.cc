#include "controllers/link_book.h"

#include <algorithm>

#include "plimsoll/rules/runbook_link.h"

namespace plimsoll::controllers {
namespace {

void Add(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& item : from) {
    if (std::find(to.begin(), to.end(), item) == to.end()) to.push_back(item);
  }
}

bool Differs(const LinkResult* before, const LinkResult* now) {
  if (before == nullptr || now == nullptr) return before != now;
  // A page that was looked at again may have become too old meanwhile.
  return before->state != now->state || before->problem != now->problem ||
         before->since != now->since || before->last_modified != now->last_modified ||
         (now->last_modified && before->checked != now->checked);
}

}  // namespace

void LinkBook::SetPolicies(const PolicySnapshot& policies) {
  std::map<std::string, std::vector<Parameters>, std::less<>> rules;
  for (const ReadinessPolicy& policy : policies.policies()) {
    for (const PolicyRule& rule : policy.rules) {
      if (rule.rule->id == kRunbookAliveRuleId) rules[policy.name].push_back(rule.parameters);
    }
  }
  if (rules == rules_) return;
  rules_ = std::move(rules);
  changed_ = true;
}

void LinkBook::Remove(AuditedWorkload& workload, const std::vector<Link>& links) {
  for (const auto& [url, policy] : links) {
    const auto entry = links_.find(url);
    if (entry == links_.end()) continue;
    entry->second.workloads.erase(&workload);
    const auto count = entry->second.policies.find(policy);
    if (count != entry->second.policies.end() && --count->second == 0) {
      entry->second.policies.erase(count);
    }
    if (entry->second.policies.empty()) links_.erase(entry);
  }
}

void LinkBook::Replace(AuditedWorkload& workload, const Workload* object,
                       const std::vector<std::string_view>& policies) {
  std::vector<Link> links;
  if (object != nullptr && !rules_.empty()) {
    for (const std::string_view policy : policies) {
      const auto rules = rules_.find(policy);
      if (rules == rules_.end()) continue;
      for (const Parameters& parameters : rules->second) {
        const std::string_view url = RunbookLinkOf(*object, parameters);
        if (!url.empty()) links.emplace_back(url, policy);
      }
    }
  }
  const auto known = of_workload_.find(&workload);
  if (known == of_workload_.end() ? links.empty() : known->second == links) return;
  changed_ = true;
  if (known != of_workload_.end()) {
    Remove(workload, known->second);
    of_workload_.erase(known);
  }
  if (links.empty()) return;
  for (const auto& [url, policy] : links) {
    Entry& entry = links_[url];
    ++entry.policies[policy];
    entry.workloads.insert(&workload);
  }
  of_workload_.emplace(&workload, std::move(links));
}

// What any of the policies allows; looked at as often as the most impatient of them wants.
LinkTerms LinkBook::TermsOf(const Entry& entry) const {
  LinkTerms terms;
  bool first = true;
  bool any_host = false;
  for (const auto& [policy, count] : entry.policies) {
    const auto rules = rules_.find(policy);
    if (rules == rules_.end()) continue;
    for (const Parameters& parameters : rules->second) {
      const LinkTerms more = LinkTermsOf(parameters);
      any_host = any_host || more.hosts.empty();
      Add(more.hosts, terms.hosts);
      for (const IpNetwork& network : more.networks) {
        if (std::find(terms.networks.begin(), terms.networks.end(), network) ==
            terms.networks.end()) {
          terms.networks.push_back(network);
        }
      }
      terms.interval = first ? more.interval : std::min(terms.interval, more.interval);
      first = false;
    }
  }
  if (any_host) terms.hosts.clear();
  return terms;
}

std::optional<WantedLinks> LinkBook::TakeWanted() {
  if (!std::exchange(changed_, false)) return std::nullopt;
  WantedLinks wanted;
  for (const auto& [url, entry] : links_) {
    LinkTerms terms = TermsOf(entry);
    const std::optional<LinkParts> parts = TakeLinkApart(url);
    // The policies that have been taken away since; and what the rule says is not looked at.
    if (terms.interval.count() == 0 || !parts || !HostIsAmong(parts->host, terms.hosts)) continue;
    wanted.emplace(url, std::move(terms));
  }
  if (wanted == taken_) return std::nullopt;
  taken_ = wanted;
  return wanted;
}

void LinkBook::SetResults(std::shared_ptr<const LinkResults> results,
                          const std::function<void(AuditedWorkload&)>& wake) {
  const std::shared_ptr<const LinkResults> before = std::exchange(results_, std::move(results));
  for (const auto& [url, entry] : links_) {
    const LinkResult* was = before == nullptr ? nullptr : before->Find(url);
    const LinkResult* is = results_ == nullptr ? nullptr : results_->Find(url);
    if (!Differs(was, is)) continue;
    for (AuditedWorkload* workload : entry.workloads) wake(*workload);
  }
}

}  // namespace plimsoll::controllers
