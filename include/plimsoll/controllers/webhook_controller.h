// WebhookController: keeps the webhook configuration and the CA behind it as they must be. Runs on the leader.
//
// One pass reads everything it decides on, in this order: configuration, Secret, reports; and writes with the versions it
// read, so that a leader that was paused cannot undo what its successor did. Rules change only right after a TLS call to
// our own listener, verified by the caBundle that is live, has succeeded; until then what is live stays, with its caBundle
// put right, less what the policies no longer ask for: that needs nobody who answers.
//
// A configuration that is gone is made again, but not at once: whoever uninstalls Plimsoll deletes it first and us a moment
// later, and one that outlives us would refuse what nobody judges (docs/adr/0057-a-deleted-configuration.md).
//
// Where the API server stores something else than what was applied (another admission plugin changes it), applying again
// changes nothing: it is said what differs, and tried again a minute later.
//
// Thread-safety: one thread at a time. Ownership: what the ports point to must outlive it. Time is an argument.
#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/certificate_rotation.h"
#include "plimsoll/controllers/live_trust.h"
#include "plimsoll/controllers/ports.h"
#include "plimsoll/controllers/webhook_configuration.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll::controllers {

// Helm deletes some thirty objects in five seconds, and the pods are told to end a second or two after their Deployment is
// gone. It also creates the configuration after the Deployment.
inline constexpr std::chrono::seconds kAbsentGrace{15};

struct WebhookControllerOptions {
  WebhookOptions webhook;
  RotationOptions rotation;
  std::string configuration_name;  // for events
  std::chrono::seconds absent_grace = kAbsentGrace;
  // Asked before each write: LeaderElector::leading. Empty: always.
  std::function<bool()> may_write;
};

struct WebhookControllerPorts {
  WebhookConfigurationStore* configuration = nullptr;  // needed
  ServingCheck* check = nullptr;                       // needed
  SecretStore* secret = nullptr;                       // needed with own_certificates
  ReplicaReports* reports = nullptr;                   // needed with own_certificates
  EventSink* events = nullptr;                         // may be null
  OwnNamespace* own_namespace = nullptr;               // null: WebhookOptions::owner is as given
};

struct WebhookStanding {
  // The API server sends us what the policies need.
  bool ready = false;
  // If not, or not all of it, why; for /readyz and the log.
  std::string why;
  RotationPhase phase = RotationPhase::kStable;
  std::string rotation;  // what the rotation has just done or is waiting for
  std::optional<CertificateInfo> signer;
  std::vector<std::string> problems;  // that a person should see
  // When to come again at the latest.
  Timestamp next;
};

class WebhookController {
 public:
  WebhookController(WebhookControllerPorts ports, WebhookControllerOptions options);

  // One pass: after every change of configuration, Secret or policies, and at `next`. `policies`: null while they are not
  // known. Errors: kUnavailable and kConflict (soon again), kForbidden (a person must grant it).
  Result<WebhookStanding> Reconcile(const PolicySnapshot* policies, Timestamp now);

 private:
  Status Read(Timestamp now);
  // An owner that is not known yet is read once: an entry that nobody owns would outlive us.
  Status ReadOwner();
  Status MayWrite() const;
  Status Rotate(WebhookStanding& standing, Timestamp now);
  Status WriteSecret(const RotationPlan& plan, bool exists);
  bool WaitsForAbsent(WebhookStanding& standing, Timestamp now);
  // Whether the wish was as is, or has been applied.
  Status Configure(const PolicySnapshot* policies, WebhookStanding& standing, Timestamp now);
  WebhookConfiguration Kept(const WebhookConfiguration& wish, bool policies_known) const;
  Status MayChangeRules(const PolicySnapshot* policies, const WebhookConfiguration& wish) const;
  Status Apply(const WebhookConfiguration& wanted, Timestamp now);
  // Somebody has changed `wanted` while it was applied, and applying it again now would be the same.
  bool IsContested(const WebhookConfiguration& wanted, Timestamp now) const;
  void StandContested(const WebhookConfiguration& wish, const WebhookConfiguration& wanted,
                      bool policies_known, WebhookStanding& standing) const;
  void Tell(ClusterEvent::Type type, std::string reason, std::string note, bool about_secret) const;

  WebhookControllerPorts ports_;
  WebhookControllerOptions options_;
  LiveTrust trust_;
  std::optional<WebhookConfiguration> live_;
  std::optional<WebhookConfiguration> applied_;  // what we applied last
  // The resource version that our last Apply left.
  std::string applied_version_;
  // `applied_` came out as something else, and does so until somebody changes it: when to try again.
  std::optional<Timestamp> contested_until_;
  std::optional<Timestamp> absent_since_;
  std::string ca_bundle_;  // of this pass
};

}  // namespace plimsoll::controllers
