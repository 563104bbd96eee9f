#include "files/folder_fingerprint.h"

#include <sys/stat.h>

#include <algorithm>

namespace plimsoll {
namespace {

constexpr int64_t kNanosecondsPerSecond = 1'000'000'000;
constexpr int64_t kSettledSeconds = 3;

int64_t Nanoseconds(const timespec& time) {
  return time.tv_sec * kNanosecondsPerSecond + time.tv_nsec;
}

}  // namespace

std::vector<FileFingerprint> FingerprintOf(const std::vector<std::string>& paths) {
  std::vector<FileFingerprint> files;
  files.reserve(paths.size());
  for (const std::string& path : paths) {
    FileFingerprint& file = files.emplace_back();
    file.path = path;
    struct stat status{};
    if (::stat(path.c_str(), &status) != 0) continue;
    file.device = status.st_dev;
    file.inode = status.st_ino;
    file.size = status.st_size;
    file.modified_ns = Nanoseconds(status.st_mtim);
    file.changed_ns = Nanoseconds(status.st_ctim);
  }
  return files;
}

bool ChangedRecently(const std::vector<FileFingerprint>& files, Timestamp now) {
  const int64_t settled =
      (now.time_since_epoch().count() - kSettledSeconds) * kNanosecondsPerSecond;
  return std::any_of(files.begin(), files.end(), [&](const FileFingerprint& file) {
    return std::max(file.modified_ns, file.changed_ns) >= settled;
  });
}

}  // namespace plimsoll
