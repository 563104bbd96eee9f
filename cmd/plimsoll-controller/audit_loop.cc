#include "audit_loop.h"

#include <algorithm>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "plimsoll/controllers/owner_index.h"
#include "plimsoll/kube/history_codec.h"
#include "plimsoll/kube/record_codec.h"
#include "plimsoll/kube/resources.h"
#include "watch_log.h"

namespace plimsoll::controller {
namespace {

std::chrono::milliseconds WritePause() {
  return std::chrono::milliseconds(static_cast<int64_t>(1000 / kRecordsPerSecond));
}

// What PutBack needs of it.
WorkloadRecord OnlyItsWorkload(const WorkloadRecord& record) {
  WorkloadRecord only;
  only.workload = record.workload;
  return only;
}

}  // namespace

// One term as the leader.
class AuditLoop::Run {
 public:
  explicit Run(const AuditPorts& ports);
  ~Run();

  void PoliciesChanged();
  void WaiversChanged();
  AuditFigures Figures() const;

 private:
  class Workloads;
  class Records;
  struct Watch;

  void FollowKinds();
  bool Synced() const;
  bool NeverJudged(std::string_view namespace_name) const;
  void JudgeUntilStopped();
  std::chrono::milliseconds UntilNextDate() const;
  // Shows the figures, unless that has just been done: then a little later.
  void Publish();
  std::chrono::milliseconds UntilPublished() const;
  void WriteUntilStopped();
  // Waits until there is something to write, or something refused is to be tried again. False: stopped.
  bool WaitForChanges(std::unique_lock<std::mutex>& lock);
  // Writes one change. How long to wait before the next one.
  std::chrono::milliseconds WriteOne(std::unique_lock<std::mutex>& lock,
                                     controllers::RecordChange change);
  Status Write(const controllers::RecordChange& change);
  void Say(const controllers::RecordChange& change, const Error& error);

  const AuditPorts& ports_;
  mutable std::mutex mutex_;
  std::condition_variable judge_;  // something is to be judged, or to be followed
  std::condition_variable write_;  // something is to be written
  controllers::Audit audit_;       // guarded by mutex_
  bool policies_changed_ = true;   // guarded by mutex_
  bool waivers_changed_ = true;    // guarded by mutex_
  bool changed_ = true;            // guarded by mutex_; since the judge last looked
  // Guarded by mutex_: everything that exists has been handed to audit_. Before that a record may seem to be nobody's, and
  // would be deleted.
  bool known_ = false;
  bool stopping_ = false;  // guarded by mutex_
  std::unique_ptr<Records> records_;
  std::unique_ptr<kube::Informer> records_informer_;
  std::map<WorkloadKind, std::unique_ptr<Watch>> watches_;  // of the judging thread
  std::chrono::steady_clock::time_point publish_at_;        // of the judging thread, as is the next
  bool unpublished_ = false;
  // Changes that the API server would not take, the next to be tried again first. Of the writing thread.
  struct Refused {
    std::chrono::steady_clock::time_point due;
    controllers::RecordChange change;  // its record without what is in it
  };
  std::deque<Refused> refused_;
  std::optional<std::chrono::steady_clock::time_point> said_;  // of the writing thread
  int64_t unsaid_ = 0;                                         // of the writing thread
  std::thread judging_;
  std::thread writing_;
};

class AuditLoop::Run::Workloads final : public kube::ObjectHandler {
 public:
  Workloads(Run& run, WorkloadKind kind) : run_(run), kind_(kind) {}

  void Upsert(const ObjectKey& key, JsonView object) override {
    if (run_.NeverJudged(key.namespace_name)) return;
    const std::lock_guard lock(run_.mutex_);
    run_.audit_.SetWorkload({kind_, key.namespace_name, key.name}, object);
    Wake();
  }
  void Remove(const ObjectKey& key, std::string_view /*uid*/) override {
    const std::lock_guard lock(run_.mutex_);
    run_.audit_.RemoveWorkload({kind_, key.namespace_name, key.name});
    Wake();
  }
  void Synced() override {
    const std::lock_guard lock(run_.mutex_);
    Wake();
  }

 private:
  void Wake() {
    run_.changed_ = true;
    run_.judge_.notify_one();
  }

  Run& run_;
  WorkloadKind kind_;
};

class AuditLoop::Run::Records final : public kube::ObjectHandler {
 public:
  explicit Records(Run& run) : run_(run) {}

  void Upsert(const ObjectKey& key, JsonView object) override {
    const WorkloadRecord record = kube::ReadWorkloadRecord(object);
    const std::optional<Timestamp> last_event = kube::LastEvent(object);
    const std::lock_guard lock(run_.mutex_);
    run_.audit_.SetRecord(key, record, last_event);
    Wake();
  }
  void Remove(const ObjectKey& key, std::string_view /*uid*/) override {
    const std::lock_guard lock(run_.mutex_);
    run_.audit_.RemoveRecord(key);
    Wake();
  }
  void Synced() override {
    const std::lock_guard lock(run_.mutex_);
    Wake();
  }

 private:
  void Wake() {
    run_.changed_ = true;
    run_.judge_.notify_one();
    run_.write_.notify_one();
  }

  Run& run_;
};

struct AuditLoop::Run::Watch {
  Watch(Run& run, WorkloadKind kind)
      : handler(run, kind), informer(*run.ports_.api, handler, Options(run, kind)) {}

  static kube::InformerOptions Options(Run& run, WorkloadKind kind) {
    kube::InformerOptions options;
    options.type = kube::ResourceOf(kind);
    options.observer = run.ports_.observer;
    return options;
  }

