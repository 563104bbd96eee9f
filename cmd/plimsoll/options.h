// The command line of `plimsoll`, parsed: one struct a command. What the flags mean is in the help texts (options.cc).
#pragma once

#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "check_options.h"
#include "plimsoll/base/time.h"
#include "scan_options.h"
#include "status_options.h"

namespace plimsoll::cli {

enum class ReportFormat { kText, kJson };
enum class PageFormat { kText, kMarkdown, kHtml };

struct PolicyDefaultOptions {};

struct PolicyValidateOptions {
  std::vector<std::string> paths;
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
  std::string html;                // where to write the page, - for standard output; "": none
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
                             PolicyValidateOptions, ReportOptions, ScanOptions, PreviewOptions,
                             StatusOptions, VersionOptions, Task, Message>;

// Never throws, never exits: a wrong command line gives the Message that says what is wrong with it.
Command ParseCommandLine(int argc, const char* const* argv);

}  // namespace plimsoll::cli
