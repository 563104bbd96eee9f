#include "tests/fakes/fake_api_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <csignal>
#include <cstdlib>

#include "plimsoll/base/text.h"
#include "plimsoll/tls/x509_text.h"

namespace plimsoll::testing {
namespace {

// A test that hangs fails instead.
constexpr timeval kPatience{30, 0};

// The client's own promise not to raise SIGPIPE is tested in the same process, so the signal is blocked here alone.
void BlockSigpipe() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGPIPE);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

SslCtxPtr ServerContext(const FakeServerOptions& options) {
  SslCtxPtr context(SSL_CTX_new(TLS_server_method()));
  const auto chain = CertificatesFromPem(options.certificate->certificate);
  const auto key = PrivateKeyFromPem(options.certificate->private_key);
  if (!chain || !key || SSL_CTX_use_certificate(context.get(), chain->front().get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key->get()) != 1) {
    std::abort();
  }
  if (options.max_tls_version != 0) {
    SSL_CTX_set_max_proto_version(context.get(), options.max_tls_version);
  }
  if (!options.client_ca.empty()) {
    const auto authorities = CertificatesFromPem(options.client_ca);
    if (!authorities) std::abort();
    for (const X509Ptr& authority : *authorities) {
      X509_STORE_add_cert(SSL_CTX_get_cert_store(context.get()), authority.get());
    }
    X509_VERIFY_PARAM_set_purpose(SSL_CTX_get0_param(context.get()), X509_PURPOSE_ANY);
    SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
    SSL_CTX_set_session_id_context(context.get(), reinterpret_cast<const unsigned char*>("t"), 1);
  }
  return context;
}

std::string_view ReasonPhrase(int status) { return status < 300 ? "OK" : "Not so"; }

std::string Head(int status, std::string_view headers) {
  return "HTTP/1.1 " + std::to_string(status) + " " + std::string(ReasonPhrase(status)) +
         "\r\nContent-Type: application/json\r\n" + std::string(headers);
}

}  // namespace

// One connection: blocking, on a thread of its own.
class FakeConnection {
 public:
  FakeConnection(FakeApiServer& server, int socket, size_t number)
      : server_(server), socket_(socket), number_(number) {}

  int socket() const { return socket_; }
  bool open() const { return open_; }

  bool StartTls(SSL_CTX* context) {
    ssl_.reset(SSL_new(context));
    SSL_set_fd(ssl_.get(), socket_);
    return SSL_accept(ssl_.get()) == 1;
  }

  bool Send(std::string_view bytes) {
    while (open_ && !bytes.empty()) {
      const ssize_t sent = ssl_ != nullptr
                               ? SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size()))
                               : ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) open_ = false;
      if (sent > 0) bytes.remove_prefix(static_cast<size_t>(sent));
    }
    return open_;
  }

  std::optional<FakeRequest> Read() {
    size_t end = 0;
    while ((end = buffer_.find("\r\n\r\n")) == std::string::npos) {
      if (!Fill()) return std::nullopt;
    }
    FakeRequest request = Parse(buffer_.substr(0, end));
    buffer_.erase(0, end + 4);
    const size_t size = std::strtoul(request.Header("content-length").c_str(), nullptr, 10);
    while (buffer_.size() < size) {
      if (!Fill()) return std::nullopt;
    }
    request.body = buffer_.substr(0, size);
    buffer_.erase(0, size);
    return request;
  }

  void Close() {
    if (ssl_ != nullptr && open_) SSL_shutdown(ssl_.get());
    ::shutdown(socket_, SHUT_WR);
    open_ = false;
  }

  void Reset() {
    const linger now{1, 0};
    ::setsockopt(socket_, SOL_SOCKET, SO_LINGER, &now, sizeof(now));
    open_ = false;
  }

  void WaitForPeerToGo() {
    std::array<char, 1024> ignored{};
    while (::recv(socket_, ignored.data(), ignored.size(), 0) > 0) continue;
    open_ = false;
  }

 private:
  bool Fill() {
    std::array<char, 16384> piece{};
    const ssize_t got = ssl_ != nullptr
                            ? SSL_read(ssl_.get(), piece.data(), static_cast<int>(piece.size()))
                            : ::recv(socket_, piece.data(), piece.size(), 0);
    if (got > 0) buffer_.append(piece.data(), static_cast<size_t>(got));
    return got > 0;
  }

  FakeRequest Parse(const std::string& head) const {
    FakeRequest request;
    request.connection = number_;
    const std::vector<std::string_view> lines = Split(head, '\n');
    const std::vector<std::string_view> words = Split(lines[0], ' ');
    request.method = words[0];
    if (words.size() > 1) request.target = words[1];
    for (size_t i = 1; i < lines.size(); ++i) {
      const size_t colon = lines[i].find(':');
      if (colon == std::string_view::npos) continue;
      std::string& value = request.headers[ToLowerAscii(lines[i].substr(0, colon))];
      if (!value.empty()) value += ", ";
      value += Trim(lines[i].substr(colon + 1));
    }
    if (ssl_ != nullptr) {
      const char* name = SSL_get_servername(ssl_.get(), TLSEXT_NAMETYPE_host_name);
      if (name != nullptr) request.sni = name;
      const X509Ptr client(SSL_get1_peer_certificate(ssl_.get()));
      if (client != nullptr) {
        const auto pem = ToPem(*client);
        if (pem) request.client_subject = InspectCertificate(*pem)->subject;
      }
    }
    return request;
  }

  friend class FakeExchange;
  FakeApiServer& server_;
  int socket_;
  size_t number_;
  SslPtr ssl_;
  std::string buffer_;
  bool open_ = true;
};

