// Which addresses a link may lead to. Whoever may create a workload chooses its links, and the checker asks from inside the
// cluster: without this it would ask whatever they cannot reach themselves (SSRF).
//
// Judged is the address that is then connected to, after the name was resolved and never again: what a name pointed to a
// moment ago proves nothing (DNS rebinding).
//
// Pure. Thread-safety: functions. Semantics: the IANA special-purpose address registries (RFC 6890), RFC 6052 (NAT64).
#pragma once

#include <string_view>
#include <vector>

#include "plimsoll/base/ip_address.h"

namespace plimsoll::links {

struct AddressRules {
  std::vector<IpNetwork> networks;  // private ones that may be asked
  std::vector<IpNetwork> never;     // not even then: the API server
  bool allow_loopback = false;      // for tests, whose servers are there
};

// Why an address may not be asked, as the end of a sentence that begins with "it is"; "" if it may.
std::string_view WhyNotAsked(const IpAddress& address, const AddressRules& rules);

}  // namespace plimsoll::links
