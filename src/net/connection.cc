#include "plimsoll/net/connection.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <openssl/err.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/tls/certificate.h"
#include "plimsoll/tls/socket_bio.h"
#include "plimsoll/tls/x509_text.h"

namespace plimsoll::net {
namespace {

// "a, b and 3 more": whom a certificate is for.
std::string NamesText(const X509& certificate) {
  const Result<std::string> pem = ToPem(certificate);
  if (!pem) return {};
  const Result<CertificateInfo> info = InspectCertificate(*pem);
  if (!info) return {};
  std::vector<std::string> names = info->names.dns_names;
  names.insert(names.end(), info->names.ip_addresses.begin(), info->names.ip_addresses.end());
  if (names.empty()) return "nobody: it has no subject alternative names";
  constexpr size_t kMaxShown = 500;
  return SanitizeLine(Join(names, ", "), kMaxShown);
}

bool IsIpAddress(const std::string& host) {
  std::array<char, sizeof(in6_addr)> bytes{};
  return ::inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

}  // namespace

Connection::Connection(int socket, std::string peer) : socket_(socket), peer_(std::move(peer)) {}

Connection::~Connection() {
  if (ssl_ != nullptr && !broken_ && SSL_is_init_finished(ssl_.get()) == 1) {
    SSL_shutdown(ssl_.get());
  }
  ERR_clear_error();
  ssl_.reset();
  ::close(socket_);
}

// Called by OpenSSL for every certificate of the chain; what it refuses is kept for the message.
int Connection::Verify(int trusted, X509_STORE_CTX* store) {
  if (trusted == 1) return 1;
  auto* ssl =
      static_cast<SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* self = static_cast<Connection*>(SSL_get_app_data(ssl));
  const int error = X509_STORE_CTX_get_error(store);
  self->distrust_ = X509_verify_cert_error_string(error);
  X509* certificate = X509_STORE_CTX_get_current_cert(store);
  const bool wrong_name =
      error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH;
  if (wrong_name && certificate != nullptr) {
    self->distrust_ +=
        ": expected " + self->server_name_ + ", it is for " + NamesText(*certificate);
  }
  return 0;
}

Status Connection::StartTls(std::shared_ptr<ssl_ctx_st> context, const std::string& server_name,
                            const Patience& patience) {
  context_ = std::move(context);
  server_name_ = server_name;
  ERR_clear_error();
  ssl_.reset(SSL_new(context_.get()));
  BIO* bio = NewSocketBio(socket_);
  if (ssl_ == nullptr || bio == nullptr) {
    BIO_free(bio);
    ssl_.reset();
    ERR_clear_error();
    return Fail(ErrorCode::kInternal, "no memory for TLS");
  }
  SSL_set_bio(ssl_.get(), bio, bio);  // takes it
  SSL_set_app_data(ssl_.get(), this);
  const bool verified = SSL_get_verify_mode(ssl_.get()) != SSL_VERIFY_NONE;
  if (verified) SSL_set_verify(ssl_.get(), SSL_VERIFY_PEER, Verify);
  bool named = true;
  if (IsIpAddress(server_name)) {
    named = X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl_.get()), server_name.c_str()) == 1;
  } else if (!server_name.empty()) {
    named = SSL_set1_host(ssl_.get(), server_name.c_str()) == 1 &&
            SSL_set_tlsext_host_name(ssl_.get(), server_name.c_str()) == 1;
  }
  if (!named || (verified && server_name.empty())) {
    return Fail(ErrorCode::kInternal, "no name to verify the peer's certificate by");
  }
  const std::string doing = "shaking hands (TLS) with " + peer_;
  while (true) {
    ERR_clear_error();
    const int result = SSL_connect(ssl_.get());
    if (result == 1) return {};
    const Step step = TlsStep(result);
    if (step.kind != Step::Kind::kWantRead && step.kind != Step::Kind::kWantWrite) {
      broken_ = true;
      if (!distrust_.empty()) {
        return Fail(ErrorCode::kUnavailable,
                    "the certificate of " + peer_ + " is not trusted: " + distrust_);
      }
      return Failure(doing);
    }
    const Wait wait =
        WaitForSocket(socket_, step.kind == Step::Kind::kWantRead ? POLLIN : POLLOUT, patience);
    if (wait != Wait::kReady) {
      broken_ = true;
      return WaitError(wait, doing);
    }
  }
}

