#include "kube/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include "kube/header_text.h"
#include "plimsoll/base/text.h"
#include "plimsoll/kube/base64.h"

namespace plimsoll::kube {
namespace {

struct UrlParts {
  std::string scheme;  // lower case
  std::string_view user_info;
  std::string host;
  std::optional<uint16_t> port;
  std::string_view path;
};

std::string AuthorityOf(const std::string& host, uint16_t port) {
  const std::string digits = std::to_string(port);
  return host.find(':') == std::string::npos ? host + ":" + digits : "[" + host + "]:" + digits;
}

bool IsHostName(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

std::optional<uint16_t> ParsePort(std::string_view text) {
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port == 0) return std::nullopt;
  return port;
}

// "host", "host:port", "[address]:port" into `parts`; false where it is none of them.
bool SplitAuthority(std::string_view authority, UrlParts& parts) {
  std::string_view rest;
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos) return false;
    parts.host = authority.substr(1, close - 1);
    rest = authority.substr(close + 1);
    if (parts.host.find(':') == std::string::npos || !IsIpAddress(parts.host)) return false;
  } else {
    const size_t colon = authority.find(':');
    parts.host = authority.substr(0, colon);
    rest = colon == std::string_view::npos ? std::string_view() : authority.substr(colon);
    if (!IsHostName(parts.host)) return false;
  }
  if (rest.empty()) return true;
  parts.port = ParsePort(rest.substr(1));
  return rest.starts_with(':') && parts.port.has_value();
}

std::optional<UrlParts> SplitUrl(std::string_view url) {
  const size_t separator = url.find("://");
  if (separator == std::string_view::npos || !IsVisibleAscii(url)) return std::nullopt;
  UrlParts parts;
  parts.scheme = ToLowerAscii(url.substr(0, separator));
  std::string_view rest = url.substr(separator + 3);
  const size_t path = rest.find_first_of("/?#");
  if (path != std::string_view::npos) {
    parts.path = rest.substr(path);
    rest = rest.substr(0, path);
  }
  const size_t at = rest.rfind('@');
  if (at != std::string_view::npos) {
    parts.user_info = rest.substr(0, at);
    rest = rest.substr(at + 1);
  }
  if (!SplitAuthority(rest, parts)) return std::nullopt;
  return parts;
}

// For messages: the URL without what may be secret in it.
std::string Harmless(std::string_view url) {
  const size_t at = url.rfind('@');
  const size_t separator = url.find("://");
  std::string text(url);
  if (at != std::string_view::npos) {
    const size_t begin = separator == std::string_view::npos || separator > at ? 0 : separator + 3;
    text = std::string(url.substr(0, begin)) + "***" + std::string(url.substr(at));
  }
  constexpr size_t kMaxShown = 200;
  return SanitizeLine(text, kMaxShown);
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string PercentDecode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && HexDigit(text[i + 1]) >= 0 &&
        HexDigit(text[i + 2]) >= 0) {
      out += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

constexpr uint16_t kHttpsPort = 443;
constexpr uint16_t kHttpPort = 80;

}  // namespace

std::string Endpoint::Authority() const { return AuthorityOf(host, port); }

std::string Endpoint::HostHeader() const {
  if (port != (tls ? kHttpsPort : kHttpPort)) return Authority();
  return host.find(':') == std::string::npos ? host : "[" + host + "]";
}

std::string ProxyEndpoint::Authority() const { return AuthorityOf(host, port); }

bool IsIpAddress(const std::string& host) {
  std::array<char, sizeof(in6_addr)> bytes{};
  return inet_pton(AF_INET, host.c_str(), bytes.data()) == 1 ||
         inet_pton(AF_INET6, host.c_str(), bytes.data()) == 1;
}

Result<Endpoint> ParseServerUrl(std::string_view url) {
  const std::optional<UrlParts> parts = SplitUrl(url);
  if (!parts || (parts->scheme != "https" && parts->scheme != "http")) {
    return Fail(ErrorCode::kInvalidArgument,
                "expected https://host:port, got \"" + Harmless(url) + "\"");
  }
  if (!parts->user_info.empty() || parts->path.find_first_of("?#") != std::string_view::npos) {
    return Fail(ErrorCode::kInvalidArgument,
                "expected https://host:port with nothing but a path behind it, got \"" +
                    Harmless(url) + "\"");
  }
  Endpoint endpoint;
  endpoint.tls = parts->scheme == "https";
  endpoint.host = parts->host;
  endpoint.port = parts->port.value_or(endpoint.tls ? kHttpsPort : kHttpPort);
  endpoint.base_path = parts->path;
  while (endpoint.base_path.ends_with('/')) endpoint.base_path.pop_back();
  return endpoint;
}

Result<ProxyEndpoint> ParseProxyUrl(std::string_view url) {
  const std::optional<UrlParts> parts = SplitUrl(url);
  if (!parts || parts->scheme != "http") {
    return Fail(ErrorCode::kInvalidArgument,
                "expected http://host:port (other kinds of proxy are not supported), got \"" +
                    Harmless(url) + "\"");
  }
  ProxyEndpoint proxy;
  proxy.host = parts->host;
  proxy.port = parts->port.value_or(kHttpPort);
  if (!parts->user_info.empty()) {
    const size_t colon = parts->user_info.find(':');
    const std::string_view password =
        colon == std::string_view::npos ? "" : parts->user_info.substr(colon + 1);
    proxy.authorization = "Basic " + Base64Encode(PercentDecode(parts->user_info.substr(0, colon)) +
                                                  ":" + PercentDecode(password));
  }
  return proxy;
}

}  // namespace plimsoll::kube
