#include "explain_flags.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

#include "flags.h"

namespace plimsoll::cli {

CLI::App* AddExplain(CLI::App& app, ExplainOptions& options) {
  CLI::App* explain = app.add_subcommand(
      "explain", "Say what a rule, a policy or a denial asks, why, and how to put it right");
  explain
      ->add_option("WHAT", options.what,
                   "A rule's id, or all; policy and its file or its name in the cluster; - for a "
                   "denial on standard input; nothing: the list of rules")
      ->type_name("");
  AddChoice<PageFormat>(*explain, "--format",
                        {{"text", PageFormat::kText},
                         {"markdown", PageFormat::kMarkdown},
                         {"html", PageFormat::kHtml}},
                        options.format, "How to write the page; html: of a policy [text]");
  explain
      ->add_option("--output", options.output,
                   "With `all`: write one Markdown page a rule, and README.md, into this folder")
      ->type_name("DIR");
  AddDate(*explain, "--as-of", options.as_of, "Explain a policy as it will be on that day [now]");
  AddClusterAccess(*explain, options.cluster);
  AddColor(*explain, options.color);
  explain->footer(
      "Exit codes: 0 explained, 2 there is no such thing, or it could not be read.\n\n"
      "Examples:\n"
      "  plimsoll explain runbook.url\n"
      "  plimsoll explain policy production\n"
      "  plimsoll explain policy policies/production.yaml --format html > standard.html\n"
      "  kubectl apply -f checkout.yaml 2>&1 | plimsoll explain -");
  return explain;
}

std::string CheckConsistency(const ExplainOptions& options) {
  const bool policy = !options.what.empty() && options.what.front() == "policy";
  if (policy && options.what.size() == 1) {
    return "explain which policy? Name its file, or its name in the cluster";
  }
  if (options.what.size() > (policy ? 2 : 1)) {
    return "one argument too many: \"" + options.what[policy ? 2 : 1] + "\"";
  }
  const bool all = options.what.size() == 1 && options.what.front() == "all";
  if (!options.output.empty() && !all) return "--output goes with `explain all`";
  if (!policy && options.format == PageFormat::kHtml)
    return "--format html goes with `explain policy`";
  if (!policy && options.as_of) return "--as-of goes with `explain policy`";
  if (!policy && !(options.cluster.kubeconfig.empty() && options.cluster.context.empty())) {
    return "--kubeconfig and --context go with `explain policy`";
  }
  if (!options.what.empty() && options.what.front() == "-" && options.format != PageFormat::kText) {
    return "a denial is explained as text";
  }
  return {};
}

}  // namespace plimsoll::cli
