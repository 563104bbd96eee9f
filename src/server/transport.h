// Transport: bytes over a non-blocking socket, with or without TLS. Never blocks, never raises SIGPIPE, never throws.
//
// OpenSSL reads and writes the socket itself: the memory buffers that Asio's ssl::stream keeps between the two (68 KiB a
// connection, also when idle) and their copies are not there.
//
// Thread-safety: one thread. Ownership: the socket is the caller's and must outlive the transport.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "plimsoll/tls/openssl_handles.h"

namespace plimsoll {

enum class IoStatus {
  kDone,
  kWantRead,   // again when the socket can be read
  kWantWrite,  // again when it can be written; with TLS either may ask for either
  kClosed,     // the peer has finished sending
  kFailed,
};

struct IoResult {
  IoStatus status = IoStatus::kFailed;
  size_t bytes = 0;
};

class Transport {
 public:
  // `tls` null: plain.
  Transport(int socket, SSL_CTX* tls);

  bool is_tls() const { return ssl_ != nullptr; }
  // False if there was not enough memory for TLS.
  bool usable() const { return usable_; }

  // With TLS, before anything else; kDone is final.
  IoResult Handshake();
  // After kFailed, or a Handshake that ended in kClosed: OpenSSL's reason ("unknown ca": the peer does not trust our
  // certificate; in TLS 1.3 it says so only after the handshake), else "".
  const std::string& tls_error() const { return tls_error_; }
  bool peer_spoke_http() const { return peer_spoke_http_; }

  IoResult Read(char* data, size_t size);
  IoResult Write(std::string_view bytes);
  // True if Read has something to give without the socket becoming readable.
  bool HasBufferedInput() const;

  // Says goodbye (close_notify, FIN) as far as the socket takes it now. Reading goes on, by ReadRaw.
  void FinishWriting();
  // Past TLS: whatever the socket has, to be thrown away.
  IoResult ReadRaw(char* data, size_t size) const;
  // Past TLS: for peers that never got to speak it.
  void WriteRaw(std::string_view bytes) const;

 private:
  IoResult Failure(int result);

  int socket_;
  SslPtr ssl_;
  bool usable_ = true;
  bool broken_ = false;  // after a fatal TLS error not even close_notify may be sent
  bool peer_spoke_http_ = false;
  std::string tls_error_;
};

}  // namespace plimsoll
