#include "flags.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>

namespace plimsoll::cli {
namespace {

const Choices<ColorMode>& ColorModes() {
  static const Choices<ColorMode> kModes = {
      {"auto", ColorMode::kAuto}, {"always", ColorMode::kAlways}, {"never", ColorMode::kNever}};
  return kModes;
}

}  // namespace

void AddColor(CLI::App& app, ColorMode& target) {
  AddChoice<ColorMode>(
      app, "--color", ColorModes(), target,
      "Colours; auto: on a terminal, unless NO_COLOR is set or TERM is dumb [auto]");
}

void AddDate(CLI::App& app, const std::string& flag, std::optional<Timestamp>& target,
             const std::string& description) {
  const auto set = [flag, &target](const std::string& text) {
    target = ParseTimestamp(text);
    if (target) return;
    throw CLI::ValidationError(
        flag,
        "\"" + text + "\" is no date; expected one such as 2027-02-01 or 2027-02-01T09:30:00Z");
  };
  app.add_option_function<std::string>(flag, set, description)->type_name("DATE");
}

void AddClusterAccess(CLI::App& app, ClusterOptions& options) {
  app.add_option("--kubeconfig", options.kubeconfig,
                 "The kubeconfig [KUBECONFIG, else ~/.kube/config, else the pod's own account]")
      ->type_name("FILE");
  app.add_option("--context", options.context, "The context in it [the current one]")
      ->type_name("NAME");
}

void AddCluster(CLI::App& app, ClusterOptions& options) {
  AddClusterAccess(app, options);
  app.add_option("--namespace,-n", options.namespace_name, "Only this namespace [all]")
      ->type_name("NS");
  app.add_flag("--all-namespaces,-A", options.all_namespaces, "All namespaces");
}

}  // namespace plimsoll::cli
