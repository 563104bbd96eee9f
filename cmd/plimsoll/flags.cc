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

void AddCluster(CLI::App& app, ClusterOptions& options) {
  app.add_option("--kubeconfig", options.kubeconfig,
                 "The kubeconfig [KUBECONFIG, else ~/.kube/config, else the pod's own account]")
      ->type_name("FILE");
  app.add_option("--context", options.context, "The context in it [the current one]")
      ->type_name("NAME");
  app.add_option("--namespace,-n", options.namespace_name, "Only this namespace [all]")
      ->type_name("NS");
}

}  // namespace plimsoll::cli
