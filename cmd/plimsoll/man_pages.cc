// plimsoll docs: man pages, and the list of commands for hack/gen_docs.sh. Hidden: for whoever packages it.
#include <cctype>
#include <memory>
#include <ostream>

#include "command_table.h"
#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "plimsoll/files/file_tree.h"
#include "subcommand.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

// What roff would take for a request, an escape or a hyphen that may be broken.
std::string Roff(std::string_view text) {
  std::string out;
  bool line_start = true;
  for (const char c : text) {
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    line_start = c == '\n';
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
  }
  return out;
}

std::string PageName(const CommandEntry& entry) {
  return entry.path.empty() ? "plimsoll" : "plimsoll-" + entry.Spelled("-");
}

std::string Synopsis(const CommandEntry& entry) {
  std::string out = "plimsoll";
  if (!entry.path.empty()) out += ' ' + entry.Spelled();
  std::string text = ".B " + Roff(out) + "\n";
  if (!entry.flags.empty()) text += "[\\fIOPTION\\fR]...\n";
  if (!entry.commands.empty()) text += "\\fICOMMAND\\fR\n";
  for (const FlagEntry& one : entry.positionals) {
    text += "[\\fI" + Roff(one.names.front()) + "\\fR]\n";
  }
  return text;
}

void AppendFlags(const std::vector<FlagEntry>& flags, std::string& out) {
  for (const FlagEntry& flag : flags) {
    out += ".TP\n";
    std::string names;
    for (const std::string& name : flag.names) {
      names += (names.empty() ? "\\fB" : ", \\fB") + Roff(name) + "\\fR";
    }
    if (!flag.value.empty()) names += " \\fI" + Roff(flag.value) + "\\fR";
    out += names + '\n' + Roff(flag.description) + '\n';
  }
}

void AppendFooter(const std::string& footer, std::string& out) {
  if (footer.empty()) return;
  out += ".SH NOTES\n";
  for (const std::string_view line : Split(footer, '\n')) {
    if (line.empty()) {
      out += ".PP\n";
    } else if (line.starts_with(' ')) {
      out += ".RS\n.nf\n" + Roff(Trim(line)) + "\n.fi\n.RE\n";
    } else {
      out += Roff(line) + '\n';
    }
  }
}

constexpr std::string_view kEnd = R"(.SH EXIT STATUS
.TP
.B 0
nothing at or above the threshold; it was done
.TP
.B 1
findings, or problems in a policy
.TP
.B 2
something could not be read or judged, or the command line is wrong
.SH ENVIRONMENT
.TP
.B KUBECONFIG
where clusters are, a list of files
.TP
.B NO_COLOR
set to anything: no colours
)";

int Write(const std::vector<TreeFile>& pages, const std::string& folder) {
  const Status written = WriteTree(folder, pages);
  return written ? kExitOk : SayUnable(written.error().message);
}

}  // namespace

std::string ManPage(const CommandEntry& entry, const std::vector<CommandEntry>& table) {
  std::string title = PageName(entry);
  for (char& c : title) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::string out = ".TH " + Roff(title) +
                    " 1 \"\" \"plimsoll " PLIMSOLL_VERSION "\" \"Plimsoll\"\n.SH NAME\n" +
                    Roff(PageName(entry)) + " \\- " + Roff(entry.description) + "\n.SH SYNOPSIS\n" +
                    Synopsis(entry);
  if (!entry.positionals.empty()) {
    out += ".SH ARGUMENTS\n";
    AppendFlags(entry.positionals, out);
  }
  if (!entry.commands.empty()) {
    out += ".SH COMMANDS\n";
    for (const auto& [name, description] : entry.commands) {
      out += ".TP\n.B " + Roff(name) + '\n' + Roff(description) + '\n';
    }
  }
  out += ".SH OPTIONS\n";
  AppendFlags(entry.flags, out);
  AppendFooter(entry.footer, out);
  out += kEnd;
  out += ".SH SEE ALSO\n";
  std::string others;
  for (const CommandEntry& other : table) {
    if (other.path == entry.path) continue;
    if (!others.empty()) others += ",\n";
    others += ".BR " + Roff(PageName(other)) + " (1)";
  }
  return out + others + '\n';
}

void AddDocs(CLI::App& app, std::vector<Subcommand>& commands) {
  struct Made {
    std::string what;
    std::string folder;
    std::vector<TreeFile> pages;
    std::string list;
  };
  const auto made = std::make_shared<Made>();
  CLI::App* const docs = app.add_subcommand("docs", "Write man pages, or list all commands");
  docs->group("");
  docs->add_option("WHAT", made->what, "man or commands")->type_name("");
  docs->add_option("FOLDER", made->folder, "Where man pages go")->type_name("");
  commands.push_back({docs,
                      [made, &app]() -> std::string {
                        const std::vector<CommandEntry> table = TableOf(app);
                        for (const CommandEntry& entry : table) {
                          made->pages.push_back({PageName(entry) + ".1", ManPage(entry, table)});
                          made->list += entry.Spelled() + '\n';
                        }
                        if (made->what == "commands") return {};
                        return made->what == "man" && !made->folder.empty()
                                   ? ""
                                   : "docs man FOLDER, or docs commands";
                      },
                      [made](Timestamp, std::ostream& out) {
                        if (made->what == "man") return Write(made->pages, made->folder);
                        out << made->list;
                        return kExitOk;
                      }});
}

}  // namespace plimsoll::cli
