// A pipe whose reading end belongs to the test.
#pragma once

#include <fcntl.h>
#include <unistd.h>

#include <string>

namespace plimsoll::testing {

class Pipe {
 public:
  Pipe() { valid_ = pipe2(ends_, O_CLOEXEC) == 0; }
  ~Pipe() {
    close(ends_[0]);
    CloseWriter();
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  bool valid() const { return valid_; }
  int writer() const { return ends_[1]; }
  void CloseWriter() {
    if (ends_[1] >= 0) close(ends_[1]);
    ends_[1] = -1;
  }
  // Until the writing end is closed.
  std::string ReadAll() {
    std::string text;
    char buffer[4096];
    for (ssize_t size = 0; (size = read(ends_[0], buffer, sizeof(buffer))) > 0;) {
      text.append(buffer, static_cast<size_t>(size));
    }
    return text;
  }

 private:
  int ends_[2] = {-1, -1};
  bool valid_ = false;
};

}  // namespace plimsoll::testing
