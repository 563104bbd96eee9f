// "HOST:PORT" as people write it on a command line.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plimsoll/base/result.h"

namespace plimsoll {

struct ListenAddress {
  std::string host;  // "" for every address
  uint16_t port = 0;
  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

Result<ListenAddress> ParseListenAddress(std::string_view text);

// With brackets around an IPv6 address.
std::string FormatListenAddress(std::string_view host, uint16_t port);

}  // namespace plimsoll
