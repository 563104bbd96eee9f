// ListObjects: everything of one kind, once, page by page: for programs that look and go.
//
// Thread-safety: as of the ApiCaller. Memory: a page at a time. Errors: those of ApiCaller; where the server no longer has the
// rest of the list (410), it is begun anew once, and objects may be handed over twice. Semantics: API concepts, "Retrieving
// large results sets in chunks".
#pragma once

#include <functional>
#include <string>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/kube/resources.h"

namespace plimsoll::kube {

struct ListOptions {
  std::string namespace_name;  // "" for all
  std::string label_selector;
  size_t page_size = 500;
};

// `take` gets each object while its page is there. A resource that the server does not know is an Error (kNotFound).
Status ListObjects(ApiCaller& api, const ResourceType& type, const ListOptions& options,
                   const std::function<void(JsonView object)>& take);

}  // namespace plimsoll::kube
