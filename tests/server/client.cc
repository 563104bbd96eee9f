#include "tests/server/client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdlib>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll::testing {
namespace {

constexpr int kSeconds = 30;  // no answer takes as long, not even under a sanitizer

int Connect(uint16_t port, const char* host) {
  sockaddr_in6 v6{};
  sockaddr_in v4{};
  v4.sin_family = AF_INET;
  v4.sin_port = htons(port);
  v6.sin6_family = AF_INET6;
  v6.sin6_port = htons(port);
  const bool is_v4 = inet_pton(AF_INET, host, &v4.sin_addr) == 1;
  if (!is_v4 && inet_pton(AF_INET6, host, &v6.sin6_addr) != 1) return -1;
  const int fd = ::socket(is_v4 ? AF_INET : AF_INET6, SOCK_STREAM, 0);
  const timeval limit{kSeconds, 0};
  ::setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  const int one = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  const int result = is_v4 ? ::connect(fd, reinterpret_cast<sockaddr*>(&v4), sizeof v4)
                           : ::connect(fd, reinterpret_cast<sockaddr*>(&v6), sizeof v6);
  if (result == 0) return fd;
  ::close(fd);
  return -1;
}

}  // namespace

Client Client::Plain(uint16_t port, const char* host) {
  Client client;
  client.socket_ = Connect(port, host);
  client.ok_ = client.socket_ >= 0;
  return client;
}

Client Client::Tls(uint16_t port, const Configure& configure) {
  // OpenSSL's socket BIO writes with write(2).
  std::signal(SIGPIPE, SIG_IGN);
  Client client = Plain(port);
  if (!client.ok_) return client;
  client.context_.reset(SSL_CTX_new(TLS_client_method()));
  if (configure) configure(client.context_.get());
  client.ssl_.reset(SSL_new(client.context_.get()));
  SSL_set_fd(client.ssl_.get(), client.socket_);
  client.ok_ = SSL_connect(client.ssl_.get()) == 1;
  return client;
}

Client::Client(Client&& other) noexcept { *this = std::move(other); }

Client& Client::operator=(Client&& other) noexcept {
  std::swap(socket_, other.socket_);
  std::swap(ok_, other.ok_);
  std::swap(context_, other.context_);
  std::swap(ssl_, other.ssl_);
  std::swap(buffer_, other.buffer_);
  return *this;
}

Client::~Client() { Close(); }

void Client::Close() {
  ssl_.reset();
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

bool Client::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    size_t sent = 0;
    if (ssl_ != nullptr) {
      if (SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &sent) != 1) return false;
    } else {
      const ssize_t result = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (result <= 0) return false;
      sent = static_cast<size_t>(result);
    }
    bytes.remove_prefix(sent);
  }
  return true;
}

void Client::SendRaw(std::string_view bytes) {
  static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

void Client::FinishSending() {
  if (ssl_ != nullptr) SSL_shutdown(ssl_.get());
  ::shutdown(socket_, SHUT_WR);
}

bool Client::Fill() {
  std::array<char, 16384> chunk{};
  size_t received = 0;
  if (ssl_ != nullptr) {
    if (SSL_read_ex(ssl_.get(), chunk.data(), chunk.size(), &received) != 1) return false;
  } else {
    const ssize_t result = ::recv(socket_, chunk.data(), chunk.size(), 0);
    if (result <= 0) return false;
    received = static_cast<size_t>(result);
  }
  buffer_.append(chunk.data(), received);
  return true;
}

std::optional<Response> Client::Read(bool head_only) {
  size_t end = 0;
  while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
    if (!Fill()) return std::nullopt;
  }
  Response response;
  const std::string head = buffer_.substr(0, end);
  buffer_.erase(0, end + 4);
  size_t line_end = head.find("\r\n");
  if (head.compare(0, 9, "HTTP/1.1 ") != 0) return std::nullopt;
  response.status = std::atoi(head.c_str() + 9);
  while (line_end != std::string::npos) {
    const size_t begin = line_end + 2;
    line_end = head.find("\r\n", begin);
    const std::string line = head.substr(begin, line_end - begin);
    const size_t colon = line.find(':');
    response.headers[ToLowerAscii(line.substr(0, colon))] =
        std::string(Trim(std::string_view(line).substr(colon + 1)));
  }
  if (head_only || response.status == 100) return response;
  const size_t length = std::strtoul(response.Header("content-length").c_str(), nullptr, 10);
  while (buffer_.size() < length) {
    if (!Fill()) return std::nullopt;
  }
  response.body = buffer_.substr(0, length);
  buffer_.erase(0, length);
  return response;
}

std::string Client::ReadToEnd() {
  while (Fill()) {
  }
  return std::exchange(buffer_, {});
}

bool Client::WaitReadable(std::chrono::milliseconds time) const {
  pollfd entry{socket_, POLLIN, 0};
  return ::poll(&entry, 1, static_cast<int>(time.count())) == 1;
}

bool Client::AtEnd() { return ReadToEnd().empty(); }

bool Client::GotCloseNotify() const {
  return ssl_ != nullptr && (SSL_get_shutdown(ssl_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
}

std::string Get(std::string_view path) {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: test\r\n\r\n";
}

std::string Post(std::string_view path, std::string_view body, std::string_view headers) {
  return "POST " + std::string(path) +
         " HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\n" + std::string(headers) +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace plimsoll::testing
