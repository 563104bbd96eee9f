// CheckReport: what `plimsoll check` found out, as a value, and the two ways to write it down. The JSON is an interface
// that others build on: docs/check-json.md documents every field, docs/check-json.schema.json is its schema.
//
// Thread-safety: value types and functions without state.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/position.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"
#include "plimsoll/model/finding.h"

namespace plimsoll {

inline constexpr int kCheckJsonVersion = 1;

struct CheckedWorkload {
  std::string file = {};
  SourcePosition position = {};  // of the object
  std::string api_version = {};
  std::string kind = {};
  std::string namespace_name = {};
  std::string name = {};
  // Anything but kJudged: `note` says why, in words for its author. Where it was judged, a note is a remark on how.
  enum class Standing : uint8_t {
    kJudged,
    kNotJudged,
    kNoPolicyMatches,  // no policy is meant for it: nothing for its author to do
  };
  Standing standing = Standing::kJudged;
  std::string note = {};
  std::vector<Finding> findings = {};  // as in Verdict
  uint32_t passed = 0;
  uint32_t not_applicable = 0;
  std::string owner = {};  // as in Verdict
};

struct CheckSummary {
  uint64_t files = 0;
  uint64_t documents = 0;
  uint64_t workloads = 0;
  // Rule results. `error` counts rules that could not be judged, not the report's errors.
  uint64_t pass = 0;
  uint64_t fail = 0;
  uint64_t not_applicable = 0;
  uint64_t pending = 0;
  uint64_t error = 0;
  // The fails by what is done about them.
  uint64_t deny = 0;
  uint64_t warn = 0;
  uint64_t audit = 0;
  uint64_t waived = 0;  // of `audit`: a waiver excuses them
  uint64_t known = 0;   // fails that a baseline has: not listed, and in no other count
};

struct CheckReport {
  std::vector<CheckedWorkload> workloads;  // in the order of the input
  std::vector<Diagnostic> errors;          // what could not be read or judged
  std::vector<std::string> policies;       // the names of those in force
  Timestamp as_of;
  uint64_t files = 0;
  uint64_t documents = 0;
  // Kinds that rules with findings ask about, and of which the files have none. Told in the text report: who checks one file
  // alone should know why it has nothing beside it.
  std::vector<std::string> absent_kinds = {};
  // What else its reader should know, and do next: sentences without a full stop. Told in the text report, at its end.
  std::vector<std::string> hints = {};
  // Fails that a baseline has and that are left out here (check --baseline).
  uint64_t known = 0;
};

CheckSummary Summarize(const CheckReport& report);

// True if there is a fail, other than a waived one, whose action is at or above `threshold`.
bool HasFindingAtOrAbove(const CheckReport& report, Action threshold);

struct TextStyle {
  bool color = false;
  int width = 100;  // columns for prose; YAML is never wrapped
  bool show_all =
      false;  // also what passed, did not apply, and which workloads no policy is meant for
};

void WriteTextReport(const CheckReport& report, const TextStyle& style, std::ostream& out);

// Valid UTF-8 whatever the input held; every key always present.
void WriteJsonReport(const CheckReport& report, std::ostream& out);

}  // namespace plimsoll
