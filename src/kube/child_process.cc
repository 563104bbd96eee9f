#include "kube/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <string_view>
#include <system_error>

namespace plimsoll::kube {
namespace {

// What a plugin has to say to people; the rest is read and dropped.
constexpr size_t kMaxErrorOutput = 4096;
// How often a child is asked whether it has ended, once its output has.
constexpr std::chrono::milliseconds kReapInterval{5};

class Pipe {
 public:
  Pipe() {
    if (::pipe2(ends_.data(), O_CLOEXEC) != 0) ends_ = {-1, -1};
  }
  ~Pipe() {
    Close(0);
    Close(1);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  bool open() const { return ends_[0] >= 0; }
  void Close(size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }

 private:
  std::array<int, 2> ends_{-1, -1};
};

// The arguments of posix_spawn: pointers into strings that live as long as this.
class StringArray {
 public:
  explicit StringArray(std::vector<std::string> strings) : strings_(std::move(strings)) {
    for (std::string& text : strings_) pointers_.push_back(text.data());
    pointers_.push_back(nullptr);
  }
  char* const* get() const { return pointers_.data(); }

 private:
  std::vector<std::string> strings_;
  std::vector<char*> pointers_;
};

std::vector<std::string> EnvironmentOf(const ChildProcess& child) {
  std::vector<std::string> all;
  // Reading a variable is the program's affair, handing all of them on is not.
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text(*entry);
    const std::string_view name = text.substr(0, text.find('='));
    const bool replaced = std::any_of(child.environment.begin(), child.environment.end(),
                                      [&](const auto& added) { return added.first == name; });
    if (!replaced) all.emplace_back(text);
  }
  for (const auto& [name, value] : child.environment) all.push_back(name + "=" + value);
  return all;
}

class Child {
 public:
  Child() = default;
  // Nobody is left behind.
  ~Child() {
    if (process_ > 0 && !exit_code_) {
      ::kill(-process_, SIGKILL);
      ::kill(process_, SIGKILL);
      Reap(0);
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  int Start(const ChildProcess& child, const Pipe& output, const Pipe& errors) {
    std::vector<std::string> words{child.command};
    words.insert(words.end(), child.args.begin(), child.args.end());
    const StringArray arguments(std::move(words));
    const StringArray environment(EnvironmentOf(child));
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output.write_end(), 1);
    ::posix_spawn_file_actions_adddup2(&actions, errors.write_end(), 2);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);
    // Our programs ignore SIGPIPE and block what they wait for; a child should not.
    sigset_t none;
    sigset_t defaults;
    ::sigemptyset(&none);
    ::sigemptyset(&defaults);
    for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP}) ::sigaddset(&defaults, signal);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &defaults);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    const int error = ::posix_spawnp(&process_, child.command.c_str(), &actions, &attributes,
                                     arguments.get(), environment.get());
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
    if (error != 0) process_ = -1;
    return error;
  }

  // True once it has ended.
  bool Reap(int flags) {
    int status = 0;
    pid_t reaped = 0;
    do {
      reaped = ::waitpid(process_, &status, flags);
    } while (reaped < 0 && errno == EINTR);
    if (reaped == 0) return false;
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return true;
  }

  int exit_code() const { return exit_code_.value_or(-1); }

 private:
  pid_t process_ = -1;
  std::optional<int> exit_code_;
};

// Appends what there is, up to `max`; the rest is dropped. False at the end.
bool Take(int from, std::string& to, size_t max, bool& too_much) {
  std::array<char, 4096> piece{};
  const ssize_t got = ::read(from, piece.data(), piece.size());
  if (got < 0) return errno == EINTR || errno == EAGAIN;
  if (got == 0) return false;
  const size_t room = max - std::min(max, to.size());
  too_much = static_cast<size_t>(got) > room;
  to.append(piece.data(), std::min(static_cast<size_t>(got), room));
  return true;
}

// Until both have ended, or why not.
net::Wait ReadBoth(Pipe& output, Pipe& errors, const ChildProcess& child,
                   const net::Patience& patience, ChildOutput& result, bool& too_much) {
  while (output.open() || errors.open()) {
    if (patience.stopped()) return net::Wait::kStopped;
    const auto left = patience.left();
    if (left.count() == 0) return net::Wait::kDeadline;
    std::array<pollfd, 2> entries{{{output.read_end(), POLLIN, 0}, {errors.read_end(), POLLIN, 0}}};
    const int ready = ::poll(entries.data(), entries.size(),
                             static_cast<int>(std::min(left, net::kStopInterval).count()));
    if (ready < 0 && errno != EINTR) return net::Wait::kFailed;
    if (ready <= 0) continue;
    if (entries[0].revents != 0 &&
        !Take(output.read_end(), result.output, child.max_output, too_much)) {
      output.Close(0);
    }
    if (too_much) return net::Wait::kReady;
    bool ignored = false;
    if (entries[1].revents != 0 &&
        !Take(errors.read_end(), result.error_output, kMaxErrorOutput, ignored)) {
      errors.Close(0);
    }
  }
  return net::Wait::kReady;
}

}  // namespace

Result<ChildOutput> RunChild(const ChildProcess& child, const net::Patience& patience) {
  Pipe output;
  Pipe errors;
  if (!output.open() || !errors.open()) {
    return Fail(ErrorCode::kUnavailable,
                child.command + ": " + std::generic_category().message(errno));
  }
  Child process;
  if (const int error = process.Start(child, output, errors); error != 0) {
    return Fail(error == ENOENT ? ErrorCode::kNotFound : ErrorCode::kUnavailable,
                "cannot start " + child.command + ": " + std::generic_category().message(error));
  }
  output.Close(1);
  errors.Close(1);
  ChildOutput result;
  bool too_much = false;
  const net::Wait wait = ReadBoth(output, errors, child, patience, result, too_much);
  if (too_much) {
    return Fail(ErrorCode::kLimitExceeded,
                child.command + " writes more than " + std::to_string(child.max_output) + " bytes");
  }
  if (wait != net::Wait::kReady) return net::WaitError(wait, "running " + child.command);
  while (!process.Reap(WNOHANG)) {
    if (patience.stopped()) return net::WaitError(net::Wait::kStopped, "running " + child.command);
    if (patience.left().count() == 0) {
      return net::WaitError(net::Wait::kDeadline, "running " + child.command);
    }
    ::poll(nullptr, 0, static_cast<int>(kReapInterval.count()));
  }
  result.exit_code = process.exit_code();
  return result;
}

}  // namespace plimsoll::kube
