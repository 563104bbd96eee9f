// CertificateKeeper: keeps the listener's certificate valid: issues it, replaces it before it expires, and takes what
// somebody else puts into the state folder, without a restart.
//
// Thread-safety: Refresh from one thread, the rest from any.
#pragma once

#include <memory>
#include <string>

#include "plimsoll/files/state_folder.h"
#include "plimsoll/telemetry/logger.h"
#include "plimsoll/telemetry/metrics.h"
#include "plimsoll/tls/reloadable_server_context.h"

namespace plimsoll::controller {

class CertificateKeeper {
 public:
  CertificateKeeper(std::string folder, SubjectAltNames names, Logger& logger, Metrics& metrics);

  // Needed once before anything else.
  Status Load(Timestamp now);
  // Trouble is logged; what is served goes on being served.
  void Refresh(Timestamp now, bool anyway);

  // After Load.
  ReloadableServerContext& context() const { return *context_; }
  std::string ca_file() const { return folder_.ca_file(); }

 private:
  Status Serve(const ServingCertificate& serving);

  StateFolder folder_;
  Logger& logger_;
  Metrics& metrics_;
  KeyPairPem served_;
  std::string last_error_;
  std::unique_ptr<ReloadableServerContext> context_;
};

}  // namespace plimsoll::controller
