// plimsoll report: records to answers, or to a page.
#include <ostream>
#include <utility>

#include "commands.h"
#include "exit_code.h"
#include "plimsoll/record/questions.h"
#include "plimsoll/render/questions_report.h"
#include "report_html.h"
#include "report_input.h"
#include "terminal.h"

namespace plimsoll::cli {

int RunReport(const ReportOptions& options, Timestamp now, std::ostream& out) {
  auto input = ReadReportInput(options, !options.html.empty());
  if (!input) return SayUnable(input.error().message);
  if (!options.html.empty()) return WriteHtml(options, *std::move(input), now, out);
  const Answers answers = AnswerQuestions(input->records);
  if (options.format == ReportFormat::kJson) {
    WriteQuestionsJson(answers, now, out);
  } else {
    WriteQuestionsText(answers, StyleFor(options.color), out);
  }
  return input->complete ? kExitOk : kExitUnable;
}

}  // namespace plimsoll::cli
