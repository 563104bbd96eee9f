// The flags of plimsoll explain.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "options.h"

namespace plimsoll::cli {

CLI::App* AddExplain(CLI::App& app, ExplainOptions& options);
// "", or what is wrong.
std::string CheckConsistency(const ExplainOptions& options);

}  // namespace plimsoll::cli
