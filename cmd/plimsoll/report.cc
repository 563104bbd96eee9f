// plimsoll report: records to answers.
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include "cluster.h"
#include "commands.h"
#include "exit_code.h"
#include "input.h"
#include "plimsoll/base/text.h"
#include "plimsoll/kube/history_codec.h"
#include "plimsoll/kube/list.h"
#include "plimsoll/kube/record_codec.h"
#include "plimsoll/record/questions.h"
#include "plimsoll/render/questions_report.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

using Records = std::vector<RecordWithHistory>;

void Take(JsonView object, const std::string& namespace_name, Records& records) {
  if (object["kind"].StringOrEmpty() != kRecordKind) return;
  RecordWithHistory one{kube::ReadWorkloadRecord(object), kube::ReadWorkloadHistory(object)};
  if (!namespace_name.empty() && one.record.workload.namespace_name != namespace_name) return;
  records.push_back(std::move(one));
}

// False where something could not be read; what could is there all the same.
bool ReadFiles(const ReportOptions& options, Records& records) {
  std::string problems;
  for (const InputFile& file : ReadInput(options.paths, DuplicateKeys::kNote)) {
    for (const Diagnostic& problem : file.problems) {
      problems += SanitizeLine(FormatDiagnostic(problem), std::string::npos) + '\n';
    }
    if (file.manifests == nullptr) continue;
    for (const JsonView object : file.manifests->objects) {
      Take(object, options.cluster.namespace_name, records);
    }
  }
  WriteStandardError(problems);
  return problems.empty();
}

// What it takes to list records, for whoever may not.
std::string WordFor(const Error& error) {
  if (error.code == ErrorCode::kNotFound) {
    return error.message + "\nIs Plimsoll installed there? It has no records otherwise (crds/).";
  }
  if (error.code == ErrorCode::kForbidden) {
    return error.message + "\nIt takes the permission to list workloadreadinesses.plimsoll.dev.";
  }
  return error.message;
}

// "", or what is wrong.
std::string ReadCluster(const ClusterOptions& options, Records& records) {
  const auto api = ConnectTo(options);
  if (!api) return api.error().message;
  kube::ListOptions list;
  list.namespace_name = options.namespace_name;
  const Status read = kube::ListObjects(**api, kube::kRecords, list, [&](JsonView object) {
    // Items of a list do not say their kind.
    records.push_back({kube::ReadWorkloadRecord(object), kube::ReadWorkloadHistory(object)});
  });
  return read ? std::string() : WordFor(read.error());
}

}  // namespace

int RunReport(const ReportOptions& options, Timestamp now, std::ostream& out) {
  Records records;
  bool complete = true;
  if (!options.paths.empty()) {
    complete = ReadFiles(options, records);
  } else if (const std::string problem = ReadCluster(options.cluster, records); !problem.empty()) {
    WriteStandardError("plimsoll: " + problem + "\n");
    return kExitUnable;
  }
  const Answers answers = AnswerQuestions(records);
  if (options.format == ReportFormat::kJson) {
    WriteQuestionsJson(answers, now, out);
  } else {
    WriteQuestionsText(answers, StyleFor(options.color), out);
  }
  return complete ? kExitOk : kExitUnable;
}

}  // namespace plimsoll::cli
