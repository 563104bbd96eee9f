#include "server/transport.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstdint>

namespace plimsoll {
namespace {

int SocketOf(BIO* bio) { return static_cast<int>(reinterpret_cast<intptr_t>(BIO_get_data(bio))); }

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

// OpenSSL's own socket BIO writes with write(2): a peer that has gone would kill the process with SIGPIPE, unless every
// program that links this room remembered to ignore that signal.
int BioWrite(BIO* bio, const char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t sent = ::send(SocketOf(bio), data, static_cast<size_t>(size), MSG_NOSIGNAL);
  if (sent < 0 && WouldBlock()) BIO_set_retry_write(bio);
  return static_cast<int>(sent);
}

int BioRead(BIO* bio, char* data, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t received = ::recv(SocketOf(bio), data, static_cast<size_t>(size), 0);
  if (received < 0 && WouldBlock()) BIO_set_retry_read(bio);
  if (received == 0) BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  return static_cast<int>(received);
}

long BioControl(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  if (command == BIO_CTRL_FLUSH) return 1;
  if (command == BIO_CTRL_EOF) return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
  return 0;
}

BioMethodPtr MakeSocketMethod() {
  BioMethodPtr method(
      BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "socket without SIGPIPE"));
  if (method != nullptr) {
    BIO_meth_set_write(method.get(), BioWrite);
    BIO_meth_set_read(method.get(), BioRead);
    BIO_meth_set_ctrl(method.get(), BioControl);
  }
  return method;
}

// A table of function pointers, the same for everybody and never changed.
const BIO_METHOD* SocketMethod() {
  static const BioMethodPtr method = MakeSocketMethod();
  return method.get();
}

IoResult SystemResult(ssize_t result, IoStatus again) {
  if (result > 0) return {IoStatus::kDone, static_cast<size_t>(result)};
  if (result == 0) return {IoStatus::kClosed, 0};
  return {WouldBlock() ? again : IoStatus::kFailed, 0};
}

}  // namespace

Transport::Transport(int socket, SSL_CTX* tls) : socket_(socket) {
  if (tls == nullptr) return;
  ssl_.reset(SSL_new(tls));
  BIO* bio = BIO_new(SocketMethod());
  if (ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    ERR_clear_error();
    usable_ = false;
    return;
  }
  BIO_set_data(bio, reinterpret_cast<void*>(static_cast<intptr_t>(socket)));
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);  // takes it
  SSL_set_accept_state(ssl_.get());
  // One recv for header and content of a record instead of two.
  SSL_set_read_ahead(ssl_.get(), 1);
}

IoResult Transport::Failure(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {IoStatus::kWantRead, 0};
    case SSL_ERROR_WANT_WRITE:
      return {IoStatus::kWantWrite, 0};
    case SSL_ERROR_ZERO_RETURN:
      return {IoStatus::kClosed, 0};
    default:
      break;
  }
  broken_ = true;
  const unsigned long error = ERR_peek_error();
  if (const char* words = ERR_reason_error_string(error)) tls_error_ = words;
  peer_spoke_http_ = ERR_GET_REASON(error) == SSL_R_HTTP_REQUEST;
  ERR_clear_error();
  return {IoStatus::kFailed, 0};
}

IoResult Transport::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) return {IoStatus::kDone, 0};
  const IoResult failure = Failure(result);
  if (failure.status == IoStatus::kClosed)
    broken_ = true;  // no session that a close_notify could end
  return failure;
}

IoResult Transport::Read(char* data, size_t size) {
  if (ssl_ == nullptr) return SystemResult(::recv(socket_, data, size, 0), IoStatus::kWantRead);
  ERR_clear_error();
  size_t bytes = 0;
  const int result = SSL_read_ex(ssl_.get(), data, size, &bytes);
  if (result == 1) return {IoStatus::kDone, bytes};
  return Failure(result);
}

IoResult Transport::Write(std::string_view bytes) {
  if (ssl_ == nullptr) {
    return SystemResult(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL),
                        IoStatus::kWantWrite);
  }
  ERR_clear_error();
  size_t written = 0;
  const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
  if (result == 1) return {IoStatus::kDone, written};
  return Failure(result);
}

bool Transport::HasBufferedInput() const {
  return ssl_ != nullptr && SSL_has_pending(ssl_.get()) == 1;
}

void Transport::FinishWriting() {
  if (ssl_ != nullptr && !broken_ && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    ERR_clear_error();
  }
  ::shutdown(socket_, SHUT_WR);
}

IoResult Transport::ReadRaw(char* data, size_t size) const {
  return SystemResult(::recv(socket_, data, size, 0), IoStatus::kWantRead);
}

void Transport::WriteRaw(std::string_view bytes) const {
  static_cast<void>(::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL));
}

}  // namespace plimsoll
