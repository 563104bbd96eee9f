// Files judged: from what was read to what is reported. Called again with the same terms when files have changed.
//
// Thread-safety: functions; judging uses a few threads of its own.
#pragma once

#include <vector>

#include "check_options.h"
#include "input.h"
#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/team_directory.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/render/check_report.h"

namespace plimsoll::cli {

// What files are judged by. What it refers to must outlive it.
struct CheckTerms {
  const CheckOptions& options;
  const PolicySnapshot& policies;
  const std::vector<InputFile>& policy_files;  // their Namespaces and waivers are known, too
  const std::vector<InputFile>& waiver_files;
  const TeamDirectory* directory;  // null: there is none
  Timestamp now;
  Timestamp as_of;
};

// One object that was judged, and what came of it.
struct JudgedObject {
  const InputFile* file = nullptr;
  JsonView object = {};
  CheckedWorkload result = {};
  std::vector<Diagnostic> errors = {};
};

struct Judgement {
  std::vector<JudgedObject> objects;  // in the order of the files
  std::vector<Diagnostic> waiver_problems;
};

Judgement JudgeFiles(const CheckTerms& terms, const std::vector<InputFile>& files);

// Takes what was found; `judgement` has no results afterwards.
CheckReport ReportOf(const CheckTerms& terms, const std::vector<InputFile>& files,
                     Judgement judgement);

}  // namespace plimsoll::cli
