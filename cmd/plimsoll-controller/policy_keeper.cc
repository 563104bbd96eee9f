#include "policy_keeper.h"

#include <utility>
#include <vector>

namespace plimsoll::controller {
namespace {

// A folder of files that are no policies must not fill the log at each change; /metrics has the count.
constexpr size_t kMaxLoggedProblems = 50;

}  // namespace

PolicyKeeper::PolicyKeeper(std::string folder, Logger& logger, Metrics& metrics)
    : folder_(folder), path_(std::move(folder)), logger_(logger), metrics_(metrics) {}

void PolicyKeeper::Refresh(Timestamp now, bool anyway) {
  std::shared_ptr<const PolicySet> set = anyway ? folder_.Read(now) : folder_.Poll(now);
  if (set == nullptr) return;
  // Nothing but problems, and nothing before: allowing everything would be a made-up verdict. Reviews get a 503.
  const bool usable =
      Set() != nullptr || !set->policies->policies().empty() || set->problems.empty();
  if (usable) {
    const std::lock_guard lock(mutex_);
    set_ = set;
  }
  // Whoever reads in the log that policies were read may rely on it.
  Report(*set, now);
}

void PolicyKeeper::Report(const PolicySet& set, Timestamp now) {
  size_t logged = 0;
  for (const Diagnostic& problem : set.problems) {
    if (logged++ == kMaxLoggedProblems) break;
    const std::string text = FormatDiagnostic(problem);
    logger_.Log(LogLevel::kError, "problem in a policy file", {{"problem", text}});
  }
  PolicyLoad load;
  for (const PolicySource& source : set.sources) {
    load.health.push_back({source.policy, source.version == PolicySource::Version::kCurrent});
    if (source.version == PolicySource::Version::kCurrent) continue;
    const bool last_good = source.version == PolicySource::Version::kLastGood;
    logger_.Log(LogLevel::kError,
                last_good ? "policy stays in force as it last was without problems"
                          : "policy is in force without its wrong entries",
                {{"policy", source.policy}, {"file", source.file}});
  }
  load.policies = set.policies;
  load.problems = set.problems.size();
  load.at = now;
  metrics_.SetPolicies(std::move(load));
  // Last, because whoever reads this line may rely on all of the above.
  const auto count = static_cast<int64_t>(set.sources.size());
  logger_.Log(LogLevel::kInfo, "policies read",
              {{"folder", path_},
               {"files", static_cast<int64_t>(set.files)},
               {"policies", count},
               {"waivers", static_cast<int64_t>(set.waivers->all().size())},
               {"problems", static_cast<int64_t>(set.problems.size())}});
}

std::shared_ptr<const PolicySet> PolicyKeeper::Set() const {
  const std::lock_guard lock(mutex_);
  return set_;
}

std::shared_ptr<const PolicySnapshot> PolicyKeeper::Current() const {
  const std::lock_guard lock(mutex_);
  return set_ == nullptr ? nullptr : set_->policies;
}

std::shared_ptr<const WaiverSet> PolicyKeeper::Waivers() const {
  const std::lock_guard lock(mutex_);
  return set_ == nullptr ? nullptr : set_->waivers;
}

NamespaceSource::Facts PolicyKeeper::Find(std::string_view name) const {
  std::shared_ptr<const PolicySet> set = Set();
  if (set == nullptr) return {};
  const NamespaceFacts facts = set->FindNamespace(name);
  return {facts.labels, facts.annotations, std::move(set)};
}

PolicyKeeper::Standing PolicyKeeper::standing() const {
  const std::shared_ptr<const PolicySet> set = Set();
  if (set == nullptr) return {};
  return {true, set->policies->policies().size(), set->problems.size()};
}

}  // namespace plimsoll::controller
