// Completions for shells, from the table of commands. Each script finds out which command is meant from the words before
// the cursor, then offers its flags, the values of a flag, commands below it, or files.
#include <algorithm>
#include <memory>
#include <ostream>

#include "command_table.h"
#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "subcommand.h"

namespace plimsoll::cli {
namespace {

std::string SingleQuoted(std::string_view text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
    } else {
      out += c;
    }
  }
  return out + "'";
}

// The first sentence, without the default in brackets.
std::string Short(const std::string& description) {
  const size_t end = std::min(
      {description.find(". "), description.find(" ["), description.find(';'), description.size()});
  return description.substr(0, end);
}

std::vector<std::string> FlagNames(const CommandEntry& entry) {
  std::vector<std::string> names;
  for (const FlagEntry& flag : entry.flags) {
    names.insert(names.end(), flag.names.begin(), flag.names.end());
  }
  return names;
}

std::vector<std::string> ArgumentWords(const CommandEntry& entry) {
  std::vector<std::string> words;
  for (const auto& [name, description] : entry.commands) words.push_back(name);
  for (const FlagEntry& one : entry.positionals) {
    words.insert(words.end(), one.choices.begin(), one.choices.end());
  }
  return words;
}

bool TakesFiles(const CommandEntry& entry) {
  return std::any_of(entry.positionals.begin(), entry.positionals.end(),
                     [](const FlagEntry& one) { return one.takes_path; });
}

// The one argument whose next one is a file: `explain policy FILE`.
constexpr std::string_view kBeforeFile = "policy";
bool TakesFileAfterWord(const CommandEntry& entry) { return entry.Spelled() == "explain"; }

// "' check' | 'policy test'": a command so far and the next word that makes a longer one.
std::string Steps(const std::vector<CommandEntry>& table, std::string_view separator) {
  std::string out;
  for (const CommandEntry& entry : table) {
    for (const auto& [name, description] : entry.commands) {
      if (!out.empty()) out += separator;
      out += SingleQuoted(entry.Spelled() + ' ' + name);
    }
  }
  return out;
}

std::string Patterns(const CommandEntry& entry, const FlagEntry& flag, std::string_view separator) {
  std::string out;
  for (const std::string& name : flag.names) {
    if (!out.empty()) out += separator;
    out += SingleQuoted(entry.Spelled() + ' ' + name);
  }
  return out;
}

// ---- bash ----

constexpr std::string_view kBashHead =
    R"(# bash completion for plimsoll: source it, or put it where bash-completion looks.
_plimsoll() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} command= i
  if [[ $cur == '=' ]]; then
    cur=
  elif [[ $prev == '=' ]]; then
    prev=${COMP_WORDS[COMP_CWORD - 2]}
  fi
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    case "$command ${COMP_WORDS[i]}" in
)";

std::string Bash(const std::vector<CommandEntry>& table) {
  std::string out(kBashHead);
  out += "      " + Steps(table, " | ") +
         ") command=${command:+$command }${COMP_WORDS[i]} ;;\n    esac\n  done\n"
         "  case \"$command $prev\" in\n";
  const std::string files =
      "compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")";
  for (const CommandEntry& entry : table) {
    for (const FlagEntry& flag : entry.flags) {
      if (flag.value.empty()) continue;
      out += "    " + Patterns(entry, flag, " | ") + ")\n      ";
      if (flag.takes_path) {
        out += files + "\n      return ;;\n";
      } else if (!flag.choices.empty()) {
        out += "mapfile -t COMPREPLY < <(compgen -W " + SingleQuoted(Join(flag.choices, " ")) +
               " -- \"$cur\")\n      return ;;\n";
      } else {
        out += "return ;;\n";
      }
    }
  }
  out += "  esac\n  case \"$command\" in\n";
  for (const CommandEntry& entry : table) {
    out += "    " + SingleQuoted(entry.Spelled()) + ")\n      if [[ $cur == -* ]]; then\n" +
           "        mapfile -t COMPREPLY < <(compgen -W " +
           SingleQuoted(Join(FlagNames(entry), " ")) + " -- \"$cur\")\n";
    if (TakesFileAfterWord(entry)) {
      out += "      elif [[ $prev == " + std::string(kBeforeFile) + " ]]; then\n        " + files +
             '\n';
    }
    const std::vector<std::string> words = ArgumentWords(entry);
    if (!words.empty()) {
      out += "      else\n        mapfile -t COMPREPLY < <(compgen -W " +
             SingleQuoted(Join(words, " ")) + " -- \"$cur\")\n";
    } else if (TakesFiles(entry)) {
      out += "      else\n        " + files + '\n';
    }
    out += "      fi ;;\n";
  }
  return out + "  esac\n}\ncomplete -F _plimsoll plimsoll kubectl-plimsoll\n";
}

// ---- zsh ----

// For _describe: "word:what it is".
std::string Described(const std::string& word, const std::string& description) {
  std::string text;
  for (const char c : word) {
    if (c == ':') text += '\\';
    text += c;
  }
  return SingleQuoted(text + ':' + Short(description));
}

