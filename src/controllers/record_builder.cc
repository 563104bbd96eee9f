#include "controllers/record_builder.h"

#include <algorithm>
#include <string>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll::controllers {
namespace {

// "spec.template.spec.containers[2].image" without the number.
std::string WithoutListIndexes(std::string_view path) {
  std::string out;
  bool inside = false;
  for (size_t i = 0; i < path.size(); ++i) {
    const char c = path[i];
    const bool digit = c >= '0' && c <= '9';
    if (c == '[') inside = true;
    if (inside && digit && (path[i - 1] == '[' || (path[i - 1] >= '0' && path[i - 1] <= '9'))) {
      continue;
    }
    if (c == ']') inside = false;
    out += c;
  }
  return out;
}

// `text`: scratch.
uint64_t IdentityOf(std::string_view policy, std::string_view rule, std::string_view container,
                    std::string_view path, FingerprintText& text) {
  text.Clear();
  text.Add(policy);
  text.Add(rule);
  text.Add(container);
  if (container.empty()) {
    text.Add(path);
  } else {
    text.Add(WithoutListIndexes(path));
  }
  return text.Finish().low;
}

// As the record will have it: what is read back must be the same finding.
std::string ShortPath(std::string_view path) { return SanitizeLine(path, kMaxRecordedPathBytes); }
std::string ShortContainer(std::string_view container) {
  return SanitizeLine(container, kMaxRecordedNameBytes);
}

void SortAndMerge(std::vector<Observed>& observed) {
  std::sort(observed.begin(), observed.end(), [](const Observed& a, const Observed& b) {
    return std::pair(a.finding, a.since) < std::pair(b.finding, b.since);
  });
  const auto last =
      std::unique(observed.begin(), observed.end(),
                  [](const Observed& a, const Observed& b) { return a.finding == b.finding; });
  observed.erase(last, observed.end());
  observed.shrink_to_fit();
}

const Observed* Find(const std::vector<Observed>& observed, uint64_t finding) {
  const auto found =
      std::lower_bound(observed.begin(), observed.end(), finding,
                       [](const Observed& o, uint64_t wanted) { return o.finding < wanted; });
  return found != observed.end() && found->finding == finding ? &*found : nullptr;
}

// The bytes of a text in JSON, roughly: quotes and backslashes are written as two.
size_t JsonBytes(std::string_view text) {
  const auto escaped =
      std::count_if(text.begin(), text.end(), [](char c) { return c == '"' || c == '\\'; });
  return text.size() + static_cast<size_t>(escaped) + 2;
}

// What a finding's JSON has besides its texts: names of fields, two dates, two actions.
constexpr size_t kFindingFrameBytes = 256;

size_t JsonBytes(const RecordedFinding& finding) {
  return kFindingFrameBytes + JsonBytes(finding.policy) + JsonBytes(finding.rule) +
         JsonBytes(finding.path) + JsonBytes(finding.container) + JsonBytes(finding.message) +
         JsonBytes(finding.waiver);
}

RecordedFinding Recorded(const Finding& finding, const Observed* observed) {
  RecordedFinding out;
  out.policy = finding.policy;
  out.rule = finding.rule;
  out.path = ShortPath(finding.path);
  out.container = ShortContainer(finding.container);
  out.message = SanitizeLine(finding.message, kMaxRecordedMessageBytes);
  out.action = finding.action;
  out.upcoming = finding.upcoming;
  out.waiver = finding.waiver;
  if (observed != nullptr) out.first_observed = observed->since;
  return out;
}

// The next date on which any finding gets stronger. What is blocked cannot get worse.
std::optional<Upcoming> NextWorse(const Verdict& verdict) {
  std::optional<Upcoming> next;
  if (verdict.decision == Decision::kDeny) return next;
  for (const Finding& finding : verdict.findings) {
    if (!finding.upcoming) continue;
    const Upcoming& candidate = *finding.upcoming;
    const bool sooner = !next || candidate.from < next->from;
    const bool stronger = next && candidate.from == next->from && candidate.action > next->action;
    if (sooner || stronger) next = candidate;
  }
  return next;
}

size_t ViolationsIn(const Verdict& verdict) {
  const auto told =
      std::count_if(verdict.findings.begin(), verdict.findings.end(),
                    [](const Finding& finding) { return finding.result == RuleResult::kFail; });
  return static_cast<size_t>(told) + verdict.findings_dropped;
}

void AddOptional(const std::optional<Upcoming>& upcoming, FingerprintText& text) {
  text.Add(upcoming ? 1U + static_cast<uint64_t>(upcoming->action) : 0U);
  text.Add(upcoming ? static_cast<uint64_t>(upcoming->from.time_since_epoch().count()) : 0U);
}

uint64_t Number(Timestamp time) { return static_cast<uint64_t>(time.time_since_epoch().count()); }

}  // namespace

