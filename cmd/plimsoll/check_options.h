// The command line of `plimsoll check`, parsed. What the flags mean is in the help texts (check_flags.cc).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"

namespace plimsoll::cli {

enum class ColorMode { kAuto, kAlways, kNever };

// Which cluster, with kubectl's flags.
struct ClusterOptions {
  std::string kubeconfig;
  std::string context;
  std::string namespace_name;  // "": all
  // What is so without a namespace; kubectl's people type it all the same.
  bool all_namespaces = false;
};

enum class CheckFormat : uint8_t {
  kText,
  kJson,
  kSarif,
  kJunit,
  kGithub,
  kGitlab,
  kMarkdown,
  kHtml
};

struct CheckOutput {
  CheckFormat format = CheckFormat::kText;
  std::string file;  // "": standard output
};

struct CheckOptions {
  std::vector<std::string> policies;
  bool policy_cluster = false;  // --policy cluster; it is not among `policies`
  ClusterOptions cluster;       // of that; its namespace is not used
  std::vector<std::string> waivers;
  std::vector<std::string> directories;
  std::optional<Timestamp> as_of;
  std::string namespace_name;
  std::vector<std::pair<std::string, std::string>> namespace_labels;
  std::vector<CheckOutput> outputs;  // at least one, at most one of them to standard output
  bool all = false;
  bool statistics = false;
  Action failure_threshold = Action::kWarn;
  bool exit_zero = false;
  bool stamp = false;
  bool fix = false;
  bool diff = false;
  bool unsafe_fixes = false;
  std::string baseline;
  std::string write_baseline;
  bool watch = false;
  ColorMode color = ColorMode::kAuto;
  std::vector<std::string> paths;
};

}  // namespace plimsoll::cli
