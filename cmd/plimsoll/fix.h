// check --fix and --diff: puts the fixes of findings into the files they were found in.
//
// Safe fixes have no value that only people know; the others are written only when asked for, each marked
// (placeholder_marks.h). Judged, fixed and judged again until nothing more can be fixed, in memory; then each file is written
// whole or not at all.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "check_judge.h"
#include "input.h"
#include "plimsoll/base/position.h"

namespace plimsoll::cli {

struct FixedFile {
  size_t file = 0;     // of the files given
  std::string before;  // its text
};

struct FixOutcome {
  std::vector<FixedFile> files;  // those that have changed
  size_t fixed = 0;              // findings that are gone
  // What has a fix that could not be put in, each with its reason.
  std::vector<Diagnostic> refused;
  size_t unsafe = 0;  // findings left whose fix has a value that only people know
};

// Changes `files` in memory.
FixOutcome FixFiles(const CheckTerms& terms, std::vector<InputFile>& files);

// Writes the changed files. One that cannot be written is in memory again what it is on disk, and in the result.
std::vector<Diagnostic> WriteFixes(const FixOutcome& outcome, std::vector<InputFile>& files);

// What was done and what was not, in lines for standard error.
std::string FixSummary(const FixOutcome& outcome, const CheckOptions& options);

}  // namespace plimsoll::cli
