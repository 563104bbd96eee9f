#include "plimsoll/kube/secret_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "kube/object_json.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/base64.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {
namespace {

using controllers::SecretData;

// So that people who find the Secret know whose it is.
constexpr const char* kManagedByLabel = "app.kubernetes.io/managed-by";
constexpr const char* kManagedBy = "plimsoll-controller";

nlohmann::json Encoded(const SecretData& data) {
  nlohmann::json encoded = nlohmann::json::object();
  for (const auto& [key, value] : data.entries) encoded[key] = Base64Encode(value);
  return encoded;
}

tl::unexpected<Error> Unreadable(const std::string& path, const std::string& why) {
  return Fail(ErrorCode::kInternal, path + ": the API server's answer is no Secret: " + why);
}

Result<SecretData> ReadSecret(const std::string& path, std::string body) {
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(body);
  if (!root) return Unreadable(path, "it cannot be parsed");  // what the parser says may quote it
  SecretData secret;
  secret.resource_version = (*root)["metadata"]["resourceVersion"].StringOrEmpty();
  if (secret.resource_version.empty()) return Unreadable(path, "it has no resourceVersion");
  for (const JsonMember entry : (*root)["data"].members()) {
    std::optional<std::string> value = Base64Decode(entry.value.StringOrEmpty());
    if (!value) return Unreadable(path, "data." + std::string(entry.key) + " is not base64");
    secret.entries.emplace_back(entry.key, *std::move(value));
  }
  for (const JsonMember note : (*root)["metadata"]["annotations"].members()) {
    secret.annotations.emplace_back(note.key, note.value.StringOrEmpty());
  }
  std::sort(secret.entries.begin(), secret.entries.end());
  std::sort(secret.annotations.begin(), secret.annotations.end());
  return secret;
}

}  // namespace

NamedSecretStore::NamedSecretStore(ApiCaller& api, ObjectKey key)
    : api_(api), key_(std::move(key)) {}

Result<SecretData> NamedSecretStore::Read() {
  ApiRequest request;
  request.path = ObjectPath(kSecrets, key_);
  return Send(request);
}

Result<SecretData> NamedSecretStore::Create(const SecretData& data) {
  ApiRequest request;
  request.method = ApiMethod::kPost;
  request.path = CollectionPath(kSecrets, key_.namespace_name);
  request.content_type = kJsonType;
  request.body = WriteJson({{"apiVersion", kSecrets.api_version()},
                            {"kind", kSecrets.kind},
                            {"metadata",
                             {{"name", key_.name},
                              {"namespace", key_.namespace_name},
                              {"labels", {{kManagedByLabel, kManagedBy}}}}},
                            {"type", "Opaque"},
                            {"data", Encoded(data)}});
  return Send(request);
}

Result<SecretData> NamedSecretStore::Update(const SecretData& data) {
  ApiRequest request;
  request.method = ApiMethod::kPatch;
  request.path = ObjectPath(kSecrets, key_);
  if (data.resource_version.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                request.path + ": an update needs the resource version that was read");
  }
  request.content_type = kJsonPatchType;
  // `add` replaces what is there. A resource version other than the object's own is a conflict.
  request.body = WriteJson(nlohmann::json::array(
      {{{"op", "add"}, {"path", "/metadata/resourceVersion"}, {"value", data.resource_version}},
       {{"op", "add"}, {"path", "/data"}, {"value", Encoded(data)}}}));
  return Send(request);
}

Result<SecretData> NamedSecretStore::Send(const ApiRequest& request) {
  Result<ApiResponse> answer = api_.Call(request);
  if (!answer) return tl::unexpected(answer.error());
  return ReadSecret(request.path, std::move(answer->body));
}

}  // namespace plimsoll::kube
