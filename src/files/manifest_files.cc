#include "plimsoll/files/manifest_files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <set>
#include <system_error>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// errno in words; the calls this is used after are the last ones made.
std::string SystemReason(int error) { return std::generic_category().message(error); }

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }

 private:
  int fd_;
};

class FolderWalk {
 public:
  explicit FolderWalk(FoundFiles& found) : found_(found) {}

  void Enter(const std::string& folder, size_t depth) {
    struct stat status{};
    if (::stat(folder.c_str(), &status) != 0) {
      Problem(folder, "cannot read this folder: " + SystemReason(errno));
      return;
    }
    if (!entered_.emplace(status.st_dev, status.st_ino).second) return;
    if (depth > kMaxFolderDepth) {
      Problem(folder, "more than " + std::to_string(kMaxFolderDepth) +
                          " folders inside each other; name a deeper one to start from there");
      return;
    }
    for (const std::string& name : Names(folder)) Visit(Below(folder, name), name, depth);
  }

 private:
  static std::string Below(const std::string& folder, const std::string& name) {
    if (folder == "." || folder == "./") return name;
    return folder.ends_with('/') ? folder + name : folder + '/' + name;
  }

  // Sorted, so that the same tree gives the same report on every machine.
  std::vector<std::string> Names(const std::string& folder) {
    std::vector<std::string> names;
    std::error_code error;
    for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end;
         entry.increment(error)) {
      std::string name = entry->path().filename().string();
      if (!name.starts_with('.')) names.push_back(std::move(name));
    }
    if (error) Problem(folder, "cannot read this folder: " + error.message());
    std::sort(names.begin(), names.end());
    return names;
  }

  void Visit(const std::string& path, const std::string& name, size_t depth) {
    struct stat status{};
    // What cannot be looked at (a dangling link) is left to the reader to report, if its name says it should be read.
    const bool known = ::stat(path.c_str(), &status) == 0;
    if (known && S_ISDIR(status.st_mode)) {
      Enter(path, depth + 1);
    } else if (IsManifestName(name) && (!known || S_ISREG(status.st_mode))) {
      found_.files.push_back(path);
    }
  }

  void Problem(const std::string& path, std::string message) {
    found_.problems.push_back(Diagnostic{path, {}, "", std::move(message)});
  }

  FoundFiles& found_;
  std::set<std::pair<dev_t, ino_t>> entered_;
};

}  // namespace

Result<std::string> ReadDescriptor(int descriptor, size_t max_bytes) {
  std::string text;
  std::array<char, 64 * 1024> buffer;
  for (;;) {
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count == 0) return text;
    if (count < 0) {
      if (errno == EINTR) continue;
      return Fail(ErrorCode::kUnavailable, "cannot read: " + SystemReason(errno));
    }
    if (text.size() + static_cast<size_t>(count) > max_bytes) {
      return Fail(ErrorCode::kLimitExceeded,
                  "larger than " + std::to_string(max_bytes / (1024 * 1024)) +
                      " MiB, the most that is read from one file; split it");
    }
    text.append(buffer.data(), static_cast<size_t>(count));
  }
}

Result<std::string> ReadFile(const std::string& path, size_t max_bytes) {
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) {
    const int error = errno;
    return Fail(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                "cannot open: " + SystemReason(error));
  }
  return ReadDescriptor(file.get(), max_bytes);
}

bool IsManifestName(std::string_view name) {
  const std::string lower = ToLowerAscii(name);
  return lower.ends_with(".yaml") || lower.ends_with(".yml") || lower.ends_with(".json");
}

FoundFiles FindManifestFiles(const std::string& path) {
  FoundFiles found;
  struct stat status{};
  if (::stat(path.c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
    found.files.push_back(path);
    return found;
  }
  FolderWalk(found).Enter(path, 0);
  if (found.files.empty() && found.problems.empty()) {
    found.problems.push_back(
        Diagnostic{path, {}, "", "no .yaml, .yml or .json file in this folder"});
  }
  return found;
}

}  // namespace plimsoll
