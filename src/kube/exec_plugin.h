// ExecSource: credentials from an exec plugin, asked for when they are needed and kept until they expire.
//
// Thread-safety: all methods from any thread; one of them runs the plugin, the others wait for it, each with its own
// patience. Ownership: the clock must outlive it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>

#include "kube/exec_credential.h"
#include "plimsoll/base/result.h"
#include "plimsoll/kube/cluster_config.h"
#include "plimsoll/net/patience.h"

namespace plimsoll::kube {

// Plugins ask an identity provider, a second or two; one that waits for a person would wait for ever.
inline constexpr std::chrono::milliseconds kExecTimeout{30'000};
// An ExecCredential has a token and a certificate.
inline constexpr size_t kMaxExecOutputBytes = 1024 * 1024;

class ExecSource {
 public:
  // `info`: the value of KUBERNETES_EXEC_INFO. A null clock: credentials never expire.
  ExecSource(ExecPlugin plugin, std::string info, const Clock* clock);

  struct Current {
    ExecCredential credential;
    uint64_t version = 0;  // another one for every run
  };
  Result<Current> Get(const net::Patience& patience);
  // The server has refused the credential of that version: it will be asked for anew.
  void Refused(uint64_t version);

 private:
  bool Usable() const;
  Result<ExecCredential> Run(const net::Patience& patience) const;

  const ExecPlugin plugin_;
  const std::string info_;
  const Clock* const clock_;

  std::mutex mutex_;
  std::condition_variable finished_;
  bool running_ = false;
  std::optional<ExecCredential> credential_;
  uint64_t version_ = 0;
};

}  // namespace plimsoll::kube
