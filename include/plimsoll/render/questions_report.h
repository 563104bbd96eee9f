// The answers to the three questions, for people at a terminal and for programs.
//
// Thread-safety: functions without state.
#pragma once

#include <iosfwd>

#include "plimsoll/base/time.h"
#include "plimsoll/record/questions.h"
#include "plimsoll/render/check_report.h"

namespace plimsoll {

inline constexpr int kQuestionsJsonVersion = 1;

void WriteQuestionsText(const Answers& answers, const TextStyle& style, std::ostream& out);
// Every key always present; times as RFC 3339, lead times in seconds.
void WriteQuestionsJson(const Answers& answers, Timestamp now, std::ostream& out);

}  // namespace plimsoll
