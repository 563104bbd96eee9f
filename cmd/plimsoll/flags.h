// Flags that several commands have, and how a flag of a few words is declared.
//
// Thread-safety: functions; what they bind must outlive the parsing.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Error.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "options.h"

namespace plimsoll::cli {

template <class T>
using Choices = std::vector<std::pair<std::string_view, T>>;

// A flag whose value is one of a few words.
template <class T>
CLI::Option* AddChoice(CLI::App& app, const std::string& flag, const Choices<T>& choices, T& target,
                       const std::string& description) {
  std::string names;
  for (const auto& choice : choices) {
    if (!names.empty()) names += '|';
    names += choice.first;
  }
  const auto set = [flag, choices, names, &target](const std::string& text) {
    for (const auto& [name, value] : choices) {
      if (name == text) {
        target = value;
        return;
      }
    }
    throw CLI::ValidationError(flag, "\"" + text + "\" is none of " + names);
  };
  return app.add_option_function<std::string>(flag, set, description)->type_name(names);
}

// --color.
void AddColor(CLI::App& app, ColorMode& target);
// --kubeconfig, --context, --namespace and --all-namespaces, as kubectl has them.
void AddCluster(CLI::App& app, ClusterOptions& options);

}  // namespace plimsoll::cli
