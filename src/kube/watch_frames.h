// WatchFrames: puts the lines of a watch together again. The server ends each frame with a line feed and cuts its stream
// anywhere.
//
// Thread-safety: one thread. Semantics: API concepts, "Efficient detection of changes": newline-delimited JSON.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "plimsoll/base/result.h"

namespace plimsoll::kube {

class WatchFrames {
 public:
  // `take` gets each frame without its end; it may give the string capacity, and false ends everything.
  using Take = std::function<bool(std::string& frame)>;
  WatchFrames(size_t max_frame_bytes, Take take)
      : max_frame_bytes_(max_frame_bytes), take_(std::move(take)) {}

  // True to go on. After false nothing more may be added.
  bool Add(std::string_view piece);
  // A frame went beyond the limit.
  bool too_long() const { return too_long_; }
  // Bytes that belong to no whole frame yet.
  size_t unfinished_bytes() const { return frame_.size(); }

 private:
  const size_t max_frame_bytes_;
  const Take take_;
  std::string frame_;
  bool too_long_ = false;
};

}  // namespace plimsoll::kube
