// How the command lines of `plimsoll scan`, `plimsoll preview` and `plimsoll status` are declared and made sense of.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "scan_options.h"
#include "status_options.h"

namespace plimsoll::cli {

// Declares the commands; what they bind must outlive the parsing.
CLI::App* AddScan(CLI::App& app, ScanOptions& options);
CLI::App* AddPreview(CLI::App& app, PreviewOptions& options);
CLI::App* AddStatus(CLI::App& app, StatusOptions& options);

// After parsing: what is wrong with what was given, "" where nothing is.
std::string Finish(ScanOptions& options);
std::string Finish(const PreviewOptions& options);
std::string Finish(const StatusOptions& options);

}  // namespace plimsoll::cli
