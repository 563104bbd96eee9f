// OwnNamespace: the Namespace object that the controller runs in, as an owner of what is to go with it.
//
// Thread-safety: all methods from any thread. Ownership: `api` must outlive it. Errors: those of ApiCaller. RBAC: get on
// namespaces.
#pragma once

#include <string>

#include "plimsoll/controllers/ports.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::kube {

class OwnNamespace final : public controllers::OwnNamespace {
 public:
  OwnNamespace(ApiCaller& api, std::string name) : api_(api), name_(std::move(name)) {}

  Result<controllers::OwnerReference> Read() override;

 private:
  ApiCaller& api_;
  std::string name_;
};

}  // namespace plimsoll::kube
