// What controllers need of a cluster. The room kube implements these ports; tests have their own.
//
// Calls may block for as long as an API call takes; they come from controller threads, never from one that serves reviews.
// Errors: kConflict (read again, decide again), kUnavailable (later), kForbidden and kInvalidArgument (a person must act).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/policy_status.h"
#include "plimsoll/controllers/waiver_status.h"
#include "plimsoll/controllers/webhook_configuration.h"
#include "plimsoll/model/object_key.h"
#include "plimsoll/model/workload_history.h"
#include "plimsoll/model/workload_record.h"

namespace plimsoll::controllers {

class RecordStore {
 public:
  virtual ~RecordStore() = default;
  // Creates or replaces. A namespace or workload that is gone meanwhile is no error.
  virtual Status Write(const ObjectKey& key, const WorkloadRecord& record) = 0;
  // Absent already is no error.
  virtual Status Delete(const ObjectKey& key) = 0;
};

// A workload's history as the cluster has it.
struct StoredHistory {
  std::string resource_version;  // of its record
  WorkloadHistory history;
};

class HistoryStore {
 public:
  virtual ~HistoryStore() = default;
  virtual Result<StoredHistory> Read(
      const ObjectKey& key) = 0;  // kNotFound where there is no record
  // kConflict where the record is no longer at that version, kNotFound where it is gone.
  virtual Status Write(const ObjectKey& key, const StoredHistory& history) = 0;
};

class PolicyStatusStore {
 public:
  virtual ~PolicyStatusStore() = default;
  // Replaces what the policy's status says. A policy that is gone meanwhile is no error.
  virtual Status Write(std::string_view policy, const PolicyStatus& status) = 0;
};

class WaiverStatusStore {
 public:
  virtual ~WaiverStatusStore() = default;
  // Replaces what the waiver's status says. A waiver that is gone meanwhile is no error.
  virtual Status Write(const ObjectKey& waiver, const WaiverStatus& status) = 0;
};

// Something people should see in `kubectl describe`, once.
struct ClusterEvent {
  enum class Type { kNormal, kWarning };
  Type type = Type::kNormal;
  std::string reason;  // "PolicyNotReady": one word for programs
  std::string action;  // what was done: "Validating"
  std::string note;    // for people
  // What it is about.
  std::string api_version;
  std::string kind;
  ObjectKey regarding;
  std::string uid;
};

class EventSink {
 public:
  virtual ~EventSink() = default;
  // Never blocks; events beyond the limits are counted or dropped.
  virtual void Emit(const ClusterEvent& event) = 0;
};

// A Secret's data, decoded.
struct SecretData {
  std::string resource_version;                              // "" where it does not exist yet
  std::vector<std::pair<std::string, std::string>> entries;  // sorted by key
  // As read; writing leaves them as they are.
  std::vector<std::pair<std::string, std::string>> annotations;

  // "" where there is none.
  std::string_view Entry(std::string_view key) const;
  std::string_view Annotation(std::string_view key) const;
  friend bool operator==(const SecretData&, const SecretData&) = default;
};

class SecretStore {
 public:
  virtual ~SecretStore() = default;
  virtual Result<SecretData> Read() = 0;  // kNotFound where there is none
  // kAlreadyExists where somebody was faster: read and take theirs.
  virtual Result<SecretData> Create(const SecretData& data) = 0;
  // kConflict where it is no longer at `data.resource_version`, or no longer there.
  virtual Result<SecretData> Update(const SecretData& data) = 0;
};

// The ValidatingWebhookConfiguration of this installation.
class WebhookConfigurationStore {
 public:
  virtual ~WebhookConfigurationStore() = default;
  virtual Result<WebhookConfiguration> Read() = 0;  // kNotFound where there is none
  // Makes our entries and our owner reference as `wanted`, leaves everything else to whom it belongs, and returns what is
  // there now. An empty caBundle is somebody else's to write. `live`: what was read before; kConflict where it has changed
  // since, or is gone. Null: creates what is not there.
  virtual Result<WebhookConfiguration> Apply(const WebhookConfiguration& wanted,
                                             const WebhookConfiguration* live) = 0;
};

// Which CA a replica's certificate is from. Kept in the cluster for as long as the replica's pod exists.
struct ReplicaReport {
  std::string replica;  // the pod's name
  std::string ca;       // CertificateInfo::sha256 of the CA
  Timestamp renewed;
  friend bool operator==(const ReplicaReport&, const ReplicaReport&) = default;
};

class ReplicaReports {
 public:
  virtual ~ReplicaReports() = default;
  // Of this replica; replaces its last one.
  virtual Status Report(const ReplicaReport& report) = 0;
  virtual Result<std::vector<ReplicaReport>> List() = 0;
};

// The Namespace object that the controller itself is in.
class OwnNamespace {
 public:
  virtual ~OwnNamespace() = default;
  // What an object refers to that is to go when the namespace does.
  virtual Result<OwnerReference> Read() = 0;
};

// Tries whether the API server could call us.
class ServingCheck {
 public:
  virtual ~ServingCheck() = default;
  // A TLS call to our own listener, as the API server makes it: with the service's name, trusting `ca_bundle` and nothing
  // else. (Not through the service: that would wait for us to be ready.)
  virtual Status Check(const std::string& ca_bundle) = 0;
};

}  // namespace plimsoll::controllers
