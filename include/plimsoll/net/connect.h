// ConnectAny: a TCP connection to one of several addresses.
//
// Who decides by addresses whom to talk to (the link checker) resolves, looks, and hands over what it has looked at: between
// the look and the connection there is no second resolution.
//
// Thread-safety: a function without state.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/net/patience.h"
#include "plimsoll/net/resolver.h"

namespace plimsoll::net {

// A connected, non-blocking socket, which is the caller's to close. One address after the other; each gets its share of the
// time that is left. `peer` names it in messages.
Result<int> ConnectAny(const std::vector<SocketAddress>& addresses, const std::string& peer,
                       const Patience& patience);

}  // namespace plimsoll::net
