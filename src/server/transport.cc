#include "server/transport.h"

#include <openssl/err.h>
#include <openssl/sslerr.h>
#include <sys/socket.h>

#include <cerrno>

#include "plimsoll/tls/socket_bio.h"

namespace plimsoll {
namespace {

bool WouldBlock() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

IoResult SystemResult(ssize_t result, IoStatus again) {
  if (result > 0) return {IoStatus::kDone, static_cast<size_t>(result)};
  if (result == 0) return {IoStatus::kClosed, 0};
  return {WouldBlock() ? again : IoStatus::kFailed, 0};
}

}  // namespace

Transport::Transport(int socket, SSL_CTX* tls) : socket_(socket) {
  if (tls == nullptr) return;
  ssl_.reset(SSL_new(tls));
  BIO* bio = NewSocketBio(socket);
  if (ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    ERR_clear_error();
    usable_ = false;
    return;
  }
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
