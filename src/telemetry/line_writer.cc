#include "telemetry/line_writer.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <climits>

#include "plimsoll/telemetry/logger.h"

namespace plimsoll {
namespace {

// How often a writer in front of a full pipe looks whether it is to stop.
constexpr int kPollMilliseconds = 100;

int64_t SteadyNow() {
  return std::chrono::nanoseconds(std::chrono::steady_clock::now().time_since_epoch()).count();
}

uint64_t CountLines(std::string_view text) {
  return static_cast<uint64_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

LineWriter::LineWriter(int descriptor) : descriptor_(descriptor), thread_([this] { Run(); }) {}

LineWriter::~LineWriter() {
  deadline_ns_ = SteadyNow() + std::chrono::nanoseconds(kMaxFlushTime).count();
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void LineWriter::Push(std::string_view line) {
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() + line.size() > kMaxQueuedLogBytes) {
      CountDropped(1);
      return;
    }
    queue_ += line;
  }
  changed_.notify_one();
}

void LineWriter::Run() {
  std::string batch;
  while (true) {
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      batch.clear();
      std::swap(batch, queue_);
    }
    if (!Write(batch) && stopping_) return;
  }
}

bool LineWriter::Write(std::string_view text) {
  while (!text.empty()) {
    // A pipe that polls as writable takes PIPE_BUF bytes without blocking (POSIX write(2)).
    if (!WaitUntilWritable()) {
      CountDropped(CountLines(text));
      return false;
    }
    const ssize_t written =
        write(descriptor_, text.data(), std::min<size_t>(text.size(), PIPE_BUF));
    if (written > 0) {
      text.remove_prefix(static_cast<size_t>(written));
    } else if (errno != EINTR && errno != EAGAIN) {
      CountDropped(CountLines(text));
      return false;
    }
  }
  return true;
}

bool LineWriter::WaitUntilWritable() {
  while (true) {
    pollfd request{descriptor_, POLLOUT, 0};
    if (poll(&request, 1, kPollMilliseconds) > 0) return true;
    if (stopping_ && SteadyNow() > deadline_ns_) return false;
  }
}

}  // namespace plimsoll
