// AuditLoop: runs controllers/audit.h on the leader: informers feed it, one thread judges what has changed, another writes
// the records that differ, at a bounded rate. Everything is let go of when leading ends.
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
#include "cluster_waivers.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/audit.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/informer.h"
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
// 10,000 records after a change of policy are written in less than two minutes, and the API server has most of its
// capacity for others (its default share for one client is far above).
inline constexpr double kRecordsPerSecond = 100;
// After a write that the API server could not take now: nothing else is written meanwhile.
inline constexpr std::chrono::seconds kWriteRetryDelay(2);
// After a write that it would not take (a quota, somebody's admission policy): the others go on.
inline constexpr std::chrono::seconds kRefusedRetryDelay(60);

struct AuditPorts {
  kube::ApiCaller* api = nullptr;
  controllers::RecordStore* records = nullptr;
  ClusterNamespaces* namespaces = nullptr;
  ClusterPolicies* policies = nullptr;
  ClusterWaivers* waivers = nullptr;
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
  // As of the last judgement; empty while not leading.
  AuditFigures Figures() const;

 private:
  class Run;

  AuditPorts ports_;
  mutable std::mutex mutex_;
  std::unique_ptr<Run> run_;  // guarded by mutex_ but for its destruction; null while not leading
};

}  // namespace plimsoll::controller
