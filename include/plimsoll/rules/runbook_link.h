// What the rule runbook.alive looks at, for those who look: which link a workload declares as its runbook, how its policy
// lets it be looked at, and the parts of a URL that a request is made of.
//
// Pure. Thread-safety: functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/model/link.h"
#include "plimsoll/model/workload.h"
#include "plimsoll/rules/rule.h"

namespace plimsoll {

inline constexpr std::string_view kRunbookAliveRuleId = "runbook.alive";

// The first http(s) URL under one of the rule's keys; "" where there is none. Views into the workload.
std::string_view RunbookLinkOf(const Workload& workload, const Parameters& parameters);

LinkTerms LinkTermsOf(const Parameters& parameters);

struct LinkParts {
  bool tls = true;
  std::string host;  // lower case; a name, or an IP address as it is written, without brackets
  bool is_name = true;
  uint16_t port = 443;
  std::string target;  // path and query, all of it ASCII; never empty

  // As the Host header has it.
  std::string Authority() const;
};

// Nothing where it is no http(s) URL that a program may ask for: user and password are not sent to anybody.
std::optional<LinkParts> TakeLinkApart(std::string_view url);
// What a Location header means on the page `base`: absolute, "//host/path", "/path", "path" or "?query".
std::string ResolveReference(const LinkParts& base, std::string_view reference);

// Whether one of the patterns matches; without patterns every host is among them.
bool HostIsAmong(std::string_view host, const std::vector<std::string>& patterns);

}  // namespace plimsoll
