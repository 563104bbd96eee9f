// The program's own ends: where its output goes and whether somebody is watching.
#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <span>
#include <streambuf>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "options.h"
#include "plimsoll/base/position.h"
#include "plimsoll/render/check_report.h"

namespace plimsoll::cli {

// A stream buffer over a file descriptor that remembers why writing failed. After a failure everything is discarded.
class DescriptorBuffer : public std::streambuf {
 public:
  explicit DescriptorBuffer(int descriptor);

  // 0, or the errno of the first write that failed.
  int error() const { return error_; }

 protected:
  int_type overflow(int_type c) override;
  int sync() override;
  std::streamsize xsputn(const char* text, std::streamsize count) override;

 private:
  bool Drain();
  void Write(const char* text, size_t count);

  int descriptor_;
  int error_ = 0;
  std::array<char, 64 * 1024> buffer_;
};

// Flushes, and says on standard error if something was not written. A reader who went away (`| head`) had enough: no
// failure. Returns `exit_code`, or kExitUnable where output was lost.
int FinishOutput(std::ostream& out, const DescriptorBuffer& buffer, int exit_code);

// Colours and width for what is written to standard output.
TextStyle StyleFor(ColorMode mode);

// Whether standard output is a terminal that can be cleared.
bool IsTerminal();

// Where a standard descriptor is closed, the next file or socket would get its number, and what is meant for people would be
// written into that. Puts something there that can be neither read nor written. Before anything is opened.
void GuardStandardDescriptors();

void WriteStandardError(std::string_view text);

// Says on standard error what is in the way, as one clean line, and `more` in lines of their own: what to do, or a list.
// Returns kExitUnable.
int SayUnable(std::string_view message, std::span<const std::string> more = {});
// Lists what is wrong, and says in short what that means. Returns kExitUnable.
int NothingDone(const std::vector<Diagnostic>& problems, std::string_view what);
// The same of policies or other terms which nobody is judged by.
int NothingJudged(const std::vector<Diagnostic>& problems, std::string_view what);

// How far it has come, how fast and for how long yet (render/progress_line.h), on standard error while something takes long
// and a terminal is there to see it. The line is gone when this is destroyed.
class Progress {
 public:
  Progress(std::string_view what, size_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // From any thread.
  void Advance() { done_.fetch_add(1, std::memory_order_relaxed); }

 private:
  void Show();

  const std::string what_;
  const size_t total_;
  std::atomic<size_t> done_ = 0;
  std::mutex mutex_;
  std::condition_variable stop_changed_;
  bool stop_ = false;
  std::thread thread_;  // only where there is a terminal
};

}  // namespace plimsoll::cli
