#include "plimsoll/files/file_tree.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <utility>

#include "plimsoll/files/manifest_files.h"
#include "plimsoll/files/signals_held.h"

namespace plimsoll {
namespace {

namespace fs = std::filesystem;

// Larger than what anybody writes this way: a file of that size is certainly another.
constexpr size_t kMaxComparedBytes = 16 * 1024 * 1024;

tl::unexpected<Error> SystemError(const std::string& what, int error) {
  return Fail(ErrorCode::kUnavailable, what + ": " + std::generic_category().message(error));
}

// A folder that is gone, with all in it, when this is, unless it was renamed meanwhile.
class Staging {
 public:
  explicit Staging(fs::path path) : path_(std::move(path)) {}
  ~Staging() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  Staging(const Staging&) = delete;
  Staging& operator=(const Staging&) = delete;
  const fs::path& path() const { return path_; }

 private:
  const fs::path path_;
};

// The umask decides about permissions, as for every other file of its user.
int WriteNew(const fs::path& path, std::string_view text, bool executable) {
  const int fd =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, executable ? 0777 : 0666);
  if (fd < 0) return errno;
  int error = 0;
  while (error == 0 && !text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) error = errno;
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
  if (error == 0 && ::fsync(fd) != 0) error = errno;
  if (::close(fd) != 0 && error == 0) error = errno;
  return error;
}

Status WriteAllInto(const fs::path& staging, std::span<const TreeFile> files) {
  std::error_code failed;
  for (const TreeFile& file : files) {
    const fs::path path = staging / file.path;
    fs::create_directories(path.parent_path(), failed);
    const int error = failed ? failed.value() : WriteNew(path, file.text, file.executable);
    if (error != 0) return SystemError(path.string() + ": cannot write", error);
  }
  return {};
}

// What has been done to a folder, newest last, so that it can be undone.
class Moves {
 public:
  Moves(fs::path folder, fs::path old) : folder_(std::move(folder)), old_(std::move(old)) {}

  // 0, or errno.
  int Place(const fs::path& from, const std::string& path) {
    const fs::path to = folder_ / path;
    std::error_code failed;
    MakeFolders(to.parent_path(), failed);
    if (failed) return failed.value();
    const fs::path kept = old_ / std::to_string(done_.size());
    const bool replaces = fs::exists(fs::symlink_status(to, failed));
    if (replaces) {
      fs::rename(to, kept, failed);
      if (failed) return failed.value();
    }
    done_.push_back({to, replaces ? kept : fs::path()});
    fs::rename(from, to, failed);
    return failed.value();
  }

  void Undo() {
    std::error_code ignored;
    for (; !done_.empty(); done_.pop_back()) {
      fs::remove(done_.back().to, ignored);
      if (!done_.back().kept.empty()) fs::rename(done_.back().kept, done_.back().to, ignored);
    }
    for (; !made_.empty(); made_.pop_back()) fs::remove(made_.back(), ignored);
  }

 private:
  struct Move {
    fs::path to;
    fs::path kept;  // what was there; empty: nothing
  };

  void MakeFolders(const fs::path& path, std::error_code& failed) {
    if (fs::is_directory(path, failed)) return;
    MakeFolders(path.parent_path(), failed);
    if (failed && failed != std::errc::no_such_file_or_directory) return;
    failed.clear();
    if (fs::create_directory(path, failed)) made_.push_back(path);
  }

  const fs::path folder_;
  const fs::path old_;
  std::vector<Move> done_;
  std::vector<fs::path> made_;
};

Status MoveInto(const fs::path& folder, const fs::path& staging, std::span<const TreeFile> files) {
  const fs::path old = staging / ".replaced";
  std::error_code failed;
  fs::create_directory(old, failed);
  if (failed) return SystemError(old.string() + ": cannot make", failed.value());
  Moves moves(folder, old);
  for (const TreeFile& file : files) {
    const int error = moves.Place(staging / file.path, file.path);
    if (error == 0) continue;
    moves.Undo();
    return SystemError((folder / file.path).string() + ": cannot write", error);
  }
  return {};
}

// Without the slash at its end, which would make its parent itself.
fs::path Normal(const std::string& folder) {
  fs::path path = fs::path(folder).lexically_normal();
  if (!path.has_filename() && path.has_parent_path()) path = path.parent_path();
  return path;
}

}  // namespace

Result<TreeComparison> CompareTree(const std::string& folder, std::span<const TreeFile> files) {
  TreeComparison result;
  std::error_code failed;
  const fs::file_status status = fs::status(folder, failed);
  result.folder_exists = fs::is_directory(status);
  if (!result.folder_exists && fs::exists(status)) {
    return Fail(ErrorCode::kInvalidArgument, folder + " is there, and is no folder");
  }
  for (const TreeFile& file : files) {
    const fs::path path = fs::path(folder) / file.path;
    if (!fs::exists(fs::symlink_status(path, failed))) {
      result.missing.push_back(file.path);
      continue;
    }
    const bool regular = fs::is_regular_file(path, failed);
    const Result<std::string> text =
        regular ? ReadFile(path.string(), kMaxComparedBytes) : Result<std::string>(std::string());
    const bool same = regular && text && *text == file.text;
    (same ? result.same : result.different).push_back(file.path);
  }
  return result;
}

Status WriteTree(const std::string& folder, std::span<const TreeFile> files) {
  const SignalsHeld held;
  const fs::path target = Normal(folder);
  std::error_code failed;
  const bool exists = fs::is_directory(target, failed);
  const std::string name = ".plimsoll-new-" + std::to_string(::getpid());
  if (!exists && target.has_parent_path()) fs::create_directories(target.parent_path(), failed);
  if (failed && failed != std::errc::no_such_file_or_directory) {
    return SystemError(target.string() + ": cannot make", failed.value());
  }
  const Staging staging(exists ? target / name : target.parent_path() / name);
  if (::mkdir(staging.path().c_str(), 0777) != 0) {
    return SystemError(target.string() + ": cannot write", errno);
  }
  if (Status written = WriteAllInto(staging.path(), files); !written) return written;
  if (exists) return MoveInto(target, staging.path(), files);
  // Not over an empty folder that came meanwhile, which rename() would replace: it is somebody else's.
  if (::renameat2(AT_FDCWD, staging.path().c_str(), AT_FDCWD, target.c_str(), RENAME_NOREPLACE) !=
      0) {
    return SystemError(target.string() + ": cannot write", errno);
  }
  return {};
}

}  // namespace plimsoll
