#include "links/link_fetch.h"

#include <netinet/in.h>
#include <sys/socket.h>

#include <algorithm>
#include <cstring>
#include <exception>
#include <optional>
#include <utility>
#include <vector>

#include "plimsoll/base/text.h"
#include "plimsoll/net/connect.h"
#include "plimsoll/net/connection.h"
#include "plimsoll/net/http_exchange.h"
#include "plimsoll/net/patience.h"

namespace plimsoll::links {
namespace {

constexpr size_t kShownBytes = 200;

// Nothing where it is of a family that we do not know.
std::optional<IpAddress> AddressOf(const net::SocketAddress& socket_address) {
  if (socket_address.family() == AF_INET) {
    sockaddr_in v4{};
    std::memcpy(&v4, &socket_address.storage, sizeof(v4));
    return IpAddress::V4(ntohl(v4.sin_addr.s_addr));
  }
  if (socket_address.family() == AF_INET6) {
    sockaddr_in6 v6{};
    std::memcpy(&v6, &socket_address.storage, sizeof(v6));
    IpAddress::Bytes bytes{};
    static_assert(sizeof(v6.sin6_addr) == sizeof(bytes));
    std::memcpy(bytes.data(), &v6.sin6_addr, bytes.size());
    return IpAddress(bytes);
  }
  return std::nullopt;
}

PageAnswer Unreachable(const Error& error, const net::Patience& patience) {
  PageAnswer answer;
  answer.kind = patience.stopped() ? PageAnswer::Kind::kStopped : PageAnswer::Kind::kUnreachable;
  answer.why = "cannot be reached: " + SanitizeLine(error.message, kShownBytes);
  return answer;
}

// Leaves those that may be asked. What is said where none is left; "" otherwise.
std::string KeepAllowed(std::vector<net::SocketAddress>& addresses, const AddressRules& rules) {
  std::string refused;
  std::erase_if(addresses, [&](const net::SocketAddress& socket_address) {
    const std::optional<IpAddress> address = AddressOf(socket_address);
    const std::string_view why =
        address ? WhyNotAsked(*address, rules) : std::string_view("an address of another kind");
    if (why.empty()) return false;
    refused = "its host is at " + (address ? FormatIpAddress(*address) : std::string("?")) +
              ", which is " + std::string(why);
    return true;
  });
  return addresses.empty() ? refused : std::string();
}

net::HttpRequest RequestFor(const LinkStep& step, const FetchOptions& options) {
  net::HttpRequest request;
  request.method = "GET";
  request.target = step.asked.target;
  request.headers = {{"Host", step.asked.Authority()},
                     {"User-Agent", options.user_agent},
                     {"Accept", "text/html,application/xhtml+xml,text/*;q=0.9,*/*;q=0.5"},
                     {"Accept-Encoding", "identity"},
                     {"Connection", "close"}};
  if (!step.etag.empty()) request.headers.emplace_back("If-None-Match", step.etag);
  if (!step.last_modified.empty()) {
    request.headers.emplace_back("If-Modified-Since", step.last_modified);
  }
  return request;
}

PageAnswer Ask(net::Connection& connection, const LinkStep& step, const FetchOptions& options,
               net::Patience& patience) {
  PageAnswer answer;
  const auto on_head = [&](const net::HttpHead& head) {
    answer.kind = PageAnswer::Kind::kAnswered;
    answer.status = head.status;
    answer.location = head.location;
    answer.etag = head.etag;
    answer.last_modified = head.last_modified;
    answer.content_type = head.content_type;
    answer.retry_after = head.retry_after;
    // Bodies of other answers say nothing that we ask for; a 304 has none, whatever its length says.
    return head.status / 100 == 2;
  };
  const auto on_body = [&](std::string_view piece) {
    answer.body.append(piece.substr(0, kMaxBodyBytes - answer.body.size()));
    return answer.body.size() < kMaxBodyBytes;
  };
  const net::HttpExchange exchange =
      net::Exchange(connection, RequestFor(step, options), patience, on_head, on_body);
  if (patience.stopped()) answer.kind = PageAnswer::Kind::kStopped;
  if (exchange.complete && answer.status == 0) {
    answer.kind = PageAnswer::Kind::kAnswered;  // a 204 calls neither
    answer.status = exchange.head.status;
  }
  // A page that breaks off, or comes compressed though nobody asked for that, is none that we can judge.
  if (!exchange.complete && !exchange.ended_by_caller &&
      answer.kind == PageAnswer::Kind::kAnswered) {
    answer.kind = PageAnswer::Kind::kUnreachable;
  }
  if (answer.kind == PageAnswer::Kind::kUnreachable) {
    answer.why = "cannot be read: " + SanitizeLine(exchange.error.message, kShownBytes);
  }
  return answer;
}

}  // namespace

PageAnswer Fetch(net::Resolver& resolver, const std::shared_ptr<ssl_ctx_st>& tls,
                 const LinkStep& step, const FetchOptions& options,
                 const std::function<bool()>& stop) {
  net::Patience patience = net::Patience::For(options.timeout);
  patience.stop = &stop;
  patience.silence = kFetchSilence;
  const net::Patience connecting = patience.AtMost(options.connect_timeout);
  const LinkParts& asked = step.asked;
  try {
    Result<std::vector<net::SocketAddress>> addresses =
        resolver.Resolve(asked.host, asked.port, connecting);
    if (!addresses) return Unreachable(addresses.error(), patience);
    AddressRules rules = options.addresses;
    rules.networks = step.networks;
    std::string refused = KeepAllowed(*addresses, rules);
    if (!refused.empty()) {
      PageAnswer answer;
      answer.kind = PageAnswer::Kind::kRefused;
      answer.why = std::move(refused);
      return answer;
    }
    const Result<int> socket = net::ConnectAny(*addresses, asked.Authority(), connecting);
    if (!socket) return Unreachable(socket.error(), patience);
    net::Connection connection(*socket, asked.Authority());
    if (asked.tls) {
      const Status status = connection.StartTls(tls, asked.host, connecting);
      if (!status) return Unreachable(status.error(), patience);
    }
    return Ask(connection, step, options, patience);
  } catch (const std::exception& error) {  // memory
    return Unreachable({ErrorCode::kInternal, error.what(), {}}, patience);
  }
}

}  // namespace plimsoll::links
