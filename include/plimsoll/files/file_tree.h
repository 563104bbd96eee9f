// Several files below one folder that come into being together or not at all.
//
// Where the folder is not there yet it is written beside its place under another name and renamed: it appears as a whole.
// Where it is there, the files are written into a hidden folder in it and renamed one by one; what fails half-way is taken
// back. A power cut between two of these renames leaves some of them done, and each file whole.
//
// Thread-safety: functions. Not against somebody else who writes the same files.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "plimsoll/base/result.h"

namespace plimsoll {

struct TreeFile {
  std::string path;  // below the folder, with "/"
  std::string text;
  bool executable = false;
};

struct TreeComparison {
  bool folder_exists = false;
  std::vector<std::string> missing;
  std::vector<std::string> same;
  std::vector<std::string> different;  // also what is no file, or cannot be read
};
Result<TreeComparison> CompareTree(const std::string& folder, std::span<const TreeFile> files);

// Replaces files that are there. SIGINT, SIGTERM and SIGHUP are held back until all is done.
Status WriteTree(const std::string& folder, std::span<const TreeFile> files);

}  // namespace plimsoll
