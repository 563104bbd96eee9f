#include "usage_words.h"

#include <CLI/App.hpp>
#include <string_view>
#include <vector>

#include "command_table.h"
#include "plimsoll/base/text.h"

namespace plimsoll::cli {
namespace {

// A command one level further down: "policy validate" of "validate"; "" where there is none.
std::string FurtherDown(const CLI::App& app, const std::string& word) {
  for (const CLI::App* sub : CommandsBelow(app)) {
    for (const CLI::App* one : CommandsBelow(*sub)) {
      if (one->get_name() == word) return sub->get_name() + ' ' + word;
    }
  }
  return {};
}

}  // namespace

std::string Suggestion(const CLI::App& app, const std::string& word) {
  // As for kubectl.
  if (word == "-f" && app.get_option_no_throw("PATH") != nullptr) {
    return "; files are named without one";
  }
  if (const std::string command = FurtherDown(app, word); !command.empty()) {
    return "; did you mean " + command + "?";
  }
  std::vector<std::string> names;
  const bool flag = word.starts_with("--");
  const std::string name = flag ? word.substr(2, word.find('=') - 2) : word;
  if (flag) {
    for (const CLI::Option* option : app.get_options()) {
      for (const std::string& long_name : option->get_lnames()) names.push_back(long_name);
    }
  } else {
    for (const CLI::App* sub : app.get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(sub->get_name());
    }
  }
  const std::vector<std::string_view> candidates(names.begin(), names.end());
  const std::string nearest(NearestName(name, candidates));
  if (nearest.empty()) return {};
  return "; did you mean " + std::string(flag ? "--" : "") + nearest + "?";
}

std::string InOurWords(const std::string& said) {
  constexpr std::string_view kConvert = "Could not convert: ";
  constexpr std::string_view kEquals = " = ";
  constexpr std::string_view kAtMost = ": At Most 1 required but received ";
  constexpr std::string_view kRequired = ": 1 required ";
  constexpr std::string_view kMissing = " missing";
  if (const size_t equals = said.find(kEquals);
      said.starts_with(kConvert) && equals != std::string::npos) {
    return said.substr(kConvert.size(), equals - kConvert.size()) + ": \"" +
           said.substr(equals + kEquals.size()) + "\" is no number";
  }
  if (const size_t at = said.find(kAtMost); at != std::string::npos) {
    return said.substr(0, at) + " is given " + said.substr(at + kAtMost.size()) +
           " times; it takes one value";
  }
  if (const size_t at = said.find(kRequired); at != std::string::npos && said.ends_with(kMissing)) {
    const size_t value = at + kRequired.size();
    return said.substr(0, at) + ": its value is missing (" +
           said.substr(value, said.size() - kMissing.size() - value) + ')';
  }
  return said;
}

}  // namespace plimsoll::cli
