#include "plimsoll/kube/record_store.h"

#include <string>

#include "plimsoll/kube/leader_elector.h"
#include "plimsoll/kube/record_codec.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

// The API server's words where a namespace is gone or going; a missing CRD is a 404 too, and that one must be told.
// k8s.io/apiserver/pkg/admission/plugin/namespace/lifecycle.
bool NamespaceIsGone(const Error& error, const std::string& namespace_name) {
  const auto says = [&](const std::string& words) {
    return error.message.find(words) != std::string::npos;
  };
  switch (error.code) {
    case ErrorCode::kNotFound:
      return says("namespaces \"" + namespace_name + "\" not found");
    case ErrorCode::kForbidden:
      return says("because it is being terminated");
    default:
      return false;
  }
}

}  // namespace

Status RecordStore::Write(const ObjectKey& key, const WorkloadRecord& record) {
  ApiRequest request;
  request.method = ApiMethod::kPatch;
  request.path = ObjectPath(kRecords, key) + "?fieldManager=" + std::string(kRecordFieldManager) +
                 "&force=true";
  request.content_type = "application/apply-patch+yaml";
  request.body = WriteWorkloadRecord(key, record);
  request.timeout = kLeadersWriteTimeout;
  const Result<ApiResponse> response = api_.Call(request);
  if (response || NamespaceIsGone(response.error(), key.namespace_name)) return {};
  return tl::unexpected(response.error());
}

Status RecordStore::Delete(const ObjectKey& key) {
  ApiRequest request;
  request.method = ApiMethod::kDelete;
  request.path = ObjectPath(kRecords, key);
  request.timeout = kLeadersWriteTimeout;
  const Result<ApiResponse> response = api_.Call(request);
  if (response || response.error().code == ErrorCode::kNotFound) return {};
  return tl::unexpected(response.error());
}

}  // namespace plimsoll::kube
