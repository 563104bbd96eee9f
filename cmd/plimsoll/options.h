// The command line of `plimsoll`, parsed: one struct a command. What the flags mean is in the help texts (options.cc).
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/model/action.h"

namespace plimsoll::cli {

enum class ColorMode { kAuto, kAlways, kNever };
enum class ReportFormat { kText, kJson };
enum class PageFormat { kText, kMarkdown, kHtml };

struct CheckOptions {
  std::vector<std::string> policies;
  std::vector<std::string> waivers;
  std::vector<std::string> directories;
  std::optional<Timestamp> as_of;
  std::string namespace_name;
  std::vector<std::pair<std::string, std::string>> namespace_labels;
  ReportFormat format = ReportFormat::kText;
  bool all = false;
  Action failure_threshold = Action::kWarn;
  bool exit_zero = false;
  bool stamp = false;
  ColorMode color = ColorMode::kAuto;
  std::vector<std::string> paths;
};

struct PolicyDefaultOptions {};

struct PolicyValidateOptions {
  std::vector<std::string> paths;
};

// Which cluster, with kubectl's flags.
struct ClusterOptions {
  std::string kubeconfig;
  std::string context;
  std::string namespace_name;  // "": all
  bool all_namespaces =
      false;  // what is so without a namespace; kubectl's people type it all the same
};

struct ExplainOptions {
  // {}: the list of rules. {RULE}, {"all"}, {"-"} (a denial), {"policy", FILE or NAME}.
  std::vector<std::string> what;
  PageFormat format = PageFormat::kText;
  std::string output;  // a folder to write Markdown pages to
  std::optional<Timestamp> as_of;
  ClusterOptions cluster;
  ColorMode color = ColorMode::kAuto;
};

struct ReportOptions {
  bool questions = false;
  std::vector<std::string> paths;  // none: from the cluster
  ClusterOptions cluster;
  ReportFormat format = ReportFormat::kText;
  ColorMode color = ColorMode::kAuto;
};

struct VersionOptions {};

// A command that registered itself (subcommand.h).
struct Task {
  std::function<int(Timestamp now, std::ostream& out)> run;
};

// Nothing to run: print this text to that stream (1 or 2) and exit.
struct Message {
  std::string text;
  int descriptor = 1;
  int exit_code = 0;
};

using Command = std::variant<CheckOptions, ExplainOptions, PolicyDefaultOptions,
                             PolicyValidateOptions, ReportOptions, VersionOptions, Task, Message>;

// Never throws, never exits: a wrong command line gives the Message that says what is wrong with it.
Command ParseCommandLine(int argc, const char* const* argv);

}  // namespace plimsoll::cli
