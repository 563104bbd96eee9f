#include "audit_loop.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "audit_handlers.h"
#include "loop.h"
#include "plimsoll/controllers/owner_index.h"
#include "plimsoll/kube/resources.h"
#include "record_writer.h"

namespace plimsoll::controller {
namespace {

std::chrono::nanoseconds Elapsed() { return std::chrono::steady_clock::now().time_since_epoch(); }

}  // namespace

// One term as the leader.
class AuditLoop::Run final : public RecordChanges {
 public:
  explicit Run(const AuditPorts& ports);
  ~Run() override;
  Run(const Run&) = delete;
  Run& operator=(const Run&) = delete;

  void PoliciesChanged();
  void WaiversChanged();
  void EnvironmentChanged();
  AuditFigures Figures() const;

  // For the writer.
  std::optional<controllers::RecordChange> Take() override;
  void PutBack(const controllers::RecordChange& change) override;

 private:
  struct Watch;

  // An object has changed.
  void Edit(const std::function<void(controllers::Audit&)>& change);
  void FollowKinds();
  // The kinds that may not be listed; nothing while something that may has not been listed yet.
  std::optional<controllers::WorkloadKindSet> Unlisted() const;
  void SetUnlisted(controllers::WorkloadKindSet unlisted);
  bool WaiversKnown() const {
    return ports_.waivers == nullptr || ports_.waivers->Current() != nullptr;
  }
  bool NeverJudged(std::string_view namespace_name) const;
  void JudgeUntilStopped();
  void TakeEnvironment();
  // Has looked at what is wanted now.
  void LookAtLinks(std::unique_lock<std::mutex>& lock);
  std::chrono::milliseconds UntilNextDate() const;
  // Shows the figures, unless that has just been done: then a little later.
  void Publish();
  std::chrono::milliseconds UntilPublished() const;

  const AuditPorts& ports_;
  mutable std::mutex mutex_;
  std::condition_variable judge_;      // something is to be judged, or to be followed
  controllers::Audit audit_{Elapsed};  // guarded by mutex_
  bool policies_changed_ = true;       // guarded by mutex_
  bool waivers_changed_ = true;        // guarded by mutex_
  bool changed_ = true;                // guarded by mutex_; since the judge last looked
  // Guarded by mutex_: the directory or the results of links.
  bool environment_changed_ = true;
  // Of the judging thread; null while nobody wants links looked at.
  std::shared_ptr<LinkChecker> links_;
  // Guarded by mutex_: everything that exists has been handed to audit_. Before that a record may seem to be nobody's, and
  // would be deleted.
  bool known_ = false;
  bool stopping_ = false;  // guarded by mutex_
  // What is stored may be what must be written, at once.
  RecordHandler records_{[this](const auto& change) {
    Edit(change);
    writing_->Wake();
  }};
  std::unique_ptr<kube::Informer> records_informer_;
  std::map<WorkloadKind, std::unique_ptr<Watch>> watches_;  // of the judging thread
  std::chrono::steady_clock::time_point publish_at_;        // of the judging thread, as is the next
  bool unpublished_ = false;
  controllers::WorkloadKindSet unlisted_;
  RecordWriter writer_;
  std::unique_ptr<Loop> writing_;  // there before whoever wakes it, and after
  std::thread judging_;
};

struct AuditLoop::Run::Watch {
  Watch(Run& run, WorkloadKind kind)
      : handler(
            kind, [&run](const auto& change) { run.Edit(change); },
            [&run](std::string_view name) { return run.NeverJudged(name); }),
        informer(*run.ports_.api, handler, Options(run, kind)) {}

  static kube::InformerOptions Options(Run& run, WorkloadKind kind) {
    kube::InformerOptions options;
    options.type = kube::ResourceOf(kind);
    options.observer = run.ports_.observer;
    return options;
  }

  WorkloadHandler handler;
  kube::Informer informer;
};

AuditLoop::Run::Run(const AuditPorts& ports)
    : ports_(ports),
      writer_({this, ports.records, ports.logger, ports.may_write,
               [] { return std::chrono::steady_clock::now(); }}),
      writing_(std::make_unique<Loop>([this](bool) { return writer_.Pass(); })) {
  ports_.namespaces->SetListener([this](std::string_view name, JsonView metadata) {
    Edit([&](controllers::Audit& audit) {
      if (metadata.exists()) {
        audit.SetNamespace(name, metadata);
      } else {
        audit.RemoveNamespace(name);
      }
    });
  });
  if (ports_.related != nullptr) {
    ports_.related->SetListener(
        [this](std::shared_ptr<const RelatedObjects> related, const RelatedChange& change) {
          Edit([&](controllers::Audit& audit) {
            audit.SetRelated(std::move(related), change, ports_.related->Grace());
          });
        });
  }
  kube::InformerOptions options;
  options.type = kube::kRecords;
  options.observer = ports_.observer;
  records_informer_ = std::make_unique<kube::Informer>(*ports_.api, records_, options);
  judging_ = std::thread([this] { JudgeUntilStopped(); });
}

AuditLoop::Run::~Run() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  judge_.notify_all();
  writing_->Stop();
  judging_.join();
  ports_.namespaces->SetListener(nullptr);
  if (ports_.related != nullptr) ports_.related->SetListener(nullptr);
  watches_.clear();
  records_informer_.reset();
  if (links_ != nullptr) links_->Stop();
}

