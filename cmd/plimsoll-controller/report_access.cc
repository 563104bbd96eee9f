#include "report_access.h"

#include <optional>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/kube/access_review.h"
#include "plimsoll/kube/base64.h"
#include "plimsoll/kube/token_review.h"

namespace plimsoll::controller {
namespace {

constexpr std::string_view kGroup = "plimsoll.dev";

}  // namespace

std::string TokenIn(std::string_view authorization) {
  const size_t blank = authorization.find(' ');
  if (blank == std::string_view::npos) return "";
  const std::string_view scheme = authorization.substr(0, blank);
  const std::string_view rest = Trim(authorization.substr(blank + 1));
  std::string token;
  if (EqualsIgnoreCase(scheme, "Bearer")) {
    token = rest;
  } else if (EqualsIgnoreCase(scheme, "Basic")) {
    const std::string pair = kube::Base64Decode(rest).value_or("");
    const size_t colon = pair.find(':');
    if (colon != std::string::npos) token = pair.substr(colon + 1);
  }
  return kube::IsToken(token) ? token : "";
}

ReportAccess::ReportAccess(kube::ApiCaller& api, FactResolver& resolver, Now now)
    : api_(api), resolver_(resolver), now_(std::move(now)) {}

ReportAccess::Answer ReportAccess::MayRead(std::string_view authorization,
                                           const std::vector<std::string_view>& resources) {
  const std::string token = TokenIn(authorization);
  if (token.empty()) return Answer::kNobody;
  std::string key = token;
  for (const std::string_view resource : resources) (key += '\n') += resource;
  {
    const std::lock_guard lock(mutex_);
    if (const Answer* known = answers_.Find(key, now_())) return *known;
  }
  // Too many at once: this one is not asked; the request comes again, and asks again.
  (void)resolver_.Ask(key, [this, key, token,
                            wanted = std::vector<std::string>(resources.begin(), resources.end())] {
    const Answer answer = Ask(token, wanted);
    const auto life = answer == Answer::kUnknown ? kNoReportAnswerLife : kReportAnswerLife;
    const std::lock_guard lock(mutex_);
    answers_.Keep(key, answer, now_() + life);
  });
  return Answer::kPending;
}

ReportAccess::Answer ReportAccess::Ask(const std::string& token,
                                       const std::vector<std::string>& resources) const {
  const auto user = kube::ReviewToken(api_, token, kResolveTimeout);
  if (!user) return Answer::kUnknown;
  const std::optional<kube::TokenUser>& known = *user;
  if (!known) return Answer::kNobody;
  const kube::TokenUser& who = *known;
  for (const std::string& resource : resources) {
    kube::AccessReview review;
    review.user = who.name;
    review.uid = who.uid;
    review.groups = who.groups;
    review.extra = who.extra;
    review.verb = "list";
    review.group = kGroup;
    review.resource = resource;
    const Result<bool> allowed = kube::ReviewAccess(api_, review, kResolveTimeout);
    if (!allowed) return Answer::kUnknown;
    if (!*allowed) return Answer::kDenied;
  }
  return Answer::kAllowed;
}

}  // namespace plimsoll::controller
