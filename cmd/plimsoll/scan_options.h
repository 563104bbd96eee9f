// The command lines of `plimsoll scan` and `plimsoll preview`, parsed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "check_options.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"

namespace plimsoll::cli {

enum class ScanFormat : uint8_t { kText, kJson, kMarkdown };

struct ScanOptions {
  std::vector<std::string> policies;  // none: plimsoll-baseline
  bool policy_cluster = false;
  std::vector<std::string> directories;
  ClusterOptions cluster;
  std::optional<Timestamp> as_of;
  ScanFormat format = ScanFormat::kText;
  std::string output;    // "": standard output
  bool details = false;  // each finding, with its fix
  Action failure_threshold = Action::kDeny;
  bool exit_zero = false;
  ColorMode color = ColorMode::kAuto;
};

struct PreviewOptions {
  std::vector<std::string> policies;  // as they are to be
  ClusterOptions cluster;
  std::optional<Timestamp> as_of;
  bool next_stage = false;  // on the day after which their next stage is in force
  bool json = false;
  ColorMode color = ColorMode::kAuto;
};

}  // namespace plimsoll::cli
