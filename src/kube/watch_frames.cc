#include "kube/watch_frames.h"

namespace plimsoll::kube {
namespace {

// Frames are a few KiB; what one of several MiB needed is given back.
constexpr size_t kKeptBytes = 256 * 1024;

}  // namespace

bool WatchFrames::Add(std::string_view piece) {
  while (!piece.empty()) {
    const size_t end = piece.find('\n');
    const std::string_view part = piece.substr(0, end);
    if (part.size() > max_frame_bytes_ - frame_.size()) {
      too_long_ = true;
      std::string().swap(frame_);
      return false;
    }
    frame_ += part;
    if (end == std::string_view::npos) return true;
    piece.remove_prefix(end + 1);
    if (frame_.find_first_not_of(" \t\r") != std::string::npos && !take_(frame_)) return false;
    frame_.clear();
    if (frame_.capacity() > kKeptBytes) std::string().swap(frame_);
  }
  return true;
}

}  // namespace plimsoll::kube
