#include "server/worker.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <utility>

#include "plimsoll/tls/reloadable_server_context.h"
#include "server/connection.h"

namespace plimsoll {
namespace {

boost::asio::awaitable<void> RunConnection(std::unique_ptr<Connection> connection) {
  co_await connection->Run();
}

}  // namespace

Worker::Worker(ServerState& state) : state_(state), io_(1) {
  for (const Route& route : state.router.routes()) handlers_.push_back(route.make_handler());
}

Worker::~Worker() = default;

void Worker::Serve(boost::asio::ip::tcp::socket socket, Place place) {
  // Taken now: what is reloaded later is for later handshakes.
  std::shared_ptr<SSL_CTX> tls;
  if (state_.options.tls != nullptr) tls = state_.options.tls->Current();
  auto connection =
      std::make_unique<Connection>(*this, std::move(socket), tls.get(), std::move(place));
  boost::asio::co_spawn(io_, RunConnection(std::move(connection)), boost::asio::detached);
}

std::unique_ptr<Scratch> Worker::TakeScratch() {
  if (spare_.empty()) {
    auto scratch = std::make_unique<Scratch>();
    scratch->input.resize(kInputBytes);
    return scratch;
  }
  std::unique_ptr<Scratch> scratch = std::move(spare_.back());
  spare_.pop_back();
  return scratch;
}

void Worker::GiveBack(std::unique_ptr<Scratch> scratch) {
  if (spare_.size() >= kSpareScratches) return;
  for (std::string* text : {&scratch->body, &scratch->response.body, &scratch->output}) {
    if (text->capacity() > kMaxKeptBytes) *text = std::string();
  }
  spare_.push_back(std::move(scratch));
}

void Worker::Add(Connection& connection) {
  connection.slot = connections_.size();
  connections_.push_back(&connection);
}

void Worker::Remove(Connection& connection) {
  connections_.back()->slot = connection.slot;
  connections_[connection.slot] = connections_.back();
  connections_.pop_back();
}

void Worker::CheckDeadlines() {
  const SteadyClock::time_point now = SteadyClock::now();
  const bool stopping = state_.stopping.load(std::memory_order_relaxed);
  // Then what is idle must end sooner than it was expected to.
  const bool hurried = stopping || state_.draining() || state_.full();
  if (!hurried && now < next_deadline_) return;
  next_deadline_ = SteadyClock::time_point::max();
  for (Connection* connection : connections_) {
    if (stopping) {
      connection->Abort();
    } else {
      Expect(connection->CheckDeadline(now));
    }
  }
}

}  // namespace plimsoll
