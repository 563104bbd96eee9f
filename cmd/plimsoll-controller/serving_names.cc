#include "serving_names.h"

#include <algorithm>
#include <string_view>

namespace plimsoll::controller {
namespace {

// No name of a host ends in a number or holds a colon (RFC 1123, 2.1), so this tells addresses from names; whether it is
// a good one is seen when the certificate is made.
bool IsAddress(std::string_view text) {
  if (text.find(':') != std::string_view::npos) return true;
  return !text.empty() && text.back() >= '0' && text.back() <= '9' &&
         text.find_first_not_of("0123456789.") == std::string_view::npos;
}

void Add(std::string name, SubjectAltNames& names) {
  std::vector<std::string>& list = IsAddress(name) ? names.ip_addresses : names.dns_names;
  if (std::find(list.begin(), list.end(), name) == list.end()) list.push_back(std::move(name));
}

// "host" of "host:9443" and "::1" of "[::1]:9443".
std::string HostOf(const std::string& listen) {
  std::string host = listen.substr(0, listen.rfind(':'));
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host;
}

}  // namespace

SubjectAltNames ServingNames(const std::string& listen, const std::vector<std::string>& more,
                             const std::string& host_name) {
  SubjectAltNames names{{"localhost"}, {"127.0.0.1", "::1"}};
  const std::string host = HostOf(listen);
  if (!host.empty() && host != "0.0.0.0" && host != "::" && host != "*") Add(host, names);
  if (!host_name.empty()) Add(host_name, names);
  for (const std::string& name : more) Add(name, names);
  return names;
}

}  // namespace plimsoll::controller
