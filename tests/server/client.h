// A client that sends exactly the bytes it is told to, over TCP or TLS, and reads what comes back.
//
// Blocking, with a limit on every read, so that a server that hangs fails a test instead of stopping it.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/tls/openssl_handles.h"

namespace plimsoll::testing {

struct Response {
  int status = 0;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;

  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

class Client {
 public:
  using Configure = std::function<void(SSL_CTX*)>;

  static Client Plain(uint16_t port, const char* host = "127.0.0.1");
  // Not connected() if the handshake fails. Trusts anybody; tls/ tests verify.
  static Client Tls(uint16_t port, const Configure& configure = {});

  Client(Client&& other) noexcept;
  Client& operator=(Client&& other) noexcept;
  ~Client();

  bool connected() const { return socket_ >= 0 && ok_; }
  // False if the peer has gone.
  bool Send(std::string_view bytes);
  // Past TLS.
  void SendRaw(std::string_view bytes);
  // As sent by TCP: no more from us.
  void FinishSending();
  // The next response; nothing at the end of the stream or if it makes no sense.
  std::optional<Response> Read(bool head_only = false);
  // Everything up to the end of the stream.
  std::string ReadToEnd();
  // True once the peer has sent something (or closed), false after that time without.
  bool WaitReadable(std::chrono::milliseconds time) const;
  // True if the peer ends the stream now, without a byte before.
  bool AtEnd();
  // True if the peer said goodbye properly (close_notify).
  bool GotCloseNotify() const;
  void Close();
  SSL* ssl() { return ssl_.get(); }

 private:
  Client() = default;
  bool Fill();

  int socket_ = -1;
  bool ok_ = false;
  SslCtxPtr context_;
  SslPtr ssl_;
  std::string buffer_;
};

std::string Get(std::string_view path);
std::string Post(std::string_view path, std::string_view body, std::string_view headers = "");

}  // namespace plimsoll::testing
