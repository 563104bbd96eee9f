#include "server/listen_address.h"

#include <charconv>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr size_t kMaxShown = 100;

auto BadAddress(std::string_view text, std::string_view why) {
  return Fail(ErrorCode::kInvalidArgument,
              "listen address \"" + SanitizeLine(text, kMaxShown) + "\": " + std::string(why) +
                  "; expected HOST:PORT such as 127.0.0.1:9443, [::1]:9443 or :9443");
}

}  // namespace

Result<ListenAddress> ParseListenAddress(std::string_view text) {
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return BadAddress(text, "no port");
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  if (!host.empty() && host.front() == '[') {
    if (host.back() != ']') return BadAddress(text, "\"[\" without \"]\"");
    host = host.substr(1, host.size() - 2);
    if (host.empty()) return BadAddress(text, "nothing between \"[\" and \"]\"");
  } else if (host.find(':') != std::string_view::npos) {
    return BadAddress(text, "an IPv6 address needs brackets");
  }
  ListenAddress address{.host = std::string(host), .port = 0};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), address.port);
  if (port.empty() || error != std::errc() || end != port.data() + port.size()) {
    return BadAddress(text, "the port is not a number from 0 to 65535");
  }
  return address;
}

std::string FormatListenAddress(std::string_view host, uint16_t port) {
  const bool v6 = host.find(':') != std::string_view::npos;
  return (v6 ? "[" + std::string(host) + "]" : std::string(host)) + ":" + std::to_string(port);
}

}  // namespace plimsoll
