#include "kube/small_file.h"

#include <cerrno>
#include <fstream>
#include <system_error>
#include <utility>

namespace plimsoll::kube {
namespace {

tl::unexpected<Error> CannotRead(const std::string& path, const std::string& what, int error) {
  const ErrorCode code = error == ENOENT || error == ENOTDIR ? ErrorCode::kNotFound
                         : error == EACCES                   ? ErrorCode::kForbidden
                                                             : ErrorCode::kUnavailable;
  return Fail(code, what + " " + path + ": " + std::generic_category().message(error));
}

}  // namespace

Result<std::string> ReadSmallFile(const std::string& path, const std::string& what) {
  errno = 0;
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return CannotRead(path, what, errno != 0 ? errno : EIO);
  std::string text;
  constexpr size_t kPiece = 64 * 1024;
  while (text.size() <= kMaxSmallFileBytes) {
    const size_t before = text.size();
    text.resize(before + kPiece);
    errno = 0;
    stream.read(text.data() + before, kPiece);
    text.resize(before + static_cast<size_t>(stream.gcount()));
    if (stream.bad() || (stream.fail() && !stream.eof())) {
      return CannotRead(path, what, errno != 0 ? errno : EIO);
    }
    if (stream.eof()) return text;
  }
  return Fail(ErrorCode::kLimitExceeded, what + " " + path + ": larger than " +
                                             std::to_string(kMaxSmallFileBytes >> 20U) + " MiB");
}

RenewedFile RenewedFile::Fixed(std::string text) {
  RenewedFile file;
  file.text_ = std::move(text);
  return file;
}

Result<bool> RenewedFile::Renew(std::chrono::milliseconds max_age) {
  if (path_.empty()) return false;
  const auto now = std::chrono::steady_clock::now();
  if (read_ && now - read_at_ < max_age) return false;
  Result<std::string> text = ReadSmallFile(path_, what_);
  if (!text) return tl::unexpected(text.error());
  read_at_ = now;
  const bool changed = !read_ || *text != text_;
  read_ = true;
  text_ = *std::move(text);
  return changed;
}

}  // namespace plimsoll::kube
