// ServingCheck: shakes hands with our own listener as the API server would: with the service's name, trusting one bundle and
// nothing else. What it proves is what the API server needs: that the certificate served now is trusted by what is live.
//
// Thread-safety: all methods from any thread. Errors: kUnavailable, with the reason of OpenSSL or of the system.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "plimsoll/controllers/ports.h"

namespace plimsoll::kube {

// It is this process that answers.
inline constexpr std::chrono::milliseconds kServingCheckTimeout = std::chrono::seconds(3);

class ServingCheck final : public controllers::ServingCheck {
 public:
  // `host`: an address on which the listener is, "127.0.0.1". `server_name`: "plimsoll-webhook.plimsoll-system.svc".
  ServingCheck(std::string host, uint16_t port, std::string server_name);
  ~ServingCheck() override;

  Status Check(const std::string& ca_bundle) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace plimsoll::kube
