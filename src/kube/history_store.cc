#include "plimsoll/kube/history_store.h"

#include <string>

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/history_codec.h"
#include "plimsoll/kube/leader_elector.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {

Result<controllers::StoredHistory> HistoryStore::Read(const ObjectKey& key) {
  ApiRequest request;
  request.path = ObjectPath(kRecords, key);
  request.timeout = kLeadersWriteTimeout;
  Result<ApiResponse> response = api_.Call(request);
  if (!response) return tl::unexpected(response.error());
  JsonParser parser;
  const Result<JsonView> object = parser.Parse(response->body);
  if (!object) return tl::unexpected(object.error());
  controllers::StoredHistory stored;
  stored.resource_version = (*object)["metadata"]["resourceVersion"].StringOrEmpty();
  stored.history = ReadWorkloadHistory(*object);
  return stored;
}

Status HistoryStore::Write(const ObjectKey& key, const controllers::StoredHistory& history) {
  ApiRequest request;
  request.method = ApiMethod::kPatch;
  request.path = ObjectPath(kRecords, key) + "?fieldManager=" + std::string(kHistoryFieldManager);
  request.content_type = "application/merge-patch+json";
  request.body = WriteHistoryPatch(history.history, history.resource_version);
  request.timeout = kLeadersWriteTimeout;
  const Result<ApiResponse> response = api_.Call(request);
  if (!response) return tl::unexpected(response.error());
  return {};
}

}  // namespace plimsoll::kube
