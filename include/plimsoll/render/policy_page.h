// The standard, in words, with its dates: what a policy asks, of whom, what is done about it today and from when it is more,
// how to put it right, and how to get more time. For a team to read: in a terminal, as Markdown for a wiki, or as one HTML
// file that needs nothing else.
//
// Pure. Thread-safety: functions without state.
#pragma once

#include <iosfwd>
#include <string>

#include "plimsoll/base/time.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/render/check_report.h"

namespace plimsoll {

void WritePolicyText(const ReadinessPolicy& policy, Timestamp now, const TextStyle& style,
                     std::ostream& out);
std::string PolicyMarkdown(const ReadinessPolicy& policy, Timestamp now);
std::string PolicyHtml(const ReadinessPolicy& policy, Timestamp now);

}  // namespace plimsoll
