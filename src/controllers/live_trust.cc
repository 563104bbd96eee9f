#include "plimsoll/controllers/live_trust.h"

#include <algorithm>
#include <utility>

namespace plimsoll::controllers {
namespace {

bool Holds(const std::vector<Certificate>& certificates, const Certificate& wanted) {
  return std::any_of(certificates.begin(), certificates.end(), [&](const Certificate& have) {
    return have.info.sha256 == wanted.info.sha256;
  });
}

}  // namespace

void LiveTrust::Observe(const WebhookConfiguration* live, Timestamp now) {
  std::vector<std::string> bundles;
  for (const Webhook& webhook : live == nullptr ? std::vector<Webhook>{} : live->webhooks) {
    if (!IsOurWebhook(webhook.name)) continue;
    if (std::find(bundles.begin(), bundles.end(), webhook.ca_bundle) == bundles.end()) {
      bundles.push_back(webhook.ca_bundle);
    }
  }
  if (bundles != bundles_) {
    bundles_ = std::move(bundles);
    if (!bundles_.empty()) anywhere_.clear();
    everywhere_.clear();
    bool first = true;
    for (const std::string& bundle : bundles_) {
      // What cannot be read is trusted by nobody.
      const std::vector<Certificate> found =
          SplitCertificates(bundle).value_or(std::vector<Certificate>{});
      if (first) everywhere_ = found;
      first = false;
      std::erase_if(everywhere_, [&](const Certificate& one) { return !Holds(found, one); });
      for (const Certificate& one : found) {
        if (!Holds(anywhere_, one)) anywhere_.push_back(one);
      }
    }
  }
  std::map<std::string, Timestamp, std::less<>> since;
  for (const Certificate& one : everywhere_) {
    const std::optional<Timestamp> before = Since(one.info.sha256);
    since[one.info.sha256] = before ? std::min(*before, now) : now;
  }
  since_ = std::move(since);
}

std::optional<Timestamp> LiveTrust::Since(std::string_view sha256) const {
  const auto found = since_.find(sha256);
  return found == since_.end() ? std::nullopt : std::optional<Timestamp>(found->second);
}

Status LiveTrust::Accepts(std::string_view chain, const std::string& server_name,
                          Timestamp now) const {
  if (bundles_.empty()) {
    return Fail(ErrorCode::kUnavailable, "the webhook configuration has no entry of ours");
  }
  for (const std::string& bundle : bundles_) {
    Status accepted = VerifyServerCertificate(chain, bundle, server_name, now);
    if (!accepted) return accepted;
  }
  return {};
}

}  // namespace plimsoll::controllers
