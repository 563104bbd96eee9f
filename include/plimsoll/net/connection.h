// Connection: bytes to and from a peer over TCP, with or without TLS, each operation with a deadline.
//
// The peer's certificate is verified by OpenSSL in the handshake, with the name or the address that was asked for; a common
// name does not count. Nothing raises SIGPIPE.
//
// Thread-safety: one thread at a time. Ownership: owns its socket and keeps its TLS context alive. Errors are kUnavailable
// and say what was being done; a certificate that is not trusted says why.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "plimsoll/base/result.h"
#include "plimsoll/net/patience.h"
#include "plimsoll/tls/openssl_handles.h"

namespace plimsoll::net {

class Connection {
 public:
  // Takes over a connected, non-blocking socket. `peer` names it in messages.
  Connection(int socket, std::string peer);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Client's handshake. `server_name` is whom the certificate must be for, where the context verifies; it is sent as SNI
  // where it is no address.
  Status StartTls(std::shared_ptr<ssl_ctx_st> context, const std::string& server_name,
                  const Patience& patience);
  // True where StartTls failed because of the peer's certificate.
  bool distrusted() const { return !distrust_.empty(); }

  // At least one byte, or 0 where the peer has ended the stream as it should.
  Result<size_t> Read(char* data, size_t size, const Patience& patience);
  // All of it.
  Status Write(std::string_view bytes, const Patience& patience);

  // True while nothing has come since the last Read: what an idle connection must look like. Does not wait.
  bool IsQuiet();

  const ssl_ctx_st* context() const { return context_.get(); }
  const std::string& peer() const { return peer_; }
  // How many bytes the peer may have got.
  uint64_t sent() const { return sent_; }

 private:
  struct Step {
    enum class Kind { kDone, kWantRead, kWantWrite, kEnd, kFailed } kind;
    size_t bytes = 0;
  };
  static int Verify(int trusted, X509_STORE_CTX* store);

  Step TryRead(char* data, size_t size);
  Step TryWrite(std::string_view bytes);
  Step TlsStep(int result);
  void AskWhy();
  tl::unexpected<Error> Failure(const std::string& doing) const;

  int socket_;
  std::string peer_;
  std::shared_ptr<ssl_ctx_st> context_;
  SslPtr ssl_;
  bool broken_ = false;  // not even a goodbye may be sent
  uint64_t sent_ = 0;
  std::string server_name_;
  std::string distrust_;  // why the peer's certificate was refused
  std::string trouble_;   // the last step's own words
};

}  // namespace plimsoll::net
