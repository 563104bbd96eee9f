// FakeApiServer: an HTTP/1.1 server on a port of its own whose every byte a test decides.
//
// The handler is called for each request, on the thread of its connection, and may answer, dawdle, cut, reset or say nothing.
// Everything that waits ends when the server is destroyed.
//
// Thread-safety: all methods of the server from any thread; an exchange belongs to its handler.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "plimsoll/tls/certificate.h"
#include "plimsoll/tls/openssl_handles.h"

namespace plimsoll::testing {

struct FakeRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string>
      headers;  // names in lower case; the values of equal ones joined by ", "
  std::string body;
  size_t connection = 0;       // which one it came over, from 1
  std::string sni;             // with TLS
  std::string client_subject;  // of the client's certificate, or ""

  std::string Header(const std::string& name) const {
    const auto found = headers.find(name);
    return found == headers.end() ? "" : found->second;
  }
};

struct FakeServerOptions {
  enum class Begin {
    kNormal,
    kPlain,   // also with a certificate: it waits for FakeExchange::StartTls
    kSilent,  // takes connections and says nothing, not even TLS
  };
  std::optional<KeyPairPem> certificate;  // none: plain HTTP
  std::string client_ca;    // PEM; where given, clients must show a certificate it has signed
  int max_tls_version = 0;  // TLS1_2_VERSION
  Begin begin = Begin::kNormal;
};

class FakeConnection;

// What a handler does about one request.
class FakeExchange {
 public:
  FakeExchange(FakeConnection& connection, FakeRequest request)
      : connection_(connection), request_(std::move(request)) {}

  const FakeRequest& request() const { return request_; }

  // An answer with its length. `headers`: "Retry-After: 1\r\n".
  void Answer(int status, std::string_view body, std::string_view headers = "");
  // A metav1.Status.
  void Fail(int status, std::string_view reason, std::string_view message,
            std::string_view headers = "");
  // A chunked answer, piece by piece.
  void BeginChunks(std::string_view headers = "");
  void Chunk(std::string_view piece);
  void EndChunks();
  // Bytes as they are. False if the client has gone.
  bool Send(std::string_view bytes);
  // One byte after the other, each after `pace`, until the client has gone.
  void Dribble(std::string_view bytes, std::chrono::milliseconds pace);

  // Ends the stream as it should be ended; the connection with it.
  void Close();
  // Without a goodbye: the client sees a reset.
  void Reset();
  // From here on the connection speaks TLS: what a proxy's tunnel leads to.
  bool StartTls();
  // Until the client closes the connection, or the server is destroyed.
  void WaitForPeerToGo();

 private:
  FakeConnection& connection_;
  FakeRequest request_;
};

class FakeApiServer {
 public:
  using Handler = std::function<void(FakeExchange&)>;

  explicit FakeApiServer(Handler handler, FakeServerOptions options = {});
  ~FakeApiServer();
  FakeApiServer(const FakeApiServer&) = delete;
  FakeApiServer& operator=(const FakeApiServer&) = delete;

  uint16_t port() const { return port_; }
  // "https://127.0.0.1:port" where there is a certificate, else http.
  std::string url(std::string_view host = "127.0.0.1") const;

  // All requests so far.
  std::vector<FakeRequest> requests() const;
  size_t connections() const;
  // Waits for as many; false after half a minute.
  bool WaitForRequests(size_t count) const;
  bool WaitForConnections(size_t count) const;

 private:
  friend class FakeConnection;
  friend class FakeExchange;
  void Accept();
  void Serve(int socket, size_t number);
  void Note(const FakeRequest& request);

  const Handler handler_;
  const FakeServerOptions options_;
  SslCtxPtr tls_;
  int listener_ = -1;
  uint16_t port_ = 0;

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<FakeRequest> requests_;
  size_t connections_ = 0;
  bool stopping_ = false;
  std::list<int> open_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

// A handler that is another one for each request; beyond the last it answers 599, which no test expects.
FakeApiServer::Handler InOrder(std::vector<FakeApiServer::Handler> handlers);
// The commonest one.
FakeApiServer::Handler Answering(int status, std::string body, std::string headers = "");

}  // namespace plimsoll::testing
