// AuditLoop: runs controllers/audit.h on the leader: informers feed it, one thread judges what has changed, another writes
// the records that differ (record_writer.h). Everything is let go of when leading ends.
//
// A kind that may not be listed (403) stops nobody else from being audited: the log says it once, the figures name it, and
// it is audited as soon as it may be listed.
//
// Thread-safety: Start and Stop from one thread at a time, the rest from any. Ownership: what the ports point to must
// outlive it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "cluster_namespaces.h"
#include "cluster_policies.h"
#include "cluster_related.h"
#include "cluster_waivers.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/audit.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/informer.h"
#include "plimsoll/links/link_checker.h"
#include "plimsoll/telemetry/logger.h"
#include "plimsoll/telemetry/metrics.h"

namespace plimsoll::controller {

// Judged between two looks at what has changed meanwhile: some milliseconds.
inline constexpr size_t kJudgedAtOnce = 64;
// A clock that is set must not keep a stage from beginning for longer than this, and the audit says so often that it is
// up to date.
inline constexpr std::chrono::seconds kMaxAuditSleep(5);
// The figures of a large cluster are worth a copy only so often, whatever comes in between.
inline constexpr std::chrono::milliseconds kFiguresInterval(1000);

struct AuditPorts {
  kube::ApiCaller* api = nullptr;
  controllers::RecordStore* records = nullptr;
  ClusterNamespaces* namespaces = nullptr;
  ClusterPolicies* policies = nullptr;
  ClusterWaivers* waivers = nullptr;  // may be null: there are none
  const Clock* clock = nullptr;
  Logger* logger = nullptr;
  Metrics* metrics = nullptr;
  kube::InformerObserver* observer = nullptr;
  // Asked before each write (leader election's fence).
  std::function<bool()> may_write;
  // What was found, for the histories; from the judging thread. May be empty.
  std::function<void(std::vector<Happening>)> observed;
  // Namespaces whose workloads nobody is asked about at admission: what could never be refused is not counted either.
  std::vector<std::string> never_judged;
  // The directory of teams; empty, or null: there is none.
  std::function<std::shared_ptr<const TeamDirectory>()> directory = nullptr;
  // Made when a policy wants links looked at for the first time in a term; `changed` says that there are other results.
  // Empty, or null: nobody looks. Stopped when leading ends.
  std::function<std::shared_ptr<LinkChecker>(std::function<void()> changed)> make_links = nullptr;
  ClusterRelated* related = nullptr;  // may be null: then nothing is known beside workloads
};

class AuditLoop {
 public:
  explicit AuditLoop(AuditPorts ports);
  ~AuditLoop();
  AuditLoop(const AuditLoop&) = delete;
  AuditLoop& operator=(const AuditLoop&) = delete;

  // Leading begins.
  void Start();
  // Returns when nothing will be written any more.
  void Stop();

  // The policies in force are others than before.
  void PoliciesChanged();
  void WaiversChanged();
  // The directory of teams is another one.
  void EnvironmentChanged();
  // As of the last judgement; empty while not leading.
  AuditFigures Figures() const;

 private:
  class Run;

  AuditPorts ports_;
  mutable std::mutex mutex_;
  std::unique_ptr<Run> run_;  // guarded by mutex_ but for its destruction; null while not leading
};

}  // namespace plimsoll::controller
