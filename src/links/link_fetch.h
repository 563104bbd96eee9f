// Fetch: one GET request for a link, over a connection of its own, to an address that has been looked at.
//
// Thread-safety: a function; the resolver may be shared by threads. Never throws.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "links/address_policy.h"
#include "links/link_schedule.h"
#include "links/page_judge.h"
#include "plimsoll/net/resolver.h"

struct ssl_ctx_st;

namespace plimsoll::links {

// Name, connection and handshake together. People give up on a page sooner.
inline constexpr std::chrono::milliseconds kConnectTimeout{5'000};
// Of everything, and from one byte to the next.
inline constexpr std::chrono::milliseconds kFetchTimeout{20'000};
inline constexpr std::chrono::milliseconds kFetchSilence{10'000};

struct FetchOptions {
  std::string user_agent;
  AddressRules addresses;  // `networks` are the step's
  std::chrono::milliseconds connect_timeout = kConnectTimeout;
  std::chrono::milliseconds timeout = kFetchTimeout;
};

// `tls` is asked for only where the step needs it. `stop` ends it within a second.
PageAnswer Fetch(net::Resolver& resolver, const std::shared_ptr<ssl_ctx_st>& tls,
                 const LinkStep& step, const FetchOptions& options,
                 const std::function<bool()>& stop);

}  // namespace plimsoll::links
