// ReplicaReports: which CA each replica's certificate is from, as one Lease a replica in the controller's namespace, with a
// label by which all are found and an annotation that says the CA. Owned by the replica's Pod, so that it goes with it.
//
// Thread-safety: all methods from any thread. Ownership: `api` must outlive it. Errors: those of ApiCaller. RBAC: list,
// create and patch on leases of that namespace.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/model/object_key.h"

namespace plimsoll::kube {

inline constexpr std::string_view kReplicaLabel = "plimsoll.dev/replica";
inline constexpr std::string_view kReplicaCaAnnotation = "plimsoll.dev/ca";
inline constexpr std::string_view kReplicaFieldManager = "plimsoll-replica";

class ReplicaReports final : public controllers::ReplicaReports {
 public:
  // `pod`: of this process. Without `pod_uid` the report has no owner and stays until somebody deletes it.
  ReplicaReports(ApiCaller& api, ObjectKey pod, std::string pod_uid);

  Status Report(const controllers::ReplicaReport& report) override;
  Result<std::vector<controllers::ReplicaReport>> List() override;

 private:
  // The token of the next page, "" after the last.
  Result<std::string> TakePage(const std::string& token,
                               std::vector<controllers::ReplicaReport>& reports);

  ApiCaller& api_;
  ObjectKey pod_;
  std::string pod_uid_;
};

}  // namespace plimsoll::kube
