#include "report_input.h"

#include <utility>

#include "cluster.h"
#include "cluster_terms.h"
#include "input.h"
#include "plimsoll/base/text.h"
#include "plimsoll/kube/history_codec.h"
#include "plimsoll/kube/list.h"
#include "plimsoll/kube/record_codec.h"
#include "plimsoll/kube/waiver_status_store.h"
#include "plimsoll/policy/waiver_set.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

void TakeRecord(JsonView object, ReportInput& input) {
  input.records.push_back({kube::ReadWorkloadRecord(object), kube::ReadWorkloadHistory(object)});
}

// What is wrong with it, if it is.
std::vector<Diagnostic> TakeWaiver(JsonView object, ReportInput& input) {
  ParsedWaiver parsed = ParseReadinessWaiver(object);
  if (parsed.waiver) {
    const auto status = kube::ReadWaiverStatus(object);
    input.waivers.push_back(
        {*std::move(parsed.waiver), status ? std::optional(status->state) : std::nullopt});
  }
  return std::move(parsed.problems);
}

void Note(const std::string& text, ReportInput& input) {
  std::string line = SanitizeLine(text, std::string::npos);
  WriteStandardError(line + '\n');
  input.notes.push_back(std::move(line));
  input.complete = false;
}

void ReadFile(const InputFile& file, bool with_waivers, ReportInput& input) {
  for (const Diagnostic& problem : file.problems) Note(FormatDiagnostic(problem), input);
  if (file.manifests == nullptr) return;
  for (const JsonView object : file.manifests->objects) {
    if (object["kind"].StringOrEmpty() == kRecordKind) {
      TakeRecord(object, input);
    } else if (with_waivers && IsMeantAsWaiver(object)) {
      for (Diagnostic& problem : TakeWaiver(object, input)) {
        problem.file = file.name;
        Note(FormatDiagnostic(problem), input);
      }
    }
  }
}

ReportInput ReadFiles(const ReportOptions& options, bool with_waivers) {
  ReportInput input;
  for (const InputFile& file : ReadInput(options.paths, DuplicateKeys::kNote)) {
    ReadFile(file, with_waivers, input);
  }
  const std::string& only = options.cluster.namespace_name;
  if (only.empty()) return input;
  std::erase_if(input.records, [&](const RecordWithHistory& one) {
    return one.record.workload.namespace_name != only;
  });
  std::erase_if(input.waivers,
                [&](const ReportedWaiver& one) { return one.waiver.namespace_name != only; });
  return input;
}

Error WithWord(Error error) {
  error.message = InWords(error, "list workloadreadinesses.plimsoll.dev",
                          "is Plimsoll installed there? There are no records otherwise");
  return error;
}

Result<ReportInput> ReadCluster(const ClusterOptions& options, bool with_waivers) {
  const auto api = ConnectTo(options);
  if (!api) return tl::unexpected(api.error());
  ReportInput input;
  kube::ListOptions list;
  list.namespace_name = options.namespace_name;
  // Items of a list do not say their kind.
  const Status records = kube::ListObjects(**api, kube::kRecords, list,
                                           [&](JsonView object) { TakeRecord(object, input); });
  if (!records) return tl::unexpected(WithWord(records.error()));
  if (!with_waivers) return input;
  // Read strictly, so that each must say what it is.
  const Result<InputFile> waivers = ListAsFile(**api, kube::kWaivers, options.namespace_name);
  if (waivers) {
    ReadFile(*waivers, true, input);
  } else {
    Note("waivers could not be read: " + waivers.error().message, input);
  }
  return input;
}

}  // namespace

Result<ReportInput> ReadReportInput(const ReportOptions& options, bool with_waivers) {
  if (!options.paths.empty()) return ReadFiles(options, with_waivers);
  return ReadCluster(options.cluster, with_waivers);
}

}  // namespace plimsoll::cli
