// Conversation: one request, asked until there is an answer to hand on: again with new credentials after 401, again after
// 429 and 5xx where the server says when.
//
// Thread-safety: one thread. Ownership: everything given must outlive it.
#pragma once

#include <functional>
#include <random>
#include <string>
#include <string_view>

#include "kube/transport.h"
#include "plimsoll/base/result.h"
#include "plimsoll/kube/api_client.h"
#include "plimsoll/net/http_exchange.h"
#include "plimsoll/net/patience.h"

namespace plimsoll::kube {

class Conversation {
 public:
  // `overall` holds for all of it; until a success is announced each attempt has the request's timeout besides.
  Conversation(Transport& transport, const ApiClientOptions& options, const ApiRequest& request,
               const net::Patience& overall);

  // `take` gets the body of a success in pieces; false ends the conversation, which is no error: see ended_by_caller. The
  // status of the success.
  Result<int> Run(const std::function<bool(std::string_view)>& take);

  bool ended_by_caller() const { return ended_by_caller_; }

 private:
  // One answer, whatever it says.
  Status Ask(const std::function<bool(std::string_view)>& take);
  Status AskOnce(const Identity& identity, const std::function<bool(std::string_view)>& take);
  // False where there is no point in waiting.
  bool WaitToAskAgain(const Error& error, int retries);
  bool Pause(std::chrono::milliseconds wait) const;
  Error Named(const Error& error) const;

  Transport& transport_;
  const ApiClientOptions& options_;
  const ApiRequest& request_;
  const net::Patience& overall_;
  const std::string name_;  // "GET /api/v1/pods"
  std::mt19937_64 random_;

  net::HttpHead head_;
  std::string error_body_;
  bool ended_by_caller_ = false;
  bool identity_renewed_ = false;
};

}  // namespace plimsoll::kube
