// A listener that does not do what listeners do.
#pragma once

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdint>
#include <string>
#include <vector>

namespace plimsoll::kube {

// Never accepts. With room in its queue the kernel takes connections and some of what is sent; with none it answers nothing,
// as a host that is gone.
class DeafListener {
 public:
  enum class Queue { kRoom, kFull };
  explicit DeafListener(Queue queue) : listener_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, any, size), 0);
    EXPECT_EQ(::listen(listener_, queue == Queue::kFull ? 0 : 8), 0);
    EXPECT_EQ(::getsockname(listener_, any, &size), 0);
    port_ = ntohs(address.sin_port);
    for (int i = 0; queue == Queue::kFull && i < 4; ++i) {
      waiting_.push_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
      static_cast<void>(::connect(waiting_.back(), any, size));
    }
  }
  ~DeafListener() {
    for (const int socket : waiting_) ::close(socket);
    ::close(listener_);
  }
  DeafListener(const DeafListener&) = delete;
  DeafListener& operator=(const DeafListener&) = delete;

  std::string authority() const { return "127.0.0.1:" + std::to_string(port_); }

 private:
  int listener_;
  uint16_t port_ = 0;
  std::vector<int> waiting_;
};

}  // namespace plimsoll::kube
