#include "files/folder_fingerprint.h"

#include <sys/stat.h>

#include <algorithm>

namespace plimsoll {
namespace {

constexpr int64_t kSettledSeconds = 3;

FileTime TimeOf(const timespec& time) { return {time.tv_sec, time.tv_nsec}; }

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
    file.modified = TimeOf(status.st_mtim);
    file.changed = TimeOf(status.st_ctim);
  }
  return files;
}

bool ChangedRecently(const std::vector<FileFingerprint>& files, Timestamp now) {
  // A time far in the future, from another clock or by `touch`, is not recent: it would stay so for years.
  const int64_t earliest = now.time_since_epoch().count() - kSettledSeconds;
  const int64_t latest = now.time_since_epoch().count() + kSettledSeconds;
  const auto recent = [&](const FileTime& time) {
    return time.seconds >= earliest && time.seconds <= latest;
  };
  return std::any_of(files.begin(), files.end(), [&](const FileFingerprint& file) {
    return recent(file.modified) || recent(file.changed);
  });
}

}  // namespace plimsoll
