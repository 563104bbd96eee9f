#include "server/listener.h"

#include <algorithm>
#include <boost/asio/ip/v6_only.hpp>
#include <optional>
#include <utility>
#include <vector>

#include "server/listen_address.h"

namespace plimsoll {
namespace {

using boost::asio::ip::tcp;
using boost::system::error_code;

// The kernel cuts it to net.core.somaxconn. A short one makes clients in a burst wait a second for their second SYN.
constexpr int kBacklog = 4096;

Result<tcp::acceptor> ListenOn(boost::asio::io_context& io, const tcp::endpoint& endpoint,
                               bool both_families, const std::string& shown) {
  tcp::acceptor acceptor(io);
  error_code ec;
  acceptor.open(endpoint.protocol(), ec);
  if (!ec) acceptor.set_option(tcp::acceptor::reuse_address(true), ec);
  if (!ec && endpoint.protocol() == tcp::v6()) {
    acceptor.set_option(boost::asio::ip::v6_only(!both_families), ec);
  }
  if (!ec) acceptor.bind(endpoint, ec);
  if (!ec) acceptor.listen(kBacklog, ec);
  if (ec) return Fail(ErrorCode::kUnavailable, "cannot listen on " + shown + ": " + ec.message());
  return acceptor;
}

}  // namespace

Result<tcp::acceptor> Listen(boost::asio::io_context& io, const std::string& address) {
  const Result<ListenAddress> parsed = ParseListenAddress(address);
  if (!parsed) return tl::unexpected(parsed.error());
  if (parsed->host.empty()) {
    Result<tcp::acceptor> both = ListenOn(io, {tcp::v6(), parsed->port}, true, address);
    if (both) return both;
    // A machine without IPv6. Where IPv6 is there and the port is taken, IPv4 says so too.
    return ListenOn(io, {tcp::v4(), parsed->port}, false, address);
  }
  error_code ec;
  tcp::resolver resolver(io);
  const auto found = resolver.resolve(parsed->host, std::to_string(parsed->port),
                                      tcp::resolver::numeric_service, ec);
  if (ec || found.empty()) {
    return Fail(ErrorCode::kInvalidArgument,
                "cannot listen on " + address + ": no such host: " + ec.message());
  }
  std::vector<tcp::endpoint> endpoints(found.begin(), found.end());
  std::stable_partition(endpoints.begin(), endpoints.end(),
                        [](const tcp::endpoint& e) { return e.address().is_v4(); });
  std::optional<Error> first_error;
  for (const tcp::endpoint& endpoint : endpoints) {
    Result<tcp::acceptor> acceptor = ListenOn(io, endpoint, false, address);
    if (acceptor) return acceptor;
    if (!first_error) first_error = acceptor.error();
  }
  return tl::unexpected(*first_error);
}

}  // namespace plimsoll
