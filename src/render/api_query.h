// The query of a request to /api/v1: "limit=10&owner=a%20team".
//
// Pure. Thread-safety: value types and functions. Semantics: application/x-www-form-urlencoded (WHATWG URL).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/result.h"
#include "plimsoll/model/workload_record.h"

namespace plimsoll {

struct ApiQuery {
  size_t limit = 0;  // 1 to kMaxApiLimit
  // Items up to this one have been answered with; "" at the beginning.
  std::string after;
  std::optional<std::string> owner;
  std::optional<std::string> namespace_name;
  std::optional<ReadinessState> state;
};

// Errors (kInvalidArgument) say what was expected. A parameter that does not exist is one: to leave it out silently would
// answer another question.
Result<ApiQuery> ParseApiQuery(std::string_view query);

// What `continue` has to be to go on behind `key`. Opaque to clients.
std::string ContinueAfter(std::string_view key);

}  // namespace plimsoll
