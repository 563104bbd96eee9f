#include "command_table.h"

#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <array>

#include "plimsoll/base/text.h"
#include "plimsoll/rules/rule.h"

namespace plimsoll::cli {
namespace {

constexpr std::array<std::string_view, 2> kPaths = {"FILE", "DIR"};
// Positional arguments are shown by their name alone.
constexpr std::string_view kPathArgument = "PATH";
// The value of flags that take a rule's id.
constexpr std::string_view kRuleValue = "RULE";

std::vector<std::string> Words(std::string_view text, char separator) {
  std::vector<std::string> words;
  for (const std::string_view word : Split(text, separator)) words.emplace_back(word);
  return words;
}

// What may stand there, where that is a list of words which the help does not have.
std::vector<std::string> KnownWords(const std::vector<std::string>& path) {
  if (path == std::vector<std::string>{"completion"}) return {"bash", "zsh", "fish"};
  std::vector<std::string> words;
  if (path == std::vector<std::string>{"explain"}) {
    words = {"all", "policy"};
    for (const Rule* rule : RuleCatalog()) words.emplace_back(rule->id);
  }
  return words;
}

FlagEntry FlagOf(const CLI::Option& option) {
  FlagEntry flag;
  for (const std::string& name : option.get_lnames()) flag.names.push_back("--" + name);
  for (const std::string& name : option.get_snames()) flag.names.push_back("-" + name);
  flag.value = option.get_type_name();
  flag.description = option.get_description();
  // "FILE|DIR|cluster": a path, or a word that is none.
  const std::vector<std::string> words = Words(flag.value, '|');
  flag.takes_path =
      std::find_first_of(words.begin(), words.end(), kPaths.begin(), kPaths.end()) != words.end();
  if (!flag.takes_path && words.size() > 1) flag.choices = words;
  if (flag.value == kRuleValue) {
    for (const Rule* rule : RuleCatalog()) flag.choices.emplace_back(rule->id);
  }
  return flag;
}

void Append(const CLI::App& app, std::vector<std::string> path, std::vector<CommandEntry>& table) {
  CommandEntry entry;
  entry.path = path;
  entry.description = app.get_description();
  entry.footer = app.get_footer();
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional()) {
      FlagEntry argument = FlagOf(*option);
      argument.names = {option->get_name(true)};
      argument.takes_path = argument.names.front() == kPathArgument;
      argument.choices = KnownWords(path);
      entry.positionals.push_back(std::move(argument));
    } else {
      entry.flags.push_back(FlagOf(*option));
    }
  }
  const std::vector<const CLI::App*> below = CommandsBelow(app);
  for (const CLI::App* one : below) {
    entry.commands.emplace_back(one->get_name(), one->get_description());
  }
  table.push_back(std::move(entry));
  for (const CLI::App* one : below) {
    path.push_back(one->get_name());
    Append(*one, path, table);
    path.pop_back();
  }
}

}  // namespace

std::string CommandEntry::Spelled(std::string_view separator) const {
  return Join(path, separator);
}

std::vector<const CLI::App*> CommandsBelow(const CLI::App& app) {
  return app.get_subcommands([](const CLI::App* one) { return !one->get_group().empty(); });
}

std::vector<CommandEntry> TableOf(const CLI::App& app) {
  std::vector<CommandEntry> table;
  Append(app, {}, table);
  return table;
}

}  // namespace plimsoll::cli
