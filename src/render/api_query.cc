#include "render/api_query.h"

#include <charconv>

#include "plimsoll/base/text.h"
#include "plimsoll/render/report_api.h"

namespace plimsoll {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
// Names of services and owners, as records hold them, and room.
constexpr size_t kMaxKeyBytes = 2048;

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

std::optional<char> HexByte(std::string_view two) {
  if (two.size() < 2) return std::nullopt;
  const auto high = HexDigit(two[0]);
  const auto low = HexDigit(two[1]);
  if (!high || !low) return std::nullopt;
  return static_cast<char>(*high * 16 + *low);
}

std::optional<std::string> Decode(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i] == '+' ? ' ' : text[i];
      continue;
    }
    const auto byte = HexByte(text.substr(i + 1, 2));
    if (!byte) return std::nullopt;
    out += *byte;
    i += 2;
  }
  return out;
}

std::optional<std::string> KeyOf(std::string_view hex) {
  if (hex.size() % 2 != 0 || hex.size() > 2 * kMaxKeyBytes) return std::nullopt;
  std::string key;
  for (size_t i = 0; i < hex.size(); i += 2) {
    const auto byte = HexByte(hex.substr(i, 2));
    if (!byte) return std::nullopt;
    key += *byte;
  }
  return key;
}

std::optional<size_t> LimitIn(std::string_view text) {
  size_t limit = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), limit);
  const bool all = error == std::errc() && end == text.data() + text.size();
  if (!all || limit < 1 || limit > kMaxApiLimit) return std::nullopt;
  return limit;
}

Status Refuse(std::string message) { return Fail(ErrorCode::kInvalidArgument, std::move(message)); }

Status Take(std::string_view name, std::string value, ApiQuery& query) {
  if (name == "limit") {
    const auto limit = LimitIn(value);
    if (!limit) return Refuse("limit: expected a number from 1 to " + std::to_string(kMaxApiLimit));
    query.limit = *limit;
  } else if (name == "continue") {
    auto key = KeyOf(value);
    if (!key) return Refuse("continue: expected what the page before said in metadata.continue");
    query.after = *std::move(key);
  } else if (name == "owner") {
    query.owner = std::move(value);
  } else if (name == "namespace") {
    query.namespace_name = std::move(value);
  } else if (name == "state") {
    query.state = ParseReadinessState(value);
    if (!query.state) return Refuse("state: expected Ready, NotReady, Waived or Blocked");
  } else {
    return Refuse("\"" + SanitizeLine(std::string(name), 40) +
                  "\": expected limit, continue, owner, namespace or state");
  }
  return {};
}

}  // namespace

Result<ApiQuery> ParseApiQuery(std::string_view query) {
  ApiQuery out;
  out.limit = kDefaultApiLimit;
  for (const std::string_view pair : Split(query, '&')) {
    if (pair.empty()) continue;
    const size_t equals = pair.find('=');
    const auto name = Decode(pair.substr(0, equals));
    auto value = equals == std::string_view::npos ? std::optional<std::string>("")
                                                  : Decode(pair.substr(equals + 1));
    if (!name || !value) {
      return Fail(ErrorCode::kInvalidArgument,
                  "the query: expected %XX, with two hexadecimal digits");
    }
    if (Status taken = Take(*name, *std::move(value), out); !taken) {
      return tl::unexpected(taken.error());
    }
  }
  return out;
}

std::string ContinueAfter(std::string_view key) {
  std::string hex;
  for (const char c : key.substr(0, kMaxKeyBytes)) {
    hex += kHex[static_cast<unsigned char>(c) >> 4U];
    hex += kHex[static_cast<unsigned char>(c) & 0xFU];
  }
  return hex;
}

}  // namespace plimsoll
