// What somebody who runs `plimsoll check` should be told besides the verdicts: why nothing was judged, and what to type
// instead. A check that is green because it saw nothing is worse than one that fails.
//
// Thread-safety: functions without state; they ask the file system whether a template lies in a chart.
#pragma once

#include <string>
#include <vector>

#include "check_options.h"
#include "input.h"
#include "plimsoll/render/check_report.h"

namespace plimsoll::cli {

// Objects that are meant as workloads and that nobody would take as one: without apiVersion there is no such kind.
std::vector<Diagnostic> MisspelledWorkloads(const std::vector<InputFile>& files);

bool NoWaiverIn(const std::vector<InputFile>& files);

// Sentences without a full stop, each with what to do next; none where there is nothing to say.
std::vector<std::string> HintsFor(const CheckReport& report, const std::vector<InputFile>& files);

}  // namespace plimsoll::cli
