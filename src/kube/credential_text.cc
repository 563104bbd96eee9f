#include "kube/credential_text.h"

#include "kube/header_text.h"
#include "plimsoll/base/text.h"

namespace plimsoll::kube {
namespace {

Status Expect(bool holds, std::string_view message) {
  if (holds) return {};
  return Fail(ErrorCode::kInvalidArgument, std::string(message));
}

Status CheckImpersonation(const Credentials& credentials) {
  if (!IsHeaderText(credentials.impersonate_user)) {
    return Expect(false, "as: expected a user's name without control characters");
  }
  if (!IsHeaderText(credentials.impersonate_uid)) {
    return Expect(false, "as-uid: expected text without control characters");
  }
  for (const std::string& group : credentials.impersonate_groups) {
    if (!IsHeaderText(group) || group.empty()) {
      return Expect(false, "as-groups: expected names without control characters");
    }
  }
  for (const auto& [key, value] : credentials.impersonate_extra) {
    if (key.empty() || !IsHeaderText(value)) {
      return Expect(false, "as-user-extra: expected text without control characters");
    }
  }
  const bool others = !credentials.impersonate_uid.empty() ||
                      !credentials.impersonate_groups.empty() ||
                      !credentials.impersonate_extra.empty();
  return Expect(!others || !credentials.impersonate_user.empty(),
                "as-uid, as-groups and as-user-extra need `as`: the API server refuses them alone");
}

}  // namespace

Result<std::string> TokenFromText(std::string_view text, const std::string& what) {
  const std::string_view token = Trim(text);
  if (IsVisibleAscii(token)) return std::string(token);
  return Fail(
      ErrorCode::kInvalidArgument,
      what + (token.empty() ? ": is empty" : ": expected one line of visible ASCII characters"));
}

Status CheckCredentials(const Credentials& credentials) {
  if (!credentials.token.empty() && !IsVisibleAscii(credentials.token)) {
    return Expect(false, "token: expected one line of visible ASCII characters");
  }
  const bool basic = !credentials.username.empty() || !credentials.password.empty();
  if (credentials.username.find(':') != std::string::npos) {
    return Expect(false, "username: expected no colon");
  }
  if (basic && !(credentials.token.empty() && credentials.token_file.empty())) {
    return Expect(false, "token and username exclude each other: leave one out");
  }
  return CheckImpersonation(credentials);
}

}  // namespace plimsoll::kube
