// Binds and listens.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <string>

#include "plimsoll/base/result.h"

namespace plimsoll {

// `address` is HOST:PORT. Of a name's addresses the first that can be bound, IPv4 before IPv6; an empty host is every
// address of both families. SO_REUSEADDR only: SO_REUSEPORT would let a second server start and share the traffic.
Result<boost::asio::ip::tcp::acceptor> Listen(boost::asio::io_context& io,
                                              const std::string& address);

}  // namespace plimsoll
