#include "watch.h"

#include <poll.h>
#include <signal.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <map>
#include <system_error>
#include <utility>

#include "plimsoll/files/manifest_files.h"

namespace plimsoll::cli {
namespace {

namespace fs = std::filesystem;

// An editor writes, renames and touches; a checkout changes hundreds of files. One run follows when it is quiet this long.
constexpr int kQuietMs = 80;
constexpr uint32_t kEvents = IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVED_FROM | IN_CREATE | IN_DELETE |
                             IN_DELETE_SELF | IN_MOVE_SELF | IN_ATTRIB;

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

std::string Reason() { return std::generic_category().message(errno); }

// What is watched between two runs. Made anew for each: folders come and go.
class Watcher {
 public:
  Watcher() : inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {}

  std::string Start(const WatchedPaths& paths) {
    if (inotify_.get() < 0) return "cannot watch files: " + Reason();
    for (const std::string& path : paths.paths) {
      std::error_code failed;
      if (fs::is_directory(path, failed)) {
        AddFolder(path);
      } else {
        // Editors put a new file in the place of the old one: the folder sees that.
        const fs::path file(path);
        Add(file.has_parent_path() ? file.parent_path().string() : ".", file.filename().string());
      }
    }
    return problem_;
  }

  int descriptor() const { return inotify_.get(); }

  // Takes what has come; true if it matters.
  bool Drain(const std::set<std::string>& ignored) {
    bool matters = false;
    alignas(inotify_event) std::array<char, 16 * 1024> buffer;
    for (;;) {
      const ssize_t size = ::read(inotify_.get(), buffer.data(), buffer.size());
      if (size <= 0) return matters;
      for (size_t at = 0; at < static_cast<size_t>(size);) {
        inotify_event event{};
        std::memcpy(&event, buffer.data() + at, sizeof(event));
        const char* const name = event.len == 0 ? "" : buffer.data() + at + sizeof(event);
        matters = matters || Matters(event, name, ignored);
        at += sizeof(event) + event.len;
      }
    }
  }

 private:
  struct Folder {
    std::string path;
    std::set<std::string> files;  // empty: every manifest in it
  };

  void Add(const std::string& folder, const std::string& file) {
    const int watch = ::inotify_add_watch(inotify_.get(), folder.c_str(), kEvents);
    if (watch < 0) {
      if (problem_.empty()) problem_ = "cannot watch " + folder + ": " + Reason();
      return;
    }
    const auto [known, added] = folders_.try_emplace(watch, Folder{folder, {}});
    // A folder that is watched as a whole stays so.
    if (file.empty()) {
      known->second.files.clear();
    } else if (added || !known->second.files.empty()) {
      known->second.files.insert(file);
    }
  }

  void AddFolder(const fs::path& top) {
    Add(top.string(), "");
    std::error_code failed;
    for (fs::recursive_directory_iterator
             it(top, fs::directory_options::skip_permission_denied, failed),
         end;
         !failed && it != end; it.increment(failed)) {
      std::error_code unknown;
      if (!it->is_directory(unknown)) continue;
      if (it->path().filename().string().starts_with('.')) {
        it.disable_recursion_pending();
      } else {
        Add(it->path().string(), "");
      }
    }
  }

  bool Matters(const inotify_event& event, const std::string& name,
               const std::set<std::string>& ignored) const {
    if ((event.mask & IN_Q_OVERFLOW) != 0) return true;
    const auto folder = folders_.find(event.wd);
    if (folder == folders_.end()) return false;
    if (name.empty()) return (event.mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0;
    if (!folder->second.files.empty()) return folder->second.files.contains(name);
    if (name.starts_with('.')) return false;
    if ((event.mask & IN_ISDIR) != 0) return true;
    const fs::path path = fs::absolute(fs::path(folder->second.path) / name).lexically_normal();
    return IsManifestName(name) && !ignored.contains(path.string());
  }

  Descriptor inotify_;
  std::map<int, Folder> folders_;  // by watch
  std::string problem_;
};

// True when something has changed and it is quiet again, false when a signal has come.
bool Wait(Watcher& watcher, int signals, const std::set<std::string>& ignored) {
  bool changed = false;
  for (;;) {
    std::array<pollfd, 2> ends = {{{signals, POLLIN, 0}, {watcher.descriptor(), POLLIN, 0}}};
    const int ready = ::poll(ends.data(), ends.size(), changed ? kQuietMs : -1);
    if (ready < 0 && errno != EINTR) return false;
    if (ready == 0) return true;
    if (ready > 0 && ends[0].revents != 0) return false;
    if (ready > 0) changed = watcher.Drain(ignored) || changed;
  }
}

}  // namespace

std::string RunWhenChanged(const WatchedPaths& paths, const std::function<bool()>& run) {
  sigset_t endings;
  ::sigemptyset(&endings);
  ::sigaddset(&endings, SIGINT);
  ::sigaddset(&endings, SIGTERM);
  // Threads that `run` starts inherit this, so that a signal always comes here.
  ::pthread_sigmask(SIG_BLOCK, &endings, nullptr);
  const Descriptor signals(::signalfd(-1, &endings, SFD_CLOEXEC));
  if (signals.get() < 0) return "cannot wait for signals: " + Reason();
  for (;;) {
    Watcher watcher;
    if (std::string problem = watcher.Start(paths); !problem.empty()) return problem;
    if (!run() || !Wait(watcher, signals.get(), paths.ignored)) return {};
  }
}

}  // namespace plimsoll::cli
