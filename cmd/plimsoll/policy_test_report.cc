#include <algorithm>
#include <filesystem>
#include <map>
#include <ostream>

#include "plimsoll/base/markup.h"
#include "plimsoll/base/text.h"
#include "policy_test.h"

namespace plimsoll::cli {
namespace {

constexpr std::string_view kGreen = "\x1b[32m";
constexpr std::string_view kRed = "\x1b[31m";
constexpr std::string_view kPlain = "\x1b[0m";

std::string Painted(const std::string& text, std::string_view ink, bool color) {
  return color ? std::string(ink) + text + std::string(kPlain) : text;
}

// For attributes and texts. What XML 1.0 cannot hold is not in it any more.
std::string Xml(std::string_view text) {
  std::string out;
  AppendMarkup(SanitizeLine(text, std::string::npos), out);
  return out;
}

std::string DifferenceOf(const CaseResult& result, std::string_view indent) {
  std::string text;
  for (const std::string& line : result.missing) {
    text += std::string(indent) + "- " + SanitizeLine(line, std::string::npos) + '\n';
  }
  for (const std::string& line : result.unexpected) {
    text += std::string(indent) + "+ " + SanitizeLine(line, std::string::npos) + '\n';
  }
  return text;
}

void AppendCase(const CaseResult& result, std::string& out) {
  out += "    <testcase name=\"" + Xml(result.story) + "\" classname=\"" +
         Xml(std::filesystem::path(result.file).stem().string()) + "\" file=\"" + Xml(result.file) +
         "\" time=\"0\"";
  if (result.passed()) {
    out += "/>\n";
    return;
  }
  out += ">\n";
  if (!result.problems.empty()) {
    out += "      <error message=\"" + Xml(result.problems.front()) + "\">";
    for (const std::string& problem : result.problems) out += Xml(problem) + '\n';
    out += "</error>\n";
  } else {
    out += "      <failure message=\"" + std::to_string(result.missing.size()) + " missing, " +
           std::to_string(result.unexpected.size()) + " unexpected\">";
    const std::string difference = DifferenceOf(result, "");
    for (const std::string_view line : Split(difference, '\n')) {
      if (!line.empty()) out += Xml(line) + '\n';
    }
    out += "</failure>\n";
  }
  out += "    </testcase>\n";
}

}  // namespace

void WriteCaseText(const CaseResult& result, bool color, std::ostream& out) {
  const std::string title = SanitizeLine(result.file + "  " + result.story, std::string::npos);
  if (result.updated) {
    out << Painted("updated", kGreen, color) << "  " << title << '\n'
        << DifferenceOf(result, "         ");
    return;
  }
  if (result.passed()) {
    out << Painted("ok", kGreen, color) << "       " << title << '\n';
    return;
  }
  out << Painted(result.problems.empty() ? "FAIL" : "ERROR", kRed, color)
      << (result.problems.empty() ? "     " : "    ") << title << '\n';
  for (const std::string& problem : result.problems) {
    out << "         " << SanitizeLine(problem, std::string::npos) << '\n';
  }
  if (!result.problems.empty()) return;
  out << "         as of " << result.as_of
      << ": - expected and not found, + found and not expected\n"
      << DifferenceOf(result, "         ");
}

std::string JUnitOf(const std::vector<CaseResult>& results) {
  std::map<std::string, std::vector<const CaseResult*>> folders;
  size_t failures = 0;
  size_t errors = 0;
  for (const CaseResult& result : results) {
    folders[std::filesystem::path(result.file).parent_path().string()].push_back(&result);
    if (!result.problems.empty()) {
      ++errors;
    } else if (!result.passed()) {
      ++failures;
    }
  }
  const auto numbers = [](size_t tests, size_t failed, size_t broken) {
    return " tests=\"" + std::to_string(tests) + "\" failures=\"" + std::to_string(failed) +
           "\" errors=\"" + std::to_string(broken) + "\" time=\"0\"";
  };
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"plimsoll policy test\"" +
      numbers(results.size(), failures, errors) + ">\n";
  for (const auto& [folder, cases] : folders) {
    const auto broken = static_cast<size_t>(std::count_if(
        cases.begin(), cases.end(), [](const CaseResult* one) { return !one->problems.empty(); }));
    const auto failed =
        static_cast<size_t>(std::count_if(cases.begin(), cases.end(), [](const CaseResult* one) {
          return one->problems.empty() && !one->passed();
        }));
    out += "  <testsuite name=\"" + Xml(folder.empty() ? "." : folder) + "\"" +
           numbers(cases.size(), failed, broken) + ">\n";
    for (const CaseResult* one : cases) AppendCase(*one, out);
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace plimsoll::cli