std::vector<uint64_t> IdentitiesOf(const Verdict& verdict) {
  std::vector<uint64_t> identities;
  FingerprintText text;
  for (const Finding& finding : verdict.findings) {
    if (finding.result != RuleResult::kFail) continue;
    identities.push_back(IdentityOf(finding.policy, finding.rule, ShortContainer(finding.container),
                                    ShortPath(finding.path), text));
  }
  return identities;
}

std::vector<Observed> ObservedIn(const std::vector<uint64_t>& identities,
                                 const std::vector<Observed>& before, Timestamp now) {
  std::vector<Observed> observed;
  observed.reserve(identities.size());
  for (const uint64_t identity : identities) {
    const Observed* known = Find(before, identity);
    observed.push_back({identity, known != nullptr ? known->since : now});
  }
  SortAndMerge(observed);
  return observed;
}

std::vector<Observed> ObservedIn(const WorkloadRecord& record) {
  std::vector<Observed> observed;
  FingerprintText text;
  for (const RecordedFinding& finding : record.findings) {
    observed.push_back(
        {IdentityOf(finding.policy, finding.rule, finding.container, finding.path, text),
         finding.first_observed});
  }
  SortAndMerge(observed);
  return observed;
}

ReadinessState StateOf(const Verdict& verdict) {
  if (verdict.decision == Decision::kDeny) return ReadinessState::kBlocked;
  const size_t violations = ViolationsIn(verdict);
  if (violations == 0) return ReadinessState::kReady;
  return violations > verdict.waived ? ReadinessState::kNotReady : ReadinessState::kWaived;
}

std::string RecordedOwner(const Verdict& verdict) {
  return SanitizeLine(verdict.owner, kMaxRecordedNameBytes);
}

WorkloadRecord BuildRecord(const RecordFacts& facts, const Verdict& verdict) {
  WorkloadRecord record;
  record.workload = facts.key;
  record.api_version = facts.api_version;
  record.uid = facts.uid;
  record.owner = RecordedOwner(verdict);
  record.tier = verdict.tier;
  record.service = facts.service;
  record.state = StateOf(verdict);
  size_t bytes = 0;
  for (const std::string_view policy : verdict.policies) {
    if (record.policies.size() == kMaxRecordedPolicies) break;
    bytes += JsonBytes(policy) + 1;
    record.policies.emplace_back(policy);
  }
  record.failing = static_cast<uint32_t>(ViolationsIn(verdict) - verdict.waived);
  record.waived = verdict.waived;
  record.passed = verdict.passed;
  record.upcoming = NextWorse(verdict);
  record.first_seen = facts.first_seen;
  record.first_seen_by = facts.first_seen_by;
  size_t violation = 0;
  for (const Finding& finding : verdict.findings) {
    if (finding.result != RuleResult::kFail) continue;
    if (record.findings.size() == kMaxRecordedFindings) break;
    RecordedFinding recorded =
        Recorded(finding, Find(facts.observed, facts.identities[violation++]));
    bytes += JsonBytes(recorded);
    if (bytes > kMaxRecordBytes) break;
    record.findings.push_back(std::move(recorded));
  }
  return record;
}

Fingerprint FingerprintOf(const WorkloadRecord& record) {
  FingerprintText text;
  text.Add(static_cast<uint64_t>(record.workload.kind));
  text.Add(record.workload.namespace_name);
  text.Add(record.workload.name);
  text.Add(record.api_version);
  text.Add(record.uid);
  text.Add(record.owner);
  text.Add(record.tier);
  text.Add(record.service);
  text.Add(static_cast<uint64_t>(record.state));
  text.Add(record.policies.size());
  for (const std::string& policy : record.policies) text.Add(policy);
  text.Add(record.failing);
  text.Add(record.waived);
  text.Add(record.passed);
  AddOptional(record.upcoming, text);
  text.Add(Number(record.first_seen));
  text.Add(static_cast<uint64_t>(record.first_seen_by));
  text.Add(record.findings.size());
  for (const RecordedFinding& finding : record.findings) {
    text.Add(finding.policy);
    text.Add(finding.rule);
    text.Add(finding.path);
    text.Add(finding.container);
    text.Add(finding.message);
    text.Add(static_cast<uint64_t>(finding.action));
    AddOptional(finding.upcoming, text);
    text.Add(finding.waiver);
    text.Add(Number(finding.first_observed));
  }
  return text.Finish();
}

}  // namespace plimsoll::controllers
