#include "plimsoll/kube/list.h"

#include "kube/collection.h"
#include "plimsoll/codec/json_parser.h"

namespace plimsoll::kube {
namespace {

// Hands over one page. Returns the token of the next one, "" after the last.
Result<std::string> TakePage(ApiCaller& api, const InformerOptions& options, size_t page_size,
                             const std::string& continue_token, JsonParser& parser,
                             const std::function<void(JsonView object)>& take) {
  Result<ApiResponse> response = api.Call(PageRequest(options, page_size, continue_token));
  if (!response) return tl::unexpected(response.error());
  const Result<JsonView> list = parser.Parse(response->body);
  if (!list) {
    return Fail(list.error().code, CollectionPath(options.type, options.namespace_name) +
                                       ": the answer cannot be read: " + list.error().message);
  }
  for (const JsonView object : (*list)["items"].elements()) take(object);
  return std::string((*list)["metadata"]["continue"].StringOrEmpty());
}

}  // namespace

Status ListObjects(ApiCaller& api, const ResourceType& type, const ListOptions& options,
                   const std::function<void(JsonView object)>& take) {
  InformerOptions collection;
  collection.type = type;
  collection.namespace_name = options.namespace_name;
  collection.label_selector = options.label_selector;
  JsonParser parser;
  std::string token;
  bool begun_anew = false;
  while (true) {
    Result<std::string> next = TakePage(api, collection, options.page_size, token, parser, take);
    if (next) {
      token = *std::move(next);
    } else if (next.error().code == ErrorCode::kConflict && !token.empty() && !begun_anew) {
      begun_anew = true;
      token.clear();
      continue;
    } else {
      return tl::unexpected(next.error());
    }
    if (token.empty()) return {};
  }
}

}  // namespace plimsoll::kube
