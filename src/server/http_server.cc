#include "plimsoll/server/http_server.h"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

#include "server/listen_address.h"
#include "server/listener.h"
#include "server/server_state.h"
#include "server/worker.h"

namespace plimsoll {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;

// How long accepting pauses while there is no place. Those who connect wait in the backlog.
constexpr auto kNoPlacePause = std::chrono::milliseconds(20);
// And after it failed, mostly for want of file descriptors. Also how often the observer is told.
constexpr auto kFailurePause = std::chrono::milliseconds(200);
// Once the server is stopping nothing is worth waiting for.
constexpr auto kStoppingResolution = std::chrono::milliseconds(2);

}  // namespace

class HttpServer::Impl {
 public:
  explicit Impl(HttpServerOptions options) : state(std::move(options)) {}
  ~Impl() {
    Stop();
    threads_.clear();  // joins
  }
  Impl(const Impl&) = delete;
  Impl& operator=(const Impl&) = delete;

  Status Start();
  void BeginDrain();
  void Stop();
  bool WaitUntilStopped(std::optional<std::chrono::milliseconds> timeout) const;
  std::chrono::milliseconds StalledFor() const;

  ServerState state;
  std::string address;
  uint16_t port = 0;

 private:
  // One thread's watch over its deadlines; the first one's also over the drain.
  asio::awaitable<void> Watch(Worker& worker, bool first);
  asio::awaitable<void> Accept();
  asio::awaitable<std::string> AcceptOne();
  Worker& LeastLoaded();
  bool AtCapacity() const;
  void CloseAcceptorWhenDue();
  bool Finished() const;
  void RunThread(Worker& worker);

  std::vector<std::unique_ptr<Worker>> workers_;
  // On the first worker's loop, and used on its thread alone.
  std::optional<tcp::acceptor> acceptor_;
  std::atomic<bool> accepting_{true};

  mutable std::mutex mutex_;
  mutable std::condition_variable stopped_;
  size_t running_ = 0;  // guarded by mutex_
  std::vector<std::jthread> threads_;
};

Status HttpServer::Impl::Start() {
  const size_t threads = std::max<size_t>(1, state.options.threads);
  for (size_t i = 0; i < threads; ++i) workers_.push_back(std::make_unique<Worker>(state));
  Result<tcp::acceptor> acceptor = Listen(workers_[0]->io(), state.options.address);
  if (!acceptor) return tl::unexpected(acceptor.error());
  acceptor_.emplace(*std::move(acceptor));
  const tcp::endpoint bound = acceptor_->local_endpoint();
  port = bound.port();
  address = FormatListenAddress(bound.address().to_string(), port);

  for (const auto& worker : workers_) {
    asio::co_spawn(worker->io(), Watch(*worker, worker == workers_[0]), asio::detached);
  }
  asio::co_spawn(workers_[0]->io(), Accept(), asio::detached);
  running_ = threads;
  for (const auto& worker : workers_) {
    threads_.emplace_back([this, &worker = *worker] { RunThread(worker); });
  }
  return {};
}

void HttpServer::Impl::RunThread(Worker& worker) {
  while (true) {
    try {
      worker.io().run();
      break;
    } catch (const std::exception&) {
      // Out of memory outside any connection: what was to be started is lost, what runs goes on.
    }
  }
  const std::lock_guard lock(mutex_);
  if (--running_ == 0) stopped_.notify_all();
}

std::chrono::milliseconds HttpServer::Impl::StalledFor() const {
  SteadyClock::duration longest{0};
  for (const auto& worker : workers_) {
    longest = std::max(longest,
                       SteadyClock::now() - worker->last_round().load(std::memory_order_relaxed));
  }
  return std::chrono::duration_cast<std::chrono::milliseconds>(longest);
}

// ---- accepting ----

bool HttpServer::Impl::AtCapacity() const {
  const ServerLimits& limits = state.options.limits;
  return state.connections.load(std::memory_order_relaxed) >=
         limits.connections + limits.refusal_connections;
}

Worker& HttpServer::Impl::LeastLoaded() {
  return **std::min_element(workers_.begin(), workers_.end(), [](const auto& a, const auto& b) {
    return a->load().load(std::memory_order_relaxed) < b->load().load(std::memory_order_relaxed);
  });
}

