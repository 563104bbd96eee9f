#include "plimsoll/tls/openssl_error.h"

#include <openssl/err.h>

#include <array>

namespace plimsoll {

tl::unexpected<Error> OpenSslFailure(ErrorCode code, std::string_view what) {
  std::string message(what);
  // The oldest entry is the cause; the later ones are its consequences on the way up. Both help whoever searches.
  std::string_view separator = ": ";
  const char* data = nullptr;
  int flags = 0;
  while (const unsigned long entry = ERR_get_error_all(nullptr, nullptr, nullptr, &data, &flags)) {
    std::array<char, 256> text{};
    ERR_error_string_n(entry, text.data(), text.size());
    message.append(separator).append(text.data());
    if ((flags & ERR_TXT_STRING) != 0 && data != nullptr && *data != '\0') {
      message.append(" (").append(data).append(")");
    }
    separator = "; ";
  }
  return Fail(code, std::move(message));
}

}  // namespace plimsoll
