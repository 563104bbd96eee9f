// Files of a few KiB that configure us: kubeconfigs, tokens, certificates.
//
// Thread-safety: functions; a RenewedFile belongs to one thread or to a lock. Errors say which file and why.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>

#include "plimsoll/base/result.h"

namespace plimsoll::kube {

// A system's whole trust store is 220 KiB, the kubeconfig of a hundred clusters 300 KiB.
inline constexpr size_t kMaxSmallFileBytes = 16 * 1024 * 1024;

// `what` names it in errors: "token file". A file that does not exist is kNotFound.
Result<std::string> ReadSmallFile(const std::string& path, const std::string& what);

// A file whose contents somebody else replaces while we run.
class RenewedFile {
 public:
  RenewedFile() = default;  // of no file: text() is what was given, and never changes
  RenewedFile(std::string path, std::string what)
      : path_(std::move(path)), what_(std::move(what)) {}
  static RenewedFile Fixed(std::string text);

  // The first time; afterwards only where what was read is older than `max_age`. True if the text has changed. When it
  // cannot be read again the last text stays, as the error says.
  Result<bool> Renew(std::chrono::milliseconds max_age);
  const std::string& text() const { return text_; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
  std::string what_;
  std::string text_;
  bool read_ = false;
  std::chrono::steady_clock::time_point read_at_;
};

}  // namespace plimsoll::kube
