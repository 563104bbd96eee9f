#include "plimsoll/files/atomic_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <thread>
#include <utility>

#include "plimsoll/files/signals_held.h"

namespace plimsoll {
namespace {

constexpr std::chrono::milliseconds kLockPause(10);

tl::unexpected<Error> SystemError(const std::string& what, int error) {
  return Fail(ErrorCode::kUnavailable, what + ": " + std::generic_category().message(error));
}

// Closes what it holds; `close` may report a failed write, so it can also be closed by hand.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int Close() { return ::close(std::exchange(fd_, -1)); }

 private:
  int fd_;
};

// 0, or errno.
int WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) return errno;
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
  return 0;
}

int WriteNewFile(const std::string& path, std::string_view text, mode_t mode) {
  // A file left by a crash has our name only if our process id was used again: nobody else is writing it.
  ::unlink(path.c_str());
  Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode));
  if (file.get() < 0) return errno;
  // The umask may have taken bits away; it can have added none.
  if (::fchmod(file.get(), mode) != 0) return errno;
  if (const int error = WriteAll(file.get(), text); error != 0) return error;
  if (::fsync(file.get()) != 0) return errno;
  return file.Close() == 0 ? 0 : errno;
}

int FlushFolder(const std::string& path) {
  const Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0) return errno;
  // Some file systems cannot flush a folder; the rename is then as safe as they make it.
  return ::fsync(folder.get()) == 0 || errno == EINVAL ? 0 : errno;
}

}  // namespace

Status WriteFileAtomically(const std::string& path, std::string_view text, mode_t mode) {
  const SignalsHeld held;
  const size_t slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const std::string name = slash == std::string::npos ? path : path.substr(slash + 1);
  const std::string temporary = folder + "/." + name + "." + std::to_string(::getpid()) + ".tmp";
  int error = WriteNewFile(temporary, text, mode);
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) != 0) error = errno;
  if (error != 0) {
    ::unlink(temporary.c_str());
    return SystemError(path + ": cannot write", error);
  }
  error = FlushFolder(folder);
  if (error != 0) return SystemError(folder + ": cannot flush", error);
  return {};
}

Result<FolderLock> FolderLock::Acquire(const std::string& folder,
                                       std::chrono::milliseconds timeout) {
  const std::string path = folder + "/.lock";
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (fd < 0) return SystemError(path + ": cannot open", errno);
  FolderLock lock(fd);
  const auto give_up = std::chrono::steady_clock::now() + timeout;
  while (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK && errno != EINTR) return SystemError(path + ": cannot lock", errno);
    if (std::chrono::steady_clock::now() > give_up) {
      return Fail(ErrorCode::kUnavailable, path + ": another process has held this folder for " +
                                               std::to_string(timeout.count()) +
                                               " ms; find it with `fuser " + path + "`");
    }
    std::this_thread::sleep_for(kLockPause);
  }
  return lock;
}

FolderLock::FolderLock(FolderLock&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

FolderLock::~FolderLock() {
  if (descriptor_ >= 0) ::close(descriptor_);  // unlocks
}

}  // namespace plimsoll