// ---- exchanges ----

bool FakeExchange::Send(std::string_view bytes) { return connection_.Send(bytes); }
void FakeExchange::Close() { connection_.Close(); }
void FakeExchange::Reset() { connection_.Reset(); }
void FakeExchange::WaitForPeerToGo() { connection_.WaitForPeerToGo(); }
bool FakeExchange::StartTls() { return connection_.StartTls(connection_.server_.tls_.get()); }

void FakeExchange::Answer(int status, std::string_view body, std::string_view headers) {
  Send(Head(status, headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
       std::string(body));
}

void FakeExchange::Fail(int status, std::string_view reason, std::string_view message,
                        std::string_view headers) {
  std::string body = R"({"kind":"Status","apiVersion":"v1","status":"Failure","message":)";
  AppendJsonString(message, body);
  body += R"(,"reason":)";
  AppendJsonString(reason, body);
  Answer(status, body + ",\"code\":" + std::to_string(status) + "}", headers);
}

void FakeExchange::BeginChunks(std::string_view headers) {
  Send(Head(200, headers) + "Transfer-Encoding: chunked\r\n\r\n");
}

void FakeExchange::Chunk(std::string_view piece) {
  std::array<char, 32> size{};
  std::snprintf(size.data(), size.size(), "%zx\r\n", piece.size());
  Send(std::string(size.data()) + std::string(piece) + "\r\n");
}

void FakeExchange::EndChunks() { Send("0\r\n\r\n"); }

void FakeExchange::Dribble(std::string_view bytes, std::chrono::milliseconds pace) {
  for (const char byte : bytes) {
    // The pace is what is tested; a client that hangs up ends it early.
    pollfd entry{connection_.socket(), POLLRDHUP, 0};
    if (::poll(&entry, 1, static_cast<int>(pace.count())) > 0) return;
    if (!Send({&byte, 1})) return;
  }
}

// ---- the server ----

FakeApiServer::FakeApiServer(Handler handler, FakeServerOptions options)
    : handler_(std::move(handler)), options_(std::move(options)) {
  if (options_.certificate) tls_ = ServerContext(options_);
  listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  if (::bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0 ||
      ::listen(listener_, 64) != 0 ||
      ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    std::abort();
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread([this] { Accept(); });
}

FakeApiServer::~FakeApiServer() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }
  ::shutdown(listener_, SHUT_RDWR);  // ends accept
  acceptor_.join();
  for (std::thread& thread : threads_) thread.join();
  ::close(listener_);
}

std::string FakeApiServer::url(std::string_view host) const {
  return (tls_ != nullptr ? "https://" : "http://") + std::string(host) + ":" +
         std::to_string(port_);
}

void FakeApiServer::Accept() {
  BlockSigpipe();
  while (true) {
    const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    const std::lock_guard lock(mutex_);
    if (socket < 0 || stopping_) {
      if (socket >= 0) ::close(socket);
      return;
    }
    ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &kPatience, sizeof(kPatience));
    ::setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &kPatience, sizeof(kPatience));
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
    open_.push_back(socket);
    const size_t number = ++connections_;
    changed_.notify_all();
    threads_.emplace_back([this, socket, number] { Serve(socket, number); });
  }
}

void FakeApiServer::Serve(int socket, size_t number) {
  BlockSigpipe();
  {
    FakeConnection connection(*this, socket, number);
    const bool tls = tls_ != nullptr && options_.begin == FakeServerOptions::Begin::kNormal;
    if (options_.begin == FakeServerOptions::Begin::kSilent) {
      connection.WaitForPeerToGo();
    } else if (!tls || connection.StartTls(tls_.get())) {
      while (connection.open()) {
        std::optional<FakeRequest> request = connection.Read();
        if (!request) break;
        Note(*request);
        FakeExchange exchange(connection, *std::move(request));
        handler_(exchange);
      }
    }
  }
  const std::lock_guard lock(mutex_);
  open_.remove(socket);
  ::close(socket);
}

void FakeApiServer::Note(const FakeRequest& request) {
  const std::lock_guard lock(mutex_);
  requests_.push_back(request);
  changed_.notify_all();
}

std::vector<FakeRequest> FakeApiServer::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

size_t FakeApiServer::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

bool FakeApiServer::WaitForRequests(size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(kPatience.tv_sec),
                           [&] { return requests_.size() >= count; });
}

bool FakeApiServer::WaitForConnections(size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(kPatience.tv_sec),
                           [&] { return connections_ >= count; });
}

FakeApiServer::Handler InOrder(std::vector<FakeApiServer::Handler> handlers) {
  auto next = std::make_shared<std::atomic<size_t>>(0);
  return [handlers = std::move(handlers), next](FakeExchange& exchange) {
    const size_t index = (*next)++;
    if (index < handlers.size()) {
      handlers[index](exchange);
    } else {
      exchange.Fail(599, "Unscripted", "the test has no answer to " + exchange.request().target);
    }
  };
}

FakeApiServer::Handler Answering(int status, std::string body, std::string headers) {
  return [=](FakeExchange& exchange) { exchange.Answer(status, body, headers); };
}

}  // namespace plimsoll::testing
