// check --watch: does something again whenever a file has changed.
//
// Waits for the kernel to say so (inotify) and takes no processor time in between. SIGINT and SIGTERM end it.
#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace plimsoll::cli {

struct WatchedPaths {
  std::vector<std::string> paths;  // files, and folders with what is below them
  // Absolute paths in them that nobody waits for: what is written by `run` itself.
  std::set<std::string> ignored;
};

// Calls `run` now and after each change of something in `paths`, until a signal comes or it returns false. What changes while
// it runs is not missed. "", or why nothing can be watched.
std::string RunWhenChanged(const WatchedPaths& paths, const std::function<bool()>& run);

}  // namespace plimsoll::cli
