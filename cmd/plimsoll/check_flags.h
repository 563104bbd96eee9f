// How the command line of `plimsoll check` is declared and made sense of.
#pragma once

#include <CLI/App.hpp>
#include <memory>
#include <string>

#include "check_options.h"

namespace plimsoll::cli {

class CheckFlags {
 public:
  // Adds the command to `app`, which must not outlive this.
  explicit CheckFlags(CLI::App& app);
  ~CheckFlags();
  CheckFlags(const CheckFlags&) = delete;
  CheckFlags& operator=(const CheckFlags&) = delete;

  const CLI::App* command() const { return command_; }
  // After parsing: what is wrong with what was given, "" where nothing is. Then options() are what was meant.
  std::string Finish();
  const CheckOptions& options() const { return options_; }

 private:
  void AddTerms();
  void AddNamespace();
  void AddReport();
  void AddEdits();
  std::string PairOutputs();
  std::string CheckEdits() const;

  CLI::App* command_;
  CheckOptions options_;
  std::vector<std::string> formats_;
  std::vector<std::string> files_;
  const CLI::Option* format_ = nullptr;
  const CLI::Option* output_ = nullptr;
};

}  // namespace plimsoll::cli