void AuditLoop::Run::EnvironmentChanged() {
  const std::lock_guard lock(mutex_);
  environment_changed_ = true;
  changed_ = true;
  judge_.notify_one();
}

void AuditLoop::Run::TakeEnvironment() {
  if (!std::exchange(environment_changed_, false)) return;
  if (ports_.directory) audit_.SetDirectory(ports_.directory());
  audit_.SetLinks(links_ == nullptr ? std::make_shared<const LinkResults>() : links_->Results());
}

void AuditLoop::Run::LookAtLinks(std::unique_lock<std::mutex>& lock) {
  const std::optional<WantedLinks> wanted = audit_.TakeWantedLinks();
  if (!wanted) return;
  if (links_ == nullptr) {
    if (wanted->empty() || !ports_.make_links) return;
    lock.unlock();
    links_ = ports_.make_links([this] { EnvironmentChanged(); });
    lock.lock();
    if (links_ == nullptr) return;
  }
  links_->SetWanted(*wanted);
  environment_changed_ = true;
  changed_ = true;
}

void AuditLoop::Run::Edit(const std::function<void(controllers::Audit&)>& change) {
  const std::lock_guard lock(mutex_);
  change(audit_);
  changed_ = true;
  judge_.notify_one();
}

void AuditLoop::Run::PoliciesChanged() {
  const std::lock_guard lock(mutex_);
  policies_changed_ = true;
  changed_ = true;
  judge_.notify_one();
}

void AuditLoop::Run::WaiversChanged() {
  const std::lock_guard lock(mutex_);
  waivers_changed_ = true;
  changed_ = true;
  judge_.notify_one();
}

AuditFigures AuditLoop::Run::Figures() const {
  const std::lock_guard lock(mutex_);
  return audit_.Figures();
}

void AuditLoop::Run::FollowKinds() {
  const std::shared_ptr<const PolicySnapshot> policies = ports_.policies->Current();
  if (policies == nullptr) return;
  const controllers::WorkloadKindSet judged = controllers::JudgedKinds(*policies);
  const controllers::WorkloadKindSet needed = judged | controllers::KindsOfOwners(judged);
  for (auto watch = watches_.begin(); watch != watches_.end();) {
    if (needed[static_cast<size_t>(watch->first)]) {
      ++watch;
      continue;
    }
    const WorkloadKind kind = watch->first;
    watch = watches_.erase(watch);
    const std::lock_guard lock(mutex_);
    audit_.RemoveKind(kind);
  }
  {
    const std::lock_guard lock(mutex_);
    audit_.SetPolicies(policies);
  }
  for (size_t i = 0; i < kWorkloadKindCount; ++i) {
    const auto kind = static_cast<WorkloadKind>(i);
    if (needed[i] && !watches_.contains(kind)) {
      watches_.emplace(kind, std::make_unique<Watch>(*this, kind));
    }
  }
}

bool AuditLoop::Run::NeverJudged(std::string_view namespace_name) const {
  const std::vector<std::string>& never = ports_.never_judged;
  return std::find(never.begin(), never.end(), namespace_name) != never.end();
}

// What is judged before all is known would be judged twice, and records that were not read yet would be written again.
std::optional<controllers::WorkloadKindSet> AuditLoop::Run::Unlisted() const {
  const std::shared_ptr<const PolicySnapshot> policies = ports_.policies->Current();
  if (policies == nullptr || !WaiversKnown() || !ports_.namespaces->synced() ||
      !records_informer_->synced() ||
      (ports_.related != nullptr && !ports_.related->Settled(*policies))) {
    return std::nullopt;
  }
  controllers::WorkloadKindSet unlisted;
  for (const auto& [kind, watch] : watches_) {
    if (watch->informer.synced()) continue;
    if (!watch->informer.refused()) return std::nullopt;
    unlisted.set(static_cast<size_t>(kind));
  }
  return unlisted;
}

