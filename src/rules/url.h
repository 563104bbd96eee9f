// Takes a URL apart and judges whether people on call can use it: reachable by name, not a placeholder, nothing hidden in it.
//
// Syntax after RFC 3986; what browsers make of IP addresses ("0x7f.1", "2130706433") after the WHATWG URL standard, host
// parser. Host names are compared as lower-cased A-labels without trailing dot (rules/host_name.h). Paths may hold any
// printable UTF-8, as browsers accept it.
//
// Pure, no allocation but for the sentence of a refusal and for a host with letters beyond ASCII.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace plimsoll {

// Browsers and proxies agree on URLs up to about this length; annotations of 256 KiB are no links.
inline constexpr size_t kMaxUrlBytes = 2048;
inline constexpr size_t kMaxHostBytes = 253;  // RFC 1035, without the trailing dot

class Url {
 public:
  enum class HostKind : uint8_t { kName, kIpv4, kIpv6 };

  // What is wrong, as the end of a sentence that begins with "the URL" ("has no host"); "" if nothing.
  static std::string_view Parse(std::string_view text, Url& url);

  std::string_view scheme() const { return {scheme_.data(), scheme_length_}; }  // lower case
  std::string_view host() const {
    return {host_.data(), host_length_};
  }  // lower case, no trailing dot
  HostKind host_kind() const { return host_kind_; }
  bool has_userinfo() const { return has_userinfo_; }
  // Nothing where none is given or it is the scheme's own (443 for https, 80 for http).
  std::optional<uint16_t> port() const { return port_; }
  std::string_view path() const { return path_; }
  std::string_view query() const { return query_; }        // without "?"
  std::string_view fragment() const { return fragment_; }  // without "#"

 private:
  std::string_view ParseScheme(std::string_view text);
  std::string_view ParseAuthority(std::string_view authority);
  std::string_view ParseHost(std::string_view host);
  std::string_view ParsePort(std::string_view port);

  std::array<char, 16> scheme_;
  std::array<char, kMaxHostBytes + 1> host_;
  size_t scheme_length_ = 0;
  size_t host_length_ = 0;
  HostKind host_kind_ = HostKind::kName;
  bool has_userinfo_ = false;
  std::optional<uint16_t> port_;
  std::string_view path_;
  std::string_view query_;
  std::string_view fragment_;
};

struct UrlRequirements {
  const std::vector<std::string>& schemes;
  // Host names or "*.corp.internal", lower case. Empty: any host. A host of one label must be among them.
  const std::vector<std::string>& hosts;
};

enum class UrlGrade : uint8_t {
  kGood,
  kWeak,     // only a site's front page: better than nothing, and no runbook
  kUseless,  // counts as missing
};

struct UrlVerdict {
  UrlGrade grade = UrlGrade::kGood;
  std::string problem;  // as the end of a sentence that begins with "the URL"
};

UrlVerdict JudgeUrl(std::string_view text, const UrlRequirements& requirements);

// "*.corp.internal" matches names below corp.internal, on a label border, not corp.internal itself; anything else matches
// itself. Both sides lower case, without trailing dot.
bool HostMatches(std::string_view pattern, std::string_view host);

// A name that RFC 2606 or RFC 6761 keeps for documentation, tests or the machine itself: nobody can be reached there.
bool IsReservedHost(std::string_view host);

}  // namespace plimsoll
