// Which handler answers a request, decided by its head alone, before any of its body is read.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/server/http.h"
#include "server/refusal.h"
#include "server/request_parser.h"

namespace plimsoll {

class Router {
 public:
  explicit Router(std::vector<Route> routes);

  const std::vector<Route>& routes() const { return routes_; }
  // The place of the route in routes(), or why there is none: 404, 405, 415, 413, in this order.
  std::optional<Refusal> Choose(const RequestHead& head, size_t& route) const;

 private:
  std::vector<Route> routes_;
  std::string not_found_;  // names what there is
};

}  // namespace plimsoll
