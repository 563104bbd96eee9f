// LineWriter: writes text to a file descriptor from a thread of its own, so that whoever has something to say never waits
// for whoever reads it.
//
// Thread-safety: Push and dropped from any thread.
#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

namespace plimsoll {

class LineWriter {
 public:
  explicit LineWriter(int descriptor);
  // Writes what is queued, for at most kMaxFlushTime.
  ~LineWriter();
  LineWriter(const LineWriter&) = delete;
  LineWriter& operator=(const LineWriter&) = delete;

  // A whole line with its line break.
  void Push(std::string_view line);
  void CountDropped(uint64_t lines) { dropped_.fetch_add(lines, std::memory_order_relaxed); }
  uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  void Run();
  // False once the time for flushing is over or the descriptor is broken.
  bool Write(std::string_view text);
  bool WaitUntilWritable();

  const int descriptor_;
  std::atomic<uint64_t> dropped_{0};
  std::atomic<bool> stopping_{false};
  std::atomic<int64_t> deadline_ns_{0};  // on the steady clock; set before stopping_
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string queue_;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace plimsoll
