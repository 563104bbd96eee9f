// Endpoint: a URL taken apart, as far as connecting needs it.
//
// Thread-safety: value types, pure functions. Errors name neither user nor password of a URL.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "plimsoll/base/result.h"

namespace plimsoll::kube {

struct Endpoint {
  bool tls = true;
  std::string host;  // a name, or an address without brackets
  uint16_t port = 0;
  std::string base_path;  // "" or "/k8s/clusters/c-1": goes before every path

  // "[::1]:6443": for CONNECT and messages.
  std::string Authority() const;
  // The same without the port where it is the scheme's own.
  std::string HostHeader() const;
  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

struct ProxyEndpoint {
  std::string host;
  uint16_t port = 0;
  std::string authorization;  // the value of Proxy-Authorization, or ""

  std::string Authority() const;
  friend bool operator==(const ProxyEndpoint&, const ProxyEndpoint&) = default;
};

// "https://10.0.0.1:6443/base" or "http://...".
Result<Endpoint> ParseServerUrl(std::string_view url);
// "http://[user:password@]proxy[:port]": HTTP proxies that know CONNECT.
Result<ProxyEndpoint> ParseProxyUrl(std::string_view url);

// True for "10.0.0.1" and "fd00::1".
bool IsIpAddress(const std::string& host);

}  // namespace plimsoll::kube
