// NamedSecretStore: one Secret, by name.
//
// An update replaces the data and leaves everything else in the object as it is (labels, annotations and owners that
// somebody has added). The API server compares the resource version, so of two who update at once one gets kConflict.
// RBAC: get and patch on that name; create, which cannot be limited to a name.
//
// Thread-safety: all methods from any thread. Ownership: `api` must outlive it. Errors: those of ApiCaller, with the names
// of keys but never their values; kInternal where the API server's answer is no Secret.
#pragma once

#include <string>

#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/model/object_key.h"

namespace plimsoll::kube {

class NamedSecretStore final : public controllers::SecretStore {
 public:
  NamedSecretStore(ApiCaller& api, ObjectKey key);

  Result<controllers::SecretData> Read() override;
  Result<controllers::SecretData> Create(const controllers::SecretData& data) override;
  // kInvalidArgument without a resource version: it would replace what nobody has looked at.
  Result<controllers::SecretData> Update(const controllers::SecretData& data) override;

 private:
  Result<controllers::SecretData> Send(const ApiRequest& request);

  ApiCaller& api_;
  ObjectKey key_;
};

}  // namespace plimsoll::kube
