#include "kube/header_text.h"

#include <algorithm>

#include "plimsoll/base/text.h"

namespace plimsoll::kube {

bool IsVisibleAscii(std::string_view text) {
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

bool IsHeaderText(std::string_view text) {
  const auto is_control = [](char c) {
    return (static_cast<unsigned char>(c) < 0x20) || c == 0x7F;
  };
  return Trim(text).size() == text.size() && std::none_of(text.begin(), text.end(), is_control) &&
         IsValidUtf8(text);
}

bool IsRequestTarget(std::string_view text) {
  return text.starts_with('/') && IsVisibleAscii(text) && text.find('#') == std::string_view::npos;
}

}  // namespace plimsoll::kube