  Workloads handler;
  kube::Informer informer;
};

AuditLoop::Run::Run(const AuditPorts& ports) : ports_(ports) {
  ports_.namespaces->SetListener([this](std::string_view name, JsonView metadata) {
    const std::lock_guard lock(mutex_);
    if (metadata.exists()) {
      audit_.SetNamespace(name, metadata);
    } else {
      audit_.RemoveNamespace(name);
    }
    changed_ = true;
    judge_.notify_one();
  });
  records_ = std::make_unique<Records>(*this);
  kube::InformerOptions options;
  options.type = kube::kRecords;
  options.observer = ports_.observer;
  records_informer_ = std::make_unique<kube::Informer>(*ports_.api, *records_, options);
  judging_ = std::thread([this] { JudgeUntilStopped(); });
  writing_ = std::thread([this] { WriteUntilStopped(); });
}

AuditLoop::Run::~Run() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  judge_.notify_all();
  write_.notify_all();
  writing_.join();
  judging_.join();
  ports_.namespaces->SetListener(nullptr);
  watches_.clear();
  records_informer_.reset();
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
bool AuditLoop::Run::Synced() const {
  return ports_.policies->Current() != nullptr && ports_.waivers->Current() != nullptr &&
         ports_.namespaces->synced() && records_informer_->synced() &&
         std::all_of(watches_.begin(), watches_.end(),
                     [](const auto& entry) { return entry.second->informer.synced(); });
}

void AuditLoop::Run::Publish() {
  const auto now = std::chrono::steady_clock::now();
  if (now < publish_at_) {
    unpublished_ = true;
    return;
  }
  ports_.metrics->SetAudit(audit_.Figures());
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
    if (std::exchange(waivers_changed_, false)) audit_.SetWaivers(ports_.waivers->Current());
    known_ = Synced();
    if (known_) {
      size_t waiting = 1;
      while (waiting > 0 && !stopping_ && !policies_changed_) {
        waiting = audit_.Judge(ports_.clock->Now(), kJudgedAtOnce);
        write_.notify_one();
        std::vector<Happening> found = audit_.TakeObservations();
        // Informers that wait for the lock have their turn.
        lock.unlock();
        if (ports_.observed && !found.empty()) ports_.observed(std::move(found));
        lock.lock();
      }
      if (waiting == 0) Publish();
    }
    // A date is nothing to wake up for while nothing can be judged.
    judge_.wait_for(lock, known_ ? std::min(UntilNextDate(), UntilPublished()) : kMaxAuditSleep,
                    [this] { return stopping_ || changed_ || policies_changed_; });
  }
}

bool AuditLoop::Run::WaitForChanges(std::unique_lock<std::mutex>& lock) {
  while (!stopping_) {
    const auto now = std::chrono::steady_clock::now();
    while (!refused_.empty() && refused_.front().due <= now) {
      audit_.PutBack(refused_.front().change);
      refused_.pop_front();
    }
    const auto ready = [this] { return stopping_ || (known_ && audit_.changes() > 0); };
    if (ready()) break;
    if (refused_.empty()) {
      write_.wait(lock, ready);
    } else {
      write_.wait_until(lock, refused_.front().due, ready);
    }
  }
  return !stopping_;
}

void AuditLoop::Run::WriteUntilStopped() {
  std::unique_lock lock(mutex_);
  while (WaitForChanges(lock)) {
    for (controllers::RecordChange& change : audit_.TakeChanges(1)) {
      const std::chrono::milliseconds wait = WriteOne(lock, std::move(change));
      write_.wait_for(lock, wait, [this] { return stopping_; });
    }
  }
}

std::chrono::milliseconds AuditLoop::Run::WriteOne(std::unique_lock<std::mutex>& lock,
                                                   controllers::RecordChange change) {
  const auto due = std::chrono::steady_clock::now() + WritePause();
  lock.unlock();
  const Status written = Write(change);
  lock.lock();
  if (!written && written.error().code == ErrorCode::kUnavailable) {
    audit_.PutBack(change);
    return kWriteRetryDelay;
  }
  if (!written) {
    // What it says is worked out anew when its turn comes.
    if (change.record) change.record = OnlyItsWorkload(*change.record);
    refused_.push_back({std::chrono::steady_clock::now() + kRefusedRetryDelay, std::move(change)});
  }
  // The time that the write took counts: what limits a slow API server is the API server.
  return std::chrono::ceil<std::chrono::milliseconds>(due - std::chrono::steady_clock::now());
}

Status AuditLoop::Run::Write(const controllers::RecordChange& change) {
  if (!ports_.may_write()) return Fail(ErrorCode::kUnavailable, "no longer leading");
  const Status status = change.record ? ports_.records->Write(change.key, *change.record)
                                      : ports_.records->Delete(change.key);
  if (!status) Say(change, status.error());
  return status;
}

// Once a minute for all of them: a quota that is full must not fill the log.
void AuditLoop::Run::Say(const controllers::RecordChange& change, const Error& error) {
  const auto now = std::chrono::steady_clock::now();
  if (said_ && now - *said_ < kWatchLogInterval) {
    ++unsaid_;
    return;
  }
  said_ = now;
  ports_.logger->Log(LogLevel::kWarning, "a record could not be written; it is tried again",
                     {{"resource_namespace", change.key.namespace_name},
                      {"name", change.key.name},
                      {"error", error.message},
                      {"not_said", std::exchange(unsaid_, 0)}});
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

AuditFigures AuditLoop::Figures() const {
  const std::lock_guard lock(mutex_);
  return run_ == nullptr ? AuditFigures{} : run_->Figures();
}

}  // namespace plimsoll::controller
