// LiveTrust: which CAs the API server trusts for the webhook, as the configuration says that it has, and since when. A
// certificate may be served once its CA has been there for as long as API servers need to notice.
//
// Thread-safety: one thread at a time. Time is an argument; a clock that is set back begins the time anew.
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/controllers/webhook_configuration.h"
#include "plimsoll/tls/trust.h"

namespace plimsoll::controllers {

// API servers watch webhook configurations; a watch that broke is back well within this.
inline constexpr std::chrono::seconds kBundleDelay{60};

class LiveTrust {
 public:
  // The configuration as read now; null where there is none.
  void Observe(const WebhookConfiguration* live, Timestamp now);

  // CAs in the bundle of each of our entries, and those in any of them; while there are no entries, what was in any of them
  // last, because it is what replicas serve.
  const std::vector<Certificate>& everywhere() const { return everywhere_; }
  const std::vector<Certificate>& anywhere() const { return anywhere_; }
  // Since when this CA has been everywhere, without a gap as far as we looked; nothing where it is not.
  std::optional<Timestamp> Since(std::string_view sha256) const;
  // Whether each of our entries accepts a server certificate; the error says why one does not.
  Status Accepts(std::string_view chain, const std::string& server_name, Timestamp now) const;

 private:
  std::vector<std::string> bundles_;  // one of each sort
  std::vector<Certificate> everywhere_;
  std::vector<Certificate> anywhere_;
  std::map<std::string, Timestamp, std::less<>> since_;
};

}  // namespace plimsoll::controllers
