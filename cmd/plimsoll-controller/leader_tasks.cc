#include "leader_tasks.h"

#include <algorithm>
#include <utility>

#include "plimsoll/controllers/policy_status.h"

namespace plimsoll::controller {
namespace {

std::optional<PolicyFigures> FiguresOf(const ClusterPolicy& policy, const AuditFigures& figures) {
  // Before the first audit of a new leader the counts of the one before are still the best there are.
  if (figures.last_success == Timestamp{}) {
    return policy.status ? policy.status->workloads : std::nullopt;
  }
  const auto found = figures.policies.find(policy.name);
  return found == figures.policies.end() ? PolicyFigures{} : found->second;
}

}  // namespace

LeaderTasks::LeaderTasks(LeaderPorts ports, controllers::WebhookControllerOptions webhook)
    : ports_(std::move(ports)), webhook_options_(std::move(webhook)), audit_(ports_.audit) {}

void LeaderTasks::Start() {
  webhook_ = std::make_unique<controllers::WebhookController>(ports_.webhook, webhook_options_);
  said_.clear();
  audit_.Start();
  auto loop = std::make_unique<Loop>([this](bool) { return Pass(); });
  const std::lock_guard lock(mutex_);
  loop_ = std::move(loop);
}

void LeaderTasks::Stop() {
  std::unique_ptr<Loop> loop;
  {
    const std::lock_guard lock(mutex_);
    loop = std::move(loop_);
  }
  loop.reset();
  audit_.Stop();
  webhook_.reset();
  ports_.audit.metrics->SetAudit(std::nullopt);
}

void LeaderTasks::PoliciesChanged() {
  audit_.PoliciesChanged();
  Wake();
}

void LeaderTasks::WaiversChanged() {
  audit_.WaiversChanged();
  Wake();
}

void LeaderTasks::DirectoryChanged() {
  audit_.EnvironmentChanged();
  Wake();
}

void LeaderTasks::Wake() {
  const std::lock_guard lock(mutex_);
  if (loop_ != nullptr) loop_->Wake();
}

std::chrono::milliseconds LeaderTasks::Pass() {
  const Timestamp now = ports_.audit.clock->Now();
  const std::chrono::milliseconds wait = Configure(now);
  WriteStatuses(now);
  return wait;
}

std::chrono::milliseconds LeaderTasks::Configure(Timestamp now) {
  const std::shared_ptr<const PolicySnapshot> policies = ports_.audit.policies->Current();
  const Result<controllers::WebhookStanding> standing = webhook_->Reconcile(policies.get(), now);
  Say(standing);
  if (!standing) return kLeaderRetry;
  const std::chrono::milliseconds next = standing->next - now;
  return std::clamp(next, std::chrono::milliseconds(100), kLeaderInterval);
}

void LeaderTasks::Say(const Result<controllers::WebhookStanding>& standing) {
  Logger& logger = *ports_.audit.logger;
  std::string text;
  LogLevel level = LogLevel::kInfo;
  if (!standing) {
    text = "error: " + standing.error().message;
    level = LogLevel::kWarning;
  } else {
    text = standing->ready ? "the API server sends what the policies need"
                           : "not ready: " + standing->why;
    if (!standing->rotation.empty()) text += "; " + standing->rotation;
    for (const std::string& problem : standing->problems) {
      text += "; " + problem;
      level = LogLevel::kWarning;
    }
  }
  // Said when it changes, not every five seconds.
  if (text == said_) return;
  logger.Log(level, "webhook configuration", {{"state", text}});
  said_ = std::move(text);
}

void LeaderTasks::WriteStatuses(Timestamp now) {
  const AuditFigures figures = audit_.Figures();
  const auto policies = ports_.audit.policies->Current();
  if (policies != nullptr && ports_.waivers.waivers != nullptr) {
    WriteWaiverStatuses(ports_.waivers, *policies, figures, now);
  }
  const std::optional<std::string> directory_problem =
      ports_.directory_problem ? ports_.directory_problem() : std::nullopt;
  for (const auto& policy : ports_.audit.policies->Policies()) {
    const std::optional<controllers::PolicyStatus>& stored = policy->status;
    const controllers::PolicyStatus* previous = stored ? &*stored : nullptr;
    controllers::PolicyStatus status = controllers::MakePolicyStatus(
        policy->parsed, policy->generation, FiguresOf(*policy, figures), previous, now);
    controllers::AddDirectoryCondition(policy->parsed, directory_problem, policy->generation,
                                       previous, now, status);
    controllers::AddHeldBackCondition(policy->parsed, ports_.strongest, policy->generation,
                                      previous, now, status);
    if (previous != nullptr && status == *previous) continue;
    if (!ports_.audit.may_write()) return;
    const Status written = ports_.statuses->Write(policy->name, status);
    if (written) continue;
    ports_.audit.logger->Log(LogLevel::kWarning, "a policy's status could not be written",
                             {{"policy", policy->name}, {"error", written.error().message}});
    // The next pass tries again. What is wrong with one policy keeps no other from its status.
    if (written.error().code == ErrorCode::kUnavailable) return;
  }
}

}  // namespace plimsoll::controller
