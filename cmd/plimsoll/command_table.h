// Every command with its flags, read from what CLI11 was told: the one table that help, docs/cli.md, completions and man
// pages are made of.
//
// Thread-safety: value types and functions.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace plimsoll::cli {

struct FlagEntry {
  std::vector<std::string> names;  // "--namespace", "-n"; for a positional argument its name alone
  std::string value;               // "FILE|DIR"; "" where it takes none
  std::vector<std::string> choices;
  std::string description;
  bool takes_path = false;
};

struct CommandEntry {
  std::vector<std::string> path;  // {"policy", "test"}; {} for the program itself
  std::string description;
  std::vector<FlagEntry> flags;
  std::vector<FlagEntry> positionals;
  std::vector<std::pair<std::string, std::string>> commands;  // below it, with descriptions
  std::string footer;

  std::string Spelled(std::string_view separator = " ") const;
};

// Of one level; hidden commands are left out.
std::vector<const CLI::App*> CommandsBelow(const CLI::App& app);
// Depth first, in the order of the help; hidden commands are left out.
std::vector<CommandEntry> TableOf(const CLI::App& app);

enum class Shell { kBash, kZsh, kFish };
std::string CompletionFor(Shell shell, const std::vector<CommandEntry>& table);
// Of section 1, in man(7).
std::string ManPage(const CommandEntry& entry, const std::vector<CommandEntry>& table);

}  // namespace plimsoll::cli
