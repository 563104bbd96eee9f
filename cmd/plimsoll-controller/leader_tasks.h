// LeaderTasks: what only the leader does: the webhook configuration and the CA, the status of policies and waivers, the audit. Begins
// when leading begins, and has let go of everything when Stop returns.
//
// Thread-safety: Start and Stop from the elector's thread, the rest from any. Ownership: what the ports point to must
// outlive it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "audit_loop.h"
#include "cluster_policies.h"
#include "loop.h"
#include "plimsoll/controllers/webhook_controller.h"
#include "waiver_statuses.h"

namespace plimsoll::controller {

// Counts in a policy's status are as old as this at most, and are written no more often.
inline constexpr std::chrono::milliseconds kLeaderInterval = std::chrono::seconds(5);
// After an error of the API server.
inline constexpr std::chrono::milliseconds kLeaderRetry = std::chrono::seconds(2);

struct LeaderPorts {
  AuditPorts audit;
  controllers::WebhookControllerPorts webhook;
  controllers::PolicyStatusStore* statuses = nullptr;
  WaiverStatusPorts waivers;
  // What is wrong with the directory of teams; empty: there is none.
  std::function<std::optional<std::string>()> directory_problem;
  // What policies may do at most.
  Action strongest = Action::kDeny;
};

class LeaderTasks {
 public:
  LeaderTasks(LeaderPorts ports, controllers::WebhookControllerOptions webhook);

  void Start();
  void Stop();

  // The policies, the Secret or the webhook configuration have changed.
  void PoliciesChanged();
  void WaiversChanged();
  void DirectoryChanged();
  void Wake();

 private:
  std::chrono::milliseconds Pass();
  std::chrono::milliseconds Configure(Timestamp now);
  void WriteStatuses(Timestamp now);
  void Say(const Result<controllers::WebhookStanding>& standing);

  LeaderPorts ports_;
  controllers::WebhookControllerOptions webhook_options_;
  AuditLoop audit_;
  std::unique_ptr<controllers::WebhookController> webhook_;  // of the loop's thread
  std::string said_;                                         // of the loop's thread
  std::mutex mutex_;
  std::unique_ptr<Loop> loop_;  // guarded by mutex_ but for its destruction
};

}  // namespace plimsoll::controller
