#include "kube/collection.h"

namespace plimsoll::kube {
namespace {

ApiRequest Request(const InformerOptions& options, const std::string& query, bool list) {
  ApiRequest request;
  request.path = CollectionPath(options.type, options.namespace_name) + "?" + query;
  if (!options.field_selector.empty()) {
    request.path += "&fieldSelector=" + PercentEncode(options.field_selector);
  }
  if (!options.label_selector.empty()) {
    request.path += "&labelSelector=" + PercentEncode(options.label_selector);
  }
  if (options.metadata_only) {
    request.accept = std::string("application/json;as=PartialObjectMetadata") +
                     (list ? "List" : "") + ";g=meta.k8s.io;v=v1,application/json";
  }
  return request;
}

std::string WatchQuery(std::chrono::seconds timeout) {
  return "watch=1&allowWatchBookmarks=true&timeoutSeconds=" + std::to_string(timeout.count());
}

}  // namespace

ApiRequest PageRequest(const InformerOptions& options, size_t page_size,
                       std::string_view continue_token) {
  std::string query = "limit=" + std::to_string(page_size);
  if (!continue_token.empty()) query += "&continue=" + PercentEncode(continue_token);
  return Request(options, query, true);
}

ApiRequest StreamedListRequest(const InformerOptions& options, std::chrono::seconds timeout) {
  return Request(options,
                 WatchQuery(timeout) + "&sendInitialEvents=true&resourceVersionMatch=NotOlderThan",
                 false);
}

ApiRequest WatchRequest(const InformerOptions& options, std::chrono::seconds timeout,
                        std::string_view resource_version) {
  return Request(
      options, WatchQuery(timeout) + "&resourceVersion=" + PercentEncode(resource_version), false);
}

}  // namespace plimsoll::kube
