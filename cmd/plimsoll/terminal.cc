#include "terminal.h"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <ostream>
#include <system_error>

#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "plimsoll/render/progress_line.h"

namespace plimsoll::cli {
namespace {

// Prose is hard to read in longer lines, and falls apart in shorter ones.
constexpr int kMinWidth = 60;
constexpr int kMaxWidth = 120;
constexpr int kPipeWidth = 100;

// Who waits less needs no comfort.
constexpr std::chrono::milliseconds kQuietTime{400};
constexpr std::chrono::milliseconds kRefresh{100};

bool HasValue(const char* variable) {
  const char* value = std::getenv(variable);
  return value != nullptr && *value != '\0';
}

bool IsDumb() {
  const char* term = std::getenv("TERM");
  return term != nullptr && std::string_view(term) == "dumb";
}

int Columns(int descriptor) {
  winsize size{};
  if (::ioctl(descriptor, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return kPipeWidth;
  return size.ws_col;
}

int TerminalWidth() { return std::clamp(Columns(STDOUT_FILENO), kMinWidth, kMaxWidth); }

}  // namespace

DescriptorBuffer::DescriptorBuffer(int descriptor) : descriptor_(descriptor) {
  setp(buffer_.data(), buffer_.data() + buffer_.size());
}

void DescriptorBuffer::Write(const char* text, size_t count) {
  while (count > 0 && error_ == 0) {
    const ssize_t written = ::write(descriptor_, text, count);
    if (written < 0) {
      if (errno != EINTR) error_ = errno;
      continue;
    }
    text += written;
    count -= static_cast<size_t>(written);
  }
}

bool DescriptorBuffer::Drain() {
  Write(pbase(), static_cast<size_t>(pptr() - pbase()));
  setp(buffer_.data(), buffer_.data() + buffer_.size());
  return error_ == 0;
}

DescriptorBuffer::int_type DescriptorBuffer::overflow(int_type c) {
  if (!Drain()) return traits_type::eof();
  if (!traits_type::eq_int_type(c, traits_type::eof())) {
    *pptr() = traits_type::to_char_type(c);
    pbump(1);
  }
  return traits_type::not_eof(c);
}

int DescriptorBuffer::sync() { return Drain() ? 0 : -1; }

std::streamsize DescriptorBuffer::xsputn(const char* text, std::streamsize count) {
  if (count > epptr() - pptr()) {
    if (!Drain()) return 0;
    if (count > epptr() - pptr()) {
      Write(text, static_cast<size_t>(count));
      return error_ == 0 ? count : 0;
    }
  }
  std::copy_n(text, count, pptr());
  pbump(static_cast<int>(count));
  return count;
}

int FinishOutput(std::ostream& out, const DescriptorBuffer& buffer, int exit_code) {
  out.flush();
  if (buffer.error() == 0 || buffer.error() == EPIPE) return exit_code;
  WriteStandardError("plimsoll: cannot write the output: " +
                     std::generic_category().message(buffer.error()) + "\n");
  return kExitUnable;
}

TextStyle StyleFor(ColorMode mode) {
  const bool terminal = ::isatty(STDOUT_FILENO) == 1;
  TextStyle style;
  style.color = mode == ColorMode::kAlways ||
                (mode == ColorMode::kAuto && terminal && !HasValue("NO_COLOR") && !IsDumb());
  style.width = terminal ? TerminalWidth() : kPipeWidth;
  return style;
}

bool IsTerminal() { return ::isatty(STDOUT_FILENO) == 1 && !IsDumb(); }

void GuardStandardDescriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) >= 0) continue;
    // The lowest that is free is this one.
    static_cast<void>(::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
}

void WriteStandardError(std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(STDERR_FILENO, text.data(), text.size());
    if (written < 0 && errno != EINTR) return;  // nobody is left to be told
    if (written > 0) text.remove_prefix(static_cast<size_t>(written));
  }
}

int SayUnable(std::string_view message, std::span<const std::string> more) {
  std::string text = "plimsoll: " + SanitizeLine(message, std::string::npos) + '\n';
  for (const std::string& line : more) text += SanitizeLine(line, std::string::npos) + '\n';
  WriteStandardError(text);
  return kExitUnable;
}

int NothingDone(const std::vector<Diagnostic>& problems, std::string_view what) {
  std::string text;
  for (const Diagnostic& problem : problems) {
    text += SanitizeLine(FormatDiagnostic(problem), std::string::npos) + '\n';
  }
  WriteStandardError(text + "plimsoll: " + std::string(what) + '\n');
  return kExitUnable;
}

int NothingJudged(const std::vector<Diagnostic>& problems, std::string_view what) {
  return NothingDone(problems, std::string(what) + "; nothing was judged");
}

Progress::Progress(std::string_view what, size_t total) : what_(what), total_(total) {
  if (::isatty(STDERR_FILENO) != 1 || IsDumb()) return;
  thread_ = std::thread([this] { Show(); });
}

Progress::~Progress() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  stop_changed_.notify_one();
  thread_.join();
}

void Progress::Show() {
  const auto begun = std::chrono::steady_clock::now();
  std::unique_lock lock(mutex_);
  bool shown = false;
  auto wait = kQuietTime;
  while (!stop_changed_.wait_for(lock, wait, [this] { return stop_; })) {
    // The last column is left free: what reaches it begins a line of its own on some terminals.
    const auto width = static_cast<size_t>(Columns(STDERR_FILENO) - 1);
    const auto elapsed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - begun);
    WriteStandardError("\r\x1b[K" + ProgressLine(what_, done_.load(std::memory_order_relaxed),
                                                 total_, elapsed, width));
    shown = true;
    wait = kRefresh;
  }
  if (shown) WriteStandardError("\r\x1b[K");
}

}  // namespace plimsoll::cli
