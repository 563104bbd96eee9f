#include "check_output.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <ostream>
#include <sstream>
#include <system_error>

#include "plimsoll/base/text.h"
#include "plimsoll/files/atomic_file.h"
#include "repository.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

constexpr mode_t kNewFile = 0666;  // less what the umask takes away

mode_t ModeOfNewFiles() {
  const mode_t mask = ::umask(0);
  ::umask(mask);
  return kNewFile & ~mask;
}

// To what is there, at its end.
Status Append(const std::string& path, std::string_view text, int flags) {
  const auto failed = [&] {
    return Fail(ErrorCode::kUnavailable,
                path + ": cannot write: " + std::generic_category().message(errno));
  };
  const int descriptor = ::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | flags, kNewFile);
  if (descriptor < 0) return failed();
  Status status;
  while (!text.empty()) {
    const ssize_t written = ::write(descriptor, text.data(), text.size());
    if (written < 0 && errno != EINTR) {
      status = failed();
      break;
    }
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
  if (::close(descriptor) != 0 && status) status = failed();
  return status;
}

void Write(const CheckReport& report, CheckFormat format, const CheckOptions& options,
           const ReportSurroundings& surroundings, bool to_file, std::ostream& out) {
  switch (format) {
    case CheckFormat::kText: {
      TextStyle style = StyleFor(options.color);
      if (to_file && options.color == ColorMode::kAuto) style.color = false;
      style.show_all = options.all;
      if (options.statistics) return WriteStatisticsText(report, style, out);
      return WriteTextReport(report, style, out);
    }
    case CheckFormat::kJson:
      return WriteJsonReport(report, out);
    case CheckFormat::kSarif:
      return WriteSarifReport(report, surroundings, out);
    case CheckFormat::kJunit:
      return WriteJunitReport(report, surroundings, out);
    case CheckFormat::kGithub:
      return WriteGithubReport(report, surroundings, out);
    case CheckFormat::kGitlab:
      return WriteGitlabReport(report, surroundings, out);
    case CheckFormat::kMarkdown:
      return WriteMarkdownReport(report, surroundings, kMaxMarkdownBytes, out);
    case CheckFormat::kHtml:
      return WriteHtmlCheck(report, surroundings, out);
  }
}

bool Said(const Status& status) {
  if (!status) SayUnable(status.error().message);
  return status.has_value();
}

}  // namespace

ReportSurroundings SurroundingsOf(const CheckOptions& options) {
  return {PLIMSOLL_VERSION, RepositoryPaths(), options.failure_threshold};
}

Status WriteWholeFile(const std::string& path, std::string_view text) {
  struct ::stat facts{};
  if (::stat(path.c_str(), &facts) != 0) {
    return WriteFileAtomically(path, text, ModeOfNewFiles());
  }
  if (S_ISDIR(facts.st_mode)) return Fail(ErrorCode::kUnavailable, path + ": is a folder");
  if (!S_ISREG(facts.st_mode)) return Append(path, text, 0);
  std::error_code failed;
  const std::string real = std::filesystem::canonical(path, failed).string();
  return WriteFileAtomically(failed ? path : real, text, facts.st_mode & 07777U);
}

bool WriteReports(const CheckReport& report, const CheckOptions& options,
                  const ReportSurroundings& surroundings, std::ostream& out) {
  bool written = true;
  bool annotated = false;
  for (const CheckOutput& output : options.outputs) {
    annotated = annotated || output.format == CheckFormat::kGithub;
    if (output.file.empty()) {
      Write(report, output.format, options, surroundings, false, out);
      continue;
    }
    std::ostringstream text;
    Write(report, output.format, options, surroundings, true, text);
    written = Said(WriteWholeFile(output.file, text.str())) && written;
  }
  // GitHub collects there what steps want to say at more length.
  const char* const summary = std::getenv("GITHUB_STEP_SUMMARY");
  if (annotated && summary != nullptr && *summary != '\0') {
    std::ostringstream text;
    WriteMarkdownReport(report, surroundings, kMaxStepSummaryBytes, text);
    written = Said(Append(summary, text.str(), O_CREAT)) && written;
  }
  return written;
}

}  // namespace plimsoll::cli
