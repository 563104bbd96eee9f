#include "plimsoll/kube/own_namespace.h"

#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {

Result<controllers::OwnerReference> OwnNamespace::Read() {
  ApiRequest request;
  request.path = ObjectPath(kNamespaces, {"", name_});
  Result<ApiResponse> response = api_.Call(request);
  if (!response) return tl::unexpected(response.error());
  JsonParser parser;
  const Result<JsonView> object = parser.Parse(response->body);
  const std::string_view uid =
      object ? (*object)["metadata"]["uid"].StringOrEmpty() : std::string_view();
  if (uid.empty()) {
    return Fail(ErrorCode::kInternal, "the API server's answer is no Namespace: " + name_);
  }
  return controllers::OwnerReference{std::string(kNamespaces.api_version()),
                                     std::string(kNamespaces.kind), name_, std::string(uid)};
}

}  // namespace plimsoll::kube
