// The directory of teams that a command judges by.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plimsoll/base/position.h"
#include "plimsoll/model/team_directory.h"

namespace plimsoll::cli {

struct LoadedDirectory {
  std::shared_ptr<const TeamDirectory>
      directory;  // null where no file was named, or one has a problem
  std::vector<Diagnostic> problems;
};

// All files together are one directory.
LoadedDirectory LoadDirectory(const std::vector<std::string>& paths);

}  // namespace plimsoll::cli
