// What a set of files looks like from outside: enough to notice that one was changed, replaced, added or removed without
// reading any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plimsoll/base/time.h"

namespace plimsoll {

// As the file system has it, which may be any number of seconds: not in nanoseconds, where some do not fit.
struct FileTime {
  int64_t seconds = 0;
  int64_t nanoseconds = 0;
  friend bool operator==(const FileTime&, const FileTime&) = default;
};

struct FileFingerprint {
  std::string path;
  uint64_t device = 0;
  uint64_t inode = 0;  // 0: there is no such file
  int64_t size = 0;
  FileTime modified;
  FileTime changed;
  friend bool operator==(const FileFingerprint&, const FileFingerprint&) = default;
};

// Symbolic links are followed.
std::vector<FileFingerprint> FingerprintOf(const std::vector<std::string>& paths);

// Timestamps of files have the granularity of the kernel's tick (some 4 ms) or of the file system (up to 2 s): a file that
// changed this recently may change again and look the same.
bool ChangedRecently(const std::vector<FileFingerprint>& files, Timestamp now);

}  // namespace plimsoll
