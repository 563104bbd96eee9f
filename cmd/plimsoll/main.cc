// plimsoll: the command line. Parses flags, runs one command, and makes sure that its output arrived.
#include <signal.h>

#include <chrono>
#include <exception>
#include <ostream>
#include <string>
#include <variant>

#include "commands.h"
#include "exit_code.h"
#include "options.h"
#include "terminal.h"

namespace plimsoll::cli {
namespace {

struct Runner {
  std::ostream& out;

  int operator()(const CheckOptions& options) const {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return RunCheck(options, now, out);
  }
  int operator()(const ExplainOptions& options) const {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return RunExplain(options, now, out);
  }
  int operator()(const PolicyDefaultOptions&) const { return RunPolicyDefault(out); }
  int operator()(const PolicyValidateOptions& options) const {
    return RunPolicyValidate(options, out);
  }
  int operator()(const ReportOptions& options) const {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return RunReport(options, now, out);
  }
  int operator()(const ScanOptions& options) const {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return RunScan(options, now, out);
  }
  int operator()(const PreviewOptions& options) const {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return RunPreview(options, now, out);
  }
  int operator()(const StatusOptions& options) const {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    return RunStatus(options, now, out);
  }
  int operator()(const VersionOptions&) const {
    out << "plimsoll " PLIMSOLL_VERSION "\n";
    return kExitOk;
  }
  int operator()(const Task& task) const {
    return task.run(std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
                    out);
  }
  int operator()(const Message& message) const {
    if (message.descriptor == 1) {
      out << message.text;
    } else {
      WriteStandardError(message.text);
    }
    return message.exit_code;
  }
};

int Main(int argc, const char* const* argv) {
  GuardStandardDescriptors();
  // A reader that went away shows as an error of write(), which is handled where the output is finished.
  ::signal(SIGPIPE, SIG_IGN);
  DescriptorBuffer buffer(1);
  std::ostream out(&buffer);
  const int exit_code = std::visit(Runner{out}, ParseCommandLine(argc, argv));
  return FinishOutput(out, buffer, exit_code);
}

}  // namespace
}  // namespace plimsoll::cli

int main(int argc, char** argv) {
  try {
    return plimsoll::cli::Main(argc, argv);
  } catch (const std::exception& error) {  // memory, threads: what no smaller place can answer for
    plimsoll::cli::WriteStandardError(std::string("plimsoll: ") + error.what() + "\n");
    return plimsoll::cli::kExitUnable;
  }
}