Connection::Step Connection::TlsStep(int result) {
  const int saved = errno;
  trouble_.clear();
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {Step::Kind::kWantRead};
    case SSL_ERROR_WANT_WRITE:
      return {Step::Kind::kWantWrite};
    case SSL_ERROR_ZERO_RETURN:
      return {Step::Kind::kEnd};
    default:
      break;
  }
  broken_ = true;
  if (const char* words = ERR_reason_error_string(ERR_peek_error())) trouble_ = words;
  ERR_clear_error();
  if (trouble_.empty() && saved != 0) trouble_ = std::generic_category().message(saved);
  return {Step::Kind::kFailed};
}

Connection::Step Connection::TryRead(char* data, size_t size) {
  errno = 0;
  if (ssl_ != nullptr) {
    ERR_clear_error();
    size_t bytes = 0;
    const int result = SSL_read_ex(ssl_.get(), data, size, &bytes);
    return result == 1 ? Step{Step::Kind::kDone, bytes} : TlsStep(result);
  }
  const ssize_t received = ::recv(socket_, data, size, 0);
  if (received > 0) return {Step::Kind::kDone, static_cast<size_t>(received)};
  if (received == 0) return {Step::Kind::kEnd};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Step::Kind::kWantRead};
  trouble_ = std::generic_category().message(errno);
  return {Step::Kind::kFailed};
}

Connection::Step Connection::TryWrite(std::string_view bytes) {
  errno = 0;
  if (ssl_ != nullptr) {
    ERR_clear_error();
    size_t written = 0;
    const int result = SSL_write_ex(ssl_.get(), bytes.data(), bytes.size(), &written);
    return result == 1 ? Step{Step::Kind::kDone, written} : TlsStep(result);
  }
  const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
  if (sent >= 0) return {Step::Kind::kDone, static_cast<size_t>(sent)};
  if (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR) return {Step::Kind::kWantWrite};
  trouble_ = std::generic_category().message(errno);
  return {Step::Kind::kFailed};
}

tl::unexpected<Error> Connection::Failure(const std::string& doing) const {
  return Fail(ErrorCode::kUnavailable,
              "the connection broke while " + doing + (trouble_.empty() ? "" : ": " + trouble_));
}

Result<size_t> Connection::Read(char* data, size_t size, const Patience& patience) {
  const std::string doing = "reading from " + peer_;
  // Also where there is always something to read.
  if (patience.stopped()) return WaitError(Wait::kStopped, doing);
  if (patience.left().count() == 0) return WaitError(Wait::kDeadline, doing);
  while (true) {
    const Step step = TryRead(data, size);
    if (step.kind == Step::Kind::kDone) return step.bytes;
    if (step.kind == Step::Kind::kEnd) return 0;
    if (step.kind == Step::Kind::kFailed) return Failure(doing);
    const Wait wait =
        WaitForSocket(socket_, step.kind == Step::Kind::kWantRead ? POLLIN : POLLOUT, patience);
    if (wait != Wait::kReady) return WaitError(wait, doing);
  }
}

Status Connection::Write(std::string_view bytes, const Patience& patience) {
  const std::string doing = "writing to " + peer_;
  while (!bytes.empty()) {
    const Step step = TryWrite(bytes);
    if (step.kind == Step::Kind::kDone) {
      sent_ += step.bytes;
      bytes.remove_prefix(step.bytes);
      continue;
    }
    if (step.kind == Step::Kind::kEnd || step.kind == Step::Kind::kFailed) {
      AskWhy();
      return Failure(doing);
    }
    const Wait wait =
        WaitForSocket(socket_, step.kind == Step::Kind::kWantRead ? POLLIN : POLLOUT, patience);
    if (wait != Wait::kReady) return WaitError(wait, doing);
  }
  return {};
}

// A peer that refuses a client's certificate says so and hangs up; with TLS 1.3 we are writing by then. Its words may still
// be there to be read.
void Connection::AskWhy() {
  if (ssl_ == nullptr) return;
  const std::string before = trouble_;
  char byte = 0;
  const Step step = TryRead(&byte, 1);
  if (step.kind != Step::Kind::kFailed || trouble_.empty()) trouble_ = before;
}

bool Connection::IsQuiet() {
  char byte = 0;
  // With TLS 1.3 session tickets may have come: reading takes them in without giving anything out.
  const Step step = TryRead(&byte, 1);
  return step.kind == Step::Kind::kWantRead;
}

}  // namespace plimsoll::net
