// CheckReport as JSON, version 1. One entry a line, so that text tools can read it, too.
#include <ostream>

#include "plimsoll/base/text.h"
#include "plimsoll/render/check_report.h"
#include "render/json_writer.h"

namespace plimsoll {

void AppendJsonText(std::string_view text, std::string& out) {
  if (IsValidUtf8(text)) {
    AppendJsonString(text, out);
  } else {
    AppendJsonString(SanitizeLine(text, std::string::npos), out);
  }
}

namespace {

// Text is handed over in pieces of this size: few writes, little memory.
constexpr size_t kFlushBytes = 64 * 1024;

void AppendResult(const CheckedWorkload& workload, const Finding& finding, std::string& out) {
  const bool failed = finding.result == RuleResult::kFail;
  JsonLine line(out);
  line.Place(workload.file, finding.position.known() ? finding.position : workload.position)
      .Text("apiVersion", workload.api_version)
      .Text("kind", workload.kind)
      .Text("namespace", workload.namespace_name)
      .Text("name", workload.name)
      .Text("container", finding.container)
      .Text("policy", finding.policy)
      .Text("rule", finding.rule)
      .Text("result", RuleResultName(finding.result))
      .Text("action", failed ? ActionLabel(finding.action) : "")
      .Text("reason", finding.reason)
      .Text("waiver", finding.waiver)
      .Text("path", finding.path)
      .Text("message", finding.message)
      .Text("observed", finding.observed)
      .Text("required", finding.required)
      .Text("fix", finding.fix)
      .End();
}

void AppendSummary(const CheckSummary& summary, std::string& out) {
  JsonLine line(out);
  line.Number("files", summary.files)
      .Number("documents", summary.documents)
      .Number("workloads", summary.workloads)
      .Number("pass", summary.pass)
      .Number("fail", summary.fail)
      .Number("notApplicable", summary.not_applicable)
      .Number("pending", summary.pending)
      .Number("error", summary.error)
      .Number("deny", summary.deny)
      .Number("warn", summary.warn)
      .Number("audit", summary.audit)
      .Number("waived", summary.waived)
      .Number("known", summary.known)
      .End();
}

// Starts the next entry of an array.
void AppendSeparator(bool& first, std::string& out) {
  out += first ? "\n" : ",\n";
  first = false;
}

void FlushIfLong(std::string& text, std::ostream& out) {
  if (text.size() < kFlushBytes) return;
  out << text;
  text.clear();
}

void WriteResults(const CheckReport& report, std::string& text, std::ostream& out) {
  bool first = true;
  for (const CheckedWorkload& workload : report.workloads) {
    for (const Finding& finding : workload.findings) {
      AppendSeparator(first, text);
      AppendResult(workload, finding, text);
      FlushIfLong(text, out);
    }
  }
}

void WriteErrors(const CheckReport& report, std::string& text, std::ostream& out) {
  bool first = true;
  for (const Diagnostic& error : report.errors) {
    AppendSeparator(first, text);
    std::string message = error.path;
    if (!message.empty()) message += ": ";
    message += error.message;
    JsonLine(text).Place(error.file, error.position).Text("message", message).End();
    FlushIfLong(text, out);
  }
}

void WriteNotes(const CheckReport& report, std::string& text, std::ostream& out) {
  bool first = true;
  for (const CheckedWorkload& workload : report.workloads) {
    if (workload.note.empty()) continue;
    AppendSeparator(first, text);
    JsonLine(text)
        .Place(workload.file, workload.position)
        .Text("apiVersion", workload.api_version)
        .Text("kind", workload.kind)
        .Text("namespace", workload.namespace_name)
        .Text("name", workload.name)
        .Text("message", workload.note)
        .End();
    FlushIfLong(text, out);
  }
}

}  // namespace

void WriteJsonReport(const CheckReport& report, std::ostream& out) {
  std::string text = "{\"version\":" + std::to_string(kCheckJsonVersion) + ",\n\"results\":[";
  WriteResults(report, text, out);
  text += "],\n\"errors\":[";
  WriteErrors(report, text, out);
  text += "],\n\"notes\":[";
  WriteNotes(report, text, out);
  text += "],\n\"summary\":";
  AppendSummary(Summarize(report), text);
  text += "}\n";
  out << text;
}

}  // namespace plimsoll
