// What a scan of a cluster came to, and what a change of policies would change there, for people at a terminal and for
// programs.
//
// Thread-safety: value types and functions without state.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/render/check_report.h"

namespace plimsoll {

// A screen of them; the JSON has all.
inline constexpr size_t kMaxBlockedShown = 20;

// Who is ready and who is not: by rule, owner and namespace, and the workloads that would be refused.
void WriteScanText(const CheckReport& report, const TextStyle& style, std::ostream& out);

// One workload whose answer would be another.
struct PreviewedWorkload {
  std::string kind;
  std::string namespace_name;
  std::string name;
  std::string owner;
  std::vector<std::string> rules;  // "policy/rule", of what would deny, or denies no longer
};

struct Preview {
  Timestamp now;
  Timestamp then;
  std::vector<std::string> policies;  // that change; empty: only the day does
  size_t workloads = 0;               // judged
  size_t blocked_before = 0;
  size_t blocked_after = 0;
  size_t warned_before = 0;
  size_t warned_after = 0;
  std::vector<PreviewedWorkload> newly;      // blocked then, not now
  std::vector<PreviewedWorkload> no_longer;  // blocked now, not then
};

inline constexpr int kPreviewJsonVersion = 1;

void WritePreviewText(const Preview& preview, const TextStyle& style, std::ostream& out);
void WritePreviewJson(const Preview& preview, std::ostream& out);

}  // namespace plimsoll
