#include "kube/exec_plugin.h"

#include <algorithm>
#include <utility>

#include "kube/child_process.h"
#include "plimsoll/base/text.h"

namespace plimsoll::kube {

ExecSource::ExecSource(ExecPlugin plugin, std::string info, const Clock* clock)
    : plugin_(std::move(plugin)), info_(std::move(info)), clock_(clock) {}

bool ExecSource::Usable() const {
  if (!credential_) return false;
  return clock_ == nullptr || !credential_->expires || clock_->Now() < *credential_->expires;
}

Result<ExecSource::Current> ExecSource::Get(const net::Patience& patience) {
  std::unique_lock lock(mutex_);
  while (!Usable() && running_) {
    if (patience.stopped())
      return net::WaitError(net::Wait::kStopped, "waiting for " + plugin_.command);
    if (patience.left().count() == 0) {
      return net::WaitError(net::Wait::kDeadline, "waiting for " + plugin_.command);
    }
    finished_.wait_for(lock, std::min(patience.left(), net::kStopInterval));
  }
  if (!Usable()) {
    running_ = true;
    lock.unlock();
    Result<ExecCredential> fresh = Run(patience.AtMost(kExecTimeout));
    lock.lock();
    running_ = false;
    finished_.notify_all();
    if (!fresh) return tl::unexpected(fresh.error());
    credential_ = *std::move(fresh);
    ++version_;
  }
  const std::optional<ExecCredential>& usable = credential_;
  if (!usable) return Fail(ErrorCode::kInternal, plugin_.command + " gave no credential");
  return Current{*usable, version_};
}

void ExecSource::Refused(uint64_t version) {
  const std::lock_guard lock(mutex_);
  if (version == version_) credential_.reset();
}

Result<ExecCredential> ExecSource::Run(const net::Patience& patience) const {
  ChildProcess child{plugin_.command, plugin_.args, plugin_.env, kMaxExecOutputBytes};
  child.environment.emplace_back("KUBERNETES_EXEC_INFO", info_);
  Result<ChildOutput> ran = RunChild(child, patience);
  const std::string who = "credential plugin " + plugin_.command;
  constexpr size_t kMaxShown = 500;
  if (!ran) {
    std::string message = "credential plugin: " + ran.error().message;
    if (ran.error().code == ErrorCode::kNotFound && !plugin_.install_hint.empty()) {
      message += ". " + SanitizeLine(plugin_.install_hint, kMaxShown);
    }
    return Fail(ErrorCode::kUnavailable, std::move(message));
  }
  if (ran->exit_code != 0) {
    const std::string_view said = Trim(ran->error_output);
    return Fail(ErrorCode::kUnavailable,
                who + " ended with code " + std::to_string(ran->exit_code) +
                    (said.empty() ? "" : ": " + SanitizeLine(said, kMaxShown)));
  }
  Result<ExecCredential> credential =
      ParseExecCredential(std::move(ran->output), plugin_.api_version);
  if (!credential) {
    return Fail(ErrorCode::kUnavailable, who + ": " + credential.error().message);
  }
  return credential;
}

}  // namespace plimsoll::kube