void AuditLoop::Run::SetUnlisted(controllers::WorkloadKindSet unlisted) {
  audit_.SetUnlisted(unlisted);
  const controllers::WorkloadKindSet changed = unlisted ^ std::exchange(unlisted_, unlisted);
  for (const auto& [kind, watch] : watches_) {
    const auto index = static_cast<size_t>(kind);
    if (!changed[index]) continue;
    const kube::ResourceType& type = watch->informer.type();
    if (unlisted[index]) {
      ports_.logger->Log(LogLevel::kWarning,
                         "a kind is not audited, as it may not be listed; the others are",
                         {{"resource", type.plural}, {"group", type.group}});
    } else {
      ports_.logger->Log(LogLevel::kInfo, "a kind may be listed now, and is audited",
                         {{"resource", type.plural}, {"group", type.group}});
    }
  }
}

void AuditLoop::Run::Publish() {
  const auto now = std::chrono::steady_clock::now();
  if (now < publish_at_) {
    unpublished_ = true;
    return;
  }
  AuditFigures figures = audit_.Figures();
  figures.unwritten += static_cast<uint32_t>(writer_.refused());
  ports_.metrics->SetAudit(std::move(figures));
  publish_at_ = now + kFiguresInterval;
  unpublished_ = false;
}

std::chrono::milliseconds AuditLoop::Run::UntilPublished() const {
  if (!unpublished_) return kMaxAuditSleep;
  return std::chrono::ceil<std::chrono::milliseconds>(publish_at_ -
                                                      std::chrono::steady_clock::now());
}

std::chrono::milliseconds AuditLoop::Run::UntilNextDate() const {
  const std::optional<Timestamp> date = audit_.NextDate();
  if (!date) return kMaxAuditSleep;
  // Not Clock::Now, which has whole seconds: a stage begins at its second, not up to a second later.
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(*date - std::chrono::system_clock::now());
  return std::clamp(left, std::chrono::milliseconds(1), std::chrono::milliseconds(kMaxAuditSleep));
}

void AuditLoop::Run::JudgeUntilStopped() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (std::exchange(policies_changed_, false)) {
      known_ = false;  // there may be kinds that have not been listed yet
      lock.unlock();
      FollowKinds();
      lock.lock();
    }
    changed_ = false;
    if (std::exchange(waivers_changed_, false) && ports_.waivers != nullptr) {
      audit_.SetWaivers(ports_.waivers->Current());
    }
    TakeEnvironment();
    const std::optional<controllers::WorkloadKindSet> unlisted = Unlisted();
    known_ = unlisted.has_value();
    if (unlisted) {
      SetUnlisted(*unlisted);
      size_t waiting = 1;
      while (waiting > 0 && !stopping_ && !policies_changed_) {
        waiting = audit_.Judge(ports_.clock->Now(), kJudgedAtOnce);
        writing_->Wake();
        std::vector<Happening> found = audit_.TakeObservations();
        // Informers that wait for the lock have their turn.
        lock.unlock();
        if (ports_.observed && !found.empty()) ports_.observed(std::move(found));
        lock.lock();
      }
      if (waiting == 0) {
        Publish();
        LookAtLinks(lock);
      }
    }
    // A date is nothing to wake up for while nothing can be judged.
    judge_.wait_for(lock, known_ ? std::min(UntilNextDate(), UntilPublished()) : kMaxAuditSleep,
                    [this] { return stopping_ || changed_ || policies_changed_; });
  }
}

std::optional<controllers::RecordChange> AuditLoop::Run::Take() {
  const std::lock_guard lock(mutex_);
  if (stopping_ || !known_) return std::nullopt;
  std::vector<controllers::RecordChange> taken = audit_.TakeChanges(1);
  return taken.empty() ? std::nullopt : std::optional(std::move(taken.front()));
}

void AuditLoop::Run::PutBack(const controllers::RecordChange& change) {
  const std::lock_guard lock(mutex_);
  audit_.PutBack(change);
}

AuditLoop::AuditLoop(AuditPorts ports) : ports_(std::move(ports)) {}

AuditLoop::~AuditLoop() { Stop(); }

void AuditLoop::Start() {
  auto run = std::make_unique<Run>(ports_);
  const std::lock_guard lock(mutex_);
  run_ = std::move(run);
  // Policies that came while it began were told to nobody.
  run_->PoliciesChanged();
}

void AuditLoop::Stop() {
  std::unique_ptr<Run> run;
  const std::lock_guard lock(mutex_);
  run = std::move(run_);
}

void AuditLoop::WaiversChanged() {
  const std::lock_guard lock(mutex_);
  if (run_ != nullptr) run_->WaiversChanged();
}

void AuditLoop::PoliciesChanged() {
  const std::lock_guard lock(mutex_);
  if (run_ != nullptr) run_->PoliciesChanged();
}

void AuditLoop::EnvironmentChanged() {
  const std::lock_guard lock(mutex_);
  if (run_ != nullptr) run_->EnvironmentChanged();
}

AuditFigures AuditLoop::Figures() const {
  const std::lock_guard lock(mutex_);
  return run_ == nullptr ? AuditFigures{} : run_->Figures();
}

}  // namespace plimsoll::controller
