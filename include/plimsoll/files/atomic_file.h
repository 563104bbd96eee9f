// Files that a crash leaves whole: either as they were or as they were to be.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>

#include "plimsoll/base/result.h"

namespace plimsoll {

// Writes beside `path`, flushes, renames, and flushes the folder. Signals that would end the program wait meanwhile.
Status WriteFileAtomically(const std::string& path, std::string_view text, mode_t mode);

// Holds an exclusive lock on a file of its own in `folder` while it lives, against other processes.
class FolderLock {
 public:
  static Result<FolderLock> Acquire(const std::string& folder, std::chrono::milliseconds timeout);
  FolderLock(FolderLock&& other) noexcept;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock();

 private:
  explicit FolderLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_;
};

}  // namespace plimsoll
