#include "plimsoll/render/policy_page.h"

#include <ostream>
#include <string_view>
#include <vector>

#include "plimsoll/base/markup.h"
#include "plimsoll/base/text.h"
#include "render/policy_words.h"
#include "render/terminal_text.h"

namespace plimsoll {
namespace {

constexpr std::string_view kNothingAnnounced = "Nothing more is announced.";

// ---- Markdown ----

// What Markdown would take for markup.
std::string Md(std::string_view text) {
  std::string out;
  for (const char c : SanitizeLine(text, std::string::npos)) {
    if (std::string_view("\\`*_[]<>|#").find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string MdList(const std::vector<std::string>& lines) {
  std::string out;
  for (const std::string& line : lines) out += "- " + Md(line) + '\n';
  return out;
}

// ---- HTML ----

std::string Html(std::string_view text) {
  std::string out;
  AppendMarkup(SanitizeLine(text, std::string::npos), out);
  return out;
}

std::string HtmlList(const std::vector<std::string>& lines) {
  std::string out = "<ul>\n";
  for (const std::string& line : lines) out += "<li>" + Html(line) + "</li>\n";
  return out + "</ul>\n";
}

constexpr std::string_view kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --paper: #fff; --faint: #57606a; --line: #d0d7de; --soft: #f6f8fa; }
@media screen and (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --paper: #0d1117; --faint: #9da7b3; --line: #30363d; --soft: #161b22; }
}
body { font: 16px/1.55 system-ui, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto;
       max-width: 60rem; padding: 1.5rem; overflow-wrap: anywhere; }
h1 { margin-bottom: .25rem; }
.lead { font-size: 1.15rem; color: var(--faint); margin-top: 0; }
section { margin-top: 2rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); padding: .5rem .75rem .5rem 0; }
code { font: .9em ui-monospace, monospace; background: var(--soft); padding: .1em .3em; border-radius: 4px;
       overflow-wrap: anywhere; }
details { border-bottom: 1px solid var(--line); padding: .5rem 0; }
summary { cursor: pointer; }
summary:focus-visible { outline: 2px solid; outline-offset: 2px; }
footer { margin-top: 3rem; color: var(--faint); font-size: .9rem; }
time { white-space: nowrap; }
@media print { details::details-content { content-visibility: visible; block-size: auto; } details { break-inside: avoid; } h2 { break-after: avoid; }
               summary { list-style: none; } }
)";

std::string HtmlSection(std::string_view id, std::string_view heading, const std::string& body) {
  return "<section aria-labelledby=\"" + std::string(id) + "\">\n<h2 id=\"" + std::string(id) +
         "\">" + std::string(heading) + "</h2>\n" + body + "</section>\n";
}

std::string HtmlChanges(const PolicyWords& words) {
  if (words.changes.empty()) return "<p>" + std::string(kNothingAnnounced) + "</p>\n";
  std::string body =
      "<div class=\"scroll\"><table>\n<thead><tr><th scope=\"col\">From</th><th "
      "scope=\"col\">What</th></tr></thead>\n<tbody>\n";
  for (const PolicyWords::Change& change : words.changes) {
    body += "<tr><td><time>" + Html(change.date) + "</time></td><td>";
    for (size_t i = 0; i < change.what.size(); ++i) {
      body += (i == 0 ? "" : "<br>") + Html(change.what[i]);
    }
    body += "</td></tr>\n";
  }
  return body + "</tbody>\n</table></div>\n";
}

std::string HtmlAsked(const PolicyWords& words) {
  std::string body;
  for (const PolicyWords::Asked& asked : words.asked) {
    body += "<details id=\"" + Html(asked.rule) + "\">\n<summary><strong>" + Html(asked.title) +
            "</strong> <code>" + Html(asked.rule) + "</code></summary>\n" + HtmlList(asked.when);
    if (!asked.parameters.empty())
      body += "<p>Set by this policy:</p>\n" + HtmlList(asked.parameters);
    body += "<p><strong>What to do.</strong> " + Html(asked.what_to_do) +
            "</p>\n<p><strong>Why.</strong> " + Html(asked.why) + "</p>\n</details>\n";
  }
  return body;
}

// ---- terminal ----

class TextPage {
 public:
  TextPage(const TextStyle& style, std::ostream& out) : style_(style), out_(out) {}

  void Heading(std::string_view text) {
    out_ << '\n' << Paint(text, Ink::kBold, style_.color) << '\n';
  }
  void Line(std::string_view text, int indent = 2, Ink ink = Ink::kPlain) {
    WriteWrapped(CleanLine(text), indent, style_.width, ink, style_.color, out_);
  }
  void Lines(std::string_view heading, const std::vector<std::string>& lines) {
    if (lines.empty()) return;
    Heading(heading);
    for (const std::string& line : lines) Line(line);
  }
  void Asked(const PolicyWords::Asked& asked) {
    out_ << "  " << Paint(asked.rule, Ink::kBold, style_.color) << "  " << asked.title << '\n';
    for (const std::string& line : asked.when) Line(line, 4, Ink::kBlue);
    for (const std::string& line : asked.parameters) Line(line, 4, Ink::kDim);
    Line(asked.what_to_do, 4);
  }

 private:
  const TextStyle& style_;
  std::ostream& out_;
};

}  // namespace

void WritePolicyText(const ReadinessPolicy& policy, Timestamp now, const TextStyle& style,
                     std::ostream& out) {
  const PolicyWords words = InWords(policy, now);
  TextPage page(style, out);
  out << Paint(words.name, Ink::kBold, style.color) << "  as of " << words.as_of << '\n';
  if (!words.description.empty()) page.Line(words.description);
  page.Lines("Who is asked", words.who);
  page.Heading("What changes when");
  if (words.changes.empty()) page.Line(kNothingAnnounced);
  for (const PolicyWords::Change& change : words.changes) {
    out << "  " << Paint(change.date, Ink::kBold, style.color) << '\n';
    for (const std::string& what : change.what) page.Line(what, 4);
  }
  page.Heading("What is asked");
  bool first = true;
  for (const PolicyWords::Asked& asked : words.asked) {
    if (!first) out << '\n';
    first = false;
    page.Asked(asked);
  }
  page.Lines("What runs already", words.already);
  page.Lines("More time: a waiver", words.waivers);
  page.Lines("Help", words.help);
}

std::string PolicyMarkdown(const ReadinessPolicy& policy, Timestamp now) {
  const PolicyWords words = InWords(policy, now);
  std::string out = "# " + Md(words.name) + "\n\n";
  if (!words.description.empty()) out += Md(words.description) + "\n\n";
  out += "As of " + words.as_of + ".\n\n## Who is asked\n\n" + MdList(words.who) +
         "\n## What changes when\n\n";
  if (words.changes.empty()) {
    out += std::string(kNothingAnnounced) + '\n';
  } else {
    out += "| From | What |\n|---|---|\n";
    for (const PolicyWords::Change& change : words.changes) {
      out += "| " + change.date + " | ";
      for (size_t i = 0; i < change.what.size(); ++i) {
        out += (i == 0 ? "" : "<br>") + Md(change.what[i]);
      }
      out += " |\n";
    }
  }
  out += "\n## What is asked\n";
  for (const PolicyWords::Asked& asked : words.asked) {
    out += "\n### " + Md(asked.title) + "\n\n`" + asked.rule + "`\n\n" + MdList(asked.when);
    for (const std::string& parameter : asked.parameters)
      out += "- set here: " + Md(parameter) + '\n';
    out += "\n**What to do.** " + Md(asked.what_to_do) + "\n\n**Why.** " + Md(asked.why) + '\n';
  }
  out += "\n## What runs already\n\n" + MdList(words.already) + "\n## More time: a waiver\n\n";
  out += Md(words.waivers.front()) + "\n\n```\n" + words.waivers.back() + "\n```\n";
  return out + "\n## Help\n\n" + MdList(words.help);
}

std::string PolicyHtml(const ReadinessPolicy& policy, Timestamp now) {
  const PolicyWords words = InWords(policy, now);
  std::string out =
      "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>" +
      Html(words.name) + ": readiness standard</title>\n<style>" + std::string(kStyle) +
      "</style>\n</head>\n<body>\n<main>\n<h1>" + Html(words.name) + "</h1>\n";
  if (!words.description.empty()) out += "<p class=\"lead\">" + Html(words.description) + "</p>\n";
  out += HtmlSection("who", "Who is asked", HtmlList(words.who));
  out += HtmlSection("changes", "What changes when", HtmlChanges(words));
  out += HtmlSection("asked", "What is asked", HtmlAsked(words));
  out += HtmlSection("already", "What runs already", HtmlList(words.already));
  out += HtmlSection("waivers", "More time: a waiver",
                     "<p>" + Html(words.waivers.front()) + "</p>\n<p><code>" +
                         Html(words.waivers.back()) + "</code></p>\n");
  out += HtmlSection("help", "Help", HtmlList(words.help));
  return out + "</main>\n<footer>As of " + Html(words.as_of) +
         ", by <code>plimsoll explain policy</code>.</footer>\n</body>\n</html>\n";
}

}  // namespace plimsoll
