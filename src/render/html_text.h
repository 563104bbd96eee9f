// Text of the HTML report: escaping, dates, and how states and actions are shown.
//
// Pure. Thread-safety: functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/model/workload_record.h"
#include "render/text_table.h"

namespace plimsoll {

// For content and for quoted attributes: no character of it can end either. Control characters, invalid UTF-8 and marks
// that turn the direction of writing are cleaned away; lines stay lines.
std::string Escape(std::string_view text);
// The same of a name, "(nobody)" or the like where it is empty.
std::string EscapeOr(std::string_view text, std::string_view otherwise);

// <time datetime="2027-01-01T00:00:00Z">2027-01-01</time>
std::string TimeTag(Timestamp time);
// "3 services"; `many` where it is no plain s.
std::string Count(size_t number, std::string_view one, std::string_view many = {});

// "blocked", "not-ready", "waived", "ready": classes of the style and values of the filter.
std::string_view StateClass(ReadinessState state);
// A badge: symbol and words, so that nothing rests on colour alone.
std::string StateBadge(ReadinessState state);
// "✖ deny" with the class of its cell; a finding that is excused is waived, whatever its action.
std::string_view ActionClass(Action action, bool waived);
std::string ActionText(Action action, bool waived);
// "Deny from 2027-01-01".
std::string UpcomingText(const Upcoming& upcoming);

// "'sha256-…'" of a digest in hexadecimal.
std::string HashSource(std::string_view hex);

}  // namespace plimsoll
