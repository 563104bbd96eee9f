// Finds and reads manifest files, for programs whose input is named on a command line.
//
// Thread-safety: functions without state. Nothing here throws; what cannot be read is an error value.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/position.h"
#include "plimsoll/base/result.h"

namespace plimsoll {

// The largest rendered chart seen is some 20 MB (CRDs for the most part); more is no manifest but a mistake, and files are
// held in memory while they are judged.
inline constexpr size_t kMaxFileBytes = size_t{64} * 1024 * 1024;

// Folders in folders. Deeper trees are made by accident or on purpose; file names grow with them.
inline constexpr size_t kMaxFolderDepth = 64;

// The whole file. Pipes work, too. Errors: kNotFound, kUnavailable (cannot be read; the message has the system's reason),
// kLimitExceeded.
Result<std::string> ReadFile(const std::string& path, size_t max_bytes);

// The same from an open descriptor, which stays open.
Result<std::string> ReadDescriptor(int descriptor, size_t max_bytes);

struct FoundFiles {
  std::vector<std::string> files;
  std::vector<Diagnostic> problems;  // folders that cannot be read, or hold nothing to read
};

// True for names that end in .yaml, .yml or .json (in any case).
bool IsManifestName(std::string_view name);

// `path` itself if it is no folder, whatever its name; else every manifest file below it, sorted by path, symbolic links
// followed, each folder entered once (so loops end). Hidden files and folders below it are left out.
FoundFiles FindManifestFiles(const std::string& path);

}  // namespace plimsoll