asio::awaitable<void> HttpServer::Impl::Accept() {
  while (acceptor_->is_open()) {
    std::string failure;
    try {
      failure = co_await AcceptOne();
    } catch (const std::exception& error) {
      failure = error.what();
    }
    if (!failure.empty() && state.options.observer != nullptr) {
      state.options.observer->AcceptFailed(failure);
    }
    if (failure.empty() && !AtCapacity()) continue;
    asio::steady_timer pause(workers_[0]->io(), failure.empty() ? kNoPlacePause : kFailurePause);
    co_await pause.async_wait(asio::as_tuple(asio::use_awaitable));
  }
  accepting_.store(false, std::memory_order_release);
}

// Returns what went wrong, "" if nothing did.
asio::awaitable<std::string> HttpServer::Impl::AcceptOne() {
  if (AtCapacity()) co_return "";
  Worker& worker = LeastLoaded();
  auto [ec, socket] =
      co_await acceptor_->async_accept(worker.io(), asio::as_tuple(asio::use_awaitable));
  if (!acceptor_->is_open() || ec == asio::error::connection_aborted) co_return "";
  if (!ec) socket.non_blocking(true, ec);
  if (ec) co_return ec.message();
  boost::system::error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  asio::post(worker.io(),
             [&worker, place = Place(state, worker.load()), peer = std::move(socket)]() mutable {
               worker.Serve(std::move(peer), std::move(place));
             });
  co_return "";
}

// ---- ending ----

asio::awaitable<void> HttpServer::Impl::Watch(Worker& worker, bool first) {
  asio::steady_timer timer(worker.io());
  while (!Finished()) {
    const bool stopping = state.stopping.load(std::memory_order_relaxed);
    timer.expires_after(stopping ? kStoppingResolution : state.options.timeouts.resolution);
    co_await timer.async_wait(asio::as_tuple(asio::use_awaitable));
    worker.CheckDeadlines();
    worker.last_round().store(SteadyClock::now(), std::memory_order_relaxed);
    if (first) CloseAcceptorWhenDue();
  }
}

void HttpServer::Impl::CloseAcceptorWhenDue() {
  if (!acceptor_->is_open()) return;
  const bool due = state.stopping.load(std::memory_order_relaxed) ||
                   (state.draining() &&
                    SteadyClock::now() >= state.DrainTime(state.options.timeouts.drain_accept));
  if (!due) return;
  boost::system::error_code ignored;
  acceptor_->close(ignored);
}

bool HttpServer::Impl::Finished() const {
  return !accepting_.load(std::memory_order_acquire) &&
         state.connections.load(std::memory_order_acquire) == 0;
}

void HttpServer::Impl::BeginDrain() {
  SteadyClock::rep not_yet = 0;
  state.draining_since.compare_exchange_strong(not_yet,
                                               SteadyClock::now().time_since_epoch().count());
}

void HttpServer::Impl::Stop() { state.stopping.store(true, std::memory_order_relaxed); }

bool HttpServer::Impl::WaitUntilStopped(std::optional<std::chrono::milliseconds> timeout) const {
  std::unique_lock lock(mutex_);
  const auto stopped = [this] { return running_ == 0; };
  if (timeout) return stopped_.wait_for(lock, *timeout, stopped);
  stopped_.wait(lock, stopped);
  return true;
}

// ---- the outside ----

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
HttpServer::~HttpServer() = default;

Result<std::unique_ptr<HttpServer>> HttpServer::Start(HttpServerOptions options) {
  auto impl = std::make_unique<Impl>(std::move(options));
  if (const Status status = impl->Start(); !status) return tl::unexpected(status.error());
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

uint16_t HttpServer::port() const { return impl_->port; }
const std::string& HttpServer::address() const { return impl_->address; }
std::chrono::milliseconds HttpServer::stalled_for() const { return impl_->StalledFor(); }
size_t HttpServer::connections() const {
  return impl_->state.connections.load(std::memory_order_relaxed);
}
void HttpServer::BeginDrain() { impl_->BeginDrain(); }
bool HttpServer::draining() const { return impl_->state.draining(); }
void HttpServer::Stop() { impl_->Stop(); }
bool HttpServer::WaitUntilStopped(std::chrono::milliseconds timeout) const {
  return impl_->WaitUntilStopped(timeout);
}
void HttpServer::Drain() {
  impl_->BeginDrain();
  impl_->WaitUntilStopped(std::nullopt);
}

}  // namespace plimsoll