std::string Zsh(const std::vector<CommandEntry>& table) {
  std::string out =
      "#compdef plimsoll kubectl-plimsoll\n# zsh completion for plimsoll: put it as _plimsoll into a "
      "folder of $fpath.\n_plimsoll() {\n  local cur=${words[CURRENT]} prev=${words[CURRENT-1]} "
      "command= i\n  local -a offers\n  for ((i = 2; i < CURRENT; i++)); do\n    case \"$command "
      "${words[i]}\" in\n      (" +
      Steps(table, "|") +
      ") command=${command:+$command }${words[i]} ;;\n    esac\n  done\n  case \"$command $prev\" in\n";
  for (const CommandEntry& entry : table) {
    for (const FlagEntry& flag : entry.flags) {
      if (flag.value.empty()) continue;
      out += "    (" + Patterns(entry, flag, "|") + ") ";
      if (flag.takes_path) {
        out += "_files; return ;;\n";
      } else if (!flag.choices.empty()) {
        out += "compadd -- " + Join(flag.choices, " ") + "; return ;;\n";
      } else {
        out += "_message " + SingleQuoted(flag.value) + "; return ;;\n";
      }
    }
  }
  out += "  esac\n  case \"$command\" in\n";
  for (const CommandEntry& entry : table) {
    out += "    (" + SingleQuoted(entry.Spelled()) +
           ")\n      if [[ $cur == -* ]]; then\n        offers=(";
    for (const FlagEntry& flag : entry.flags) {
      for (const std::string& name : flag.names) out += ' ' + Described(name, flag.description);
    }
    out += " )\n        _describe -o flag offers\n";
    if (TakesFileAfterWord(entry)) {
      out += "      elif [[ $prev == " + std::string(kBeforeFile) + " ]]; then\n        _files\n";
    }
    const std::vector<std::string> words = ArgumentWords(entry);
    if (!words.empty()) {
      out += "      else\n        offers=(";
      for (const std::string& word : words) {
        const auto command = std::find_if(entry.commands.begin(), entry.commands.end(),
                                          [&](const auto& one) { return one.first == word; });
        out += ' ' + (command == entry.commands.end() ? SingleQuoted(word)
                                                      : Described(word, command->second));
      }
      out += " )\n        _describe argument offers\n";
    } else if (TakesFiles(entry)) {
      out += "      else\n        _files\n";
    }
    out += "      fi ;;\n";
  }
  return out + "  esac\n}\n_plimsoll \"$@\"\n";
}

// ---- fish ----

std::string Fish(const std::vector<CommandEntry>& table) {
  std::string out =
      "# fish completion for plimsoll: put it as plimsoll.fish into ~/.config/fish/completions.\n"
      "function __plimsoll_at\n  set -l command ''\n  for word in (commandline -opc)[2..-1]\n    switch "
      "\"$command $word\"\n      case " +
      Steps(table, " ") +
      "\n        set command (string trim -- \"$command $word\")\n    end\n  end\n  test \"$command\" = "
      "\"$argv[1]\"\nend\ncomplete -c plimsoll -f\n";
  for (const CommandEntry& entry : table) {
    const std::string start =
        "complete -c plimsoll -n " + SingleQuoted("__plimsoll_at \"" + entry.Spelled() + '"');
    for (const FlagEntry& flag : entry.flags) {
      out += start;
      for (const std::string& name : flag.names) {
        out += name.starts_with("--") ? " -l " + name.substr(2) : " -s " + name.substr(1);
      }
      if (!flag.value.empty()) out += flag.takes_path ? " -r -F" : " -x";
      if (!flag.choices.empty()) out += " -a " + SingleQuoted(Join(flag.choices, " "));
      out += " -d " + SingleQuoted(Short(flag.description)) + '\n';
    }
    for (const auto& [name, description] : entry.commands) {
      out += start + " -a " + name + " -d " + SingleQuoted(Short(description)) + '\n';
    }
    for (const FlagEntry& argument : entry.positionals) {
      if (!argument.choices.empty()) {
        out += start + " -a " + SingleQuoted(Join(argument.choices, " ")) + '\n';
      }
    }
    if (TakesFiles(entry)) out += start + " -F\n";
    if (TakesFileAfterWord(entry)) {
      out += "complete -c plimsoll -n " +
             SingleQuoted("__plimsoll_at \"" + entry.Spelled() +
                          "\"; and __fish_seen_subcommand_from " + std::string(kBeforeFile)) +
             " -F\n";
    }
  }
  return out;
}

}  // namespace

std::string CompletionFor(Shell shell, const std::vector<CommandEntry>& table) {
  switch (shell) {
    case Shell::kBash:
      return Bash(table);
    case Shell::kZsh:
      return Zsh(table);
    default:
      return Fish(table);
  }
}

void AddCompletion(CLI::App& app, std::vector<Subcommand>& commands) {
  const auto name = std::make_shared<std::string>();
  const auto text = std::make_shared<std::string>();
  CLI::App* const completion =
      app.add_subcommand("completion", "Print a completion script for a shell");
  completion->add_option("SHELL", *name, "bash, zsh or fish")->type_name("");
  completion->footer(
      "Examples:\n"
      "  source <(plimsoll completion bash)\n"
      "  plimsoll completion zsh > \"${fpath[1]}/_plimsoll\"\n"
      "  plimsoll completion fish > ~/.config/fish/completions/plimsoll.fish");
  commands.push_back({completion,
                      [name, text, &app]() -> std::string {
                        // Here, while there still is an App.
                        const std::vector<CommandEntry> table = TableOf(app);
                        if (*name == "bash") *text = CompletionFor(Shell::kBash, table);
                        if (*name == "zsh") *text = CompletionFor(Shell::kZsh, table);
                        if (*name == "fish") *text = CompletionFor(Shell::kFish, table);
                        return text->empty() ? "which shell? There are bash, zsh and fish" : "";
                      },
                      [text](Timestamp, std::ostream& out) {
                        out << *text;
                        return kExitOk;
                      }});
}

}  // namespace plimsoll::cli
