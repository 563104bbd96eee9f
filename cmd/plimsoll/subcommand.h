// A command that registers itself: its flags, what CLI11 cannot check about them, and what it does. Whoever adds one writes
// an Add... in a file of its own, declares it here and calls it in AddOthers (options.cc).
//
// Ownership: what the flags are written to is held by the functions.
#pragma once

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <functional>
#include <iosfwd>
#include <string>
#include <vector>

#include "plimsoll/base/time.h"

namespace plimsoll::cli {

struct Subcommand {
  CLI::App* app = nullptr;
  std::function<std::string()> check;  // "", or what is wrong with the command line
  std::function<int(Timestamp now, std::ostream& out)> run;
};

void AddInit(CLI::App& app, std::vector<Subcommand>& commands);
void AddCompletion(CLI::App& app, std::vector<Subcommand>& commands);
void AddDoctor(CLI::App& app, std::vector<Subcommand>& commands);
void AddDocs(CLI::App& app, std::vector<Subcommand>& commands);
void AddPolicyTest(CLI::App& policy, std::vector<Subcommand>& commands);
void AddWaiver(CLI::App& app, std::vector<Subcommand>& commands);

}  // namespace plimsoll::cli
