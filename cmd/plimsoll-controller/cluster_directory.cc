#include "cluster_directory.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "plimsoll/base/text.h"
#include "plimsoll/codec/team_directory.h"

namespace plimsoll::controller {
namespace {

// One bad file must not fill the log.
constexpr size_t kMaxLoggedProblems = 10;
constexpr size_t kMaxProblemBytes = 300;

}  // namespace

ClusterDirectory::ClusterDirectory(std::string name, Logger& logger,
                                   kube::InformerObserver& observer, std::function<void()> changed)
    : name_(std::move(name)),
      logger_(logger),
      observer_(observer),
      changed_(std::move(changed)),
      current_(std::make_shared<const TeamDirectory>(TeamDirectory().Outdated())),
      problem_("it has not been read yet") {}

std::shared_ptr<const TeamDirectory> ClusterDirectory::Current() const {
  const std::lock_guard lock(mutex_);
  return current_;
}

std::optional<std::string> ClusterDirectory::Problem() const {
  const std::lock_guard lock(mutex_);
  if (problem_.empty()) return std::nullopt;
  return problem_;
}

bool ClusterDirectory::ready() const {
  const std::lock_guard lock(mutex_);
  return current_ != nullptr && current_->current();
}

void ClusterDirectory::Set(std::shared_ptr<const TeamDirectory> directory, std::string problem) {
  {
    const std::lock_guard lock(mutex_);
    current_ = std::move(directory);
    problem_ = std::move(problem);
  }
  changed_();
}

void ClusterDirectory::Outdate(std::string problem) {
  const std::shared_ptr<const TeamDirectory> last = Current();
  logger_.Log(
      LogLevel::kWarning, "the directory of teams cannot be read; nobody is refused because of it",
      {{"config_map", name_},
       {"problem", problem},
       {"last_good_teams", static_cast<int64_t>(last == nullptr ? 0 : last->teams().size())}});
  Set(std::make_shared<const TeamDirectory>(last == nullptr ? TeamDirectory().Outdated()
                                                            : last->Outdated()),
      std::move(problem));
}

void ClusterDirectory::Upsert(const ObjectKey& key, JsonView object) {
  known_ = true;
  std::vector<Diagnostic> problems;
  ParsedDirectory parsed = ParseTeamDirectory(DirectoryTextsOf(object, key.name, problems));
  // Where the object itself is wrong, that there are no teams in it says nothing more.
  if (problems.empty()) problems = std::move(parsed.problems);
  if (!problems.empty()) {
    size_t logged = 0;
    for (const Diagnostic& problem : problems) {
      if (logged++ == kMaxLoggedProblems) break;
      logger_.Log(LogLevel::kError, "problem in the directory of teams",
                  {{"config_map", name_}, {"problem", FormatDiagnostic(problem)}});
    }
    std::string first = SanitizeLine(FormatDiagnostic(problems.front()), kMaxProblemBytes);
    if (problems.size() > 1) {
      first += " (and " + std::to_string(problems.size() - 1) + " more)";
    }
    Outdate(std::move(first));
    return;
  }
  auto directory = std::make_shared<const TeamDirectory>(std::move(parsed.teams));
  const auto teams = static_cast<int64_t>(directory->teams().size());
  Set(std::move(directory), {});
  // Last, because whoever reads this line may rely on it.
  logger_.Log(LogLevel::kInfo, "directory of teams in force",
              {{"config_map", name_}, {"teams", teams}});
}

void ClusterDirectory::Remove(const ObjectKey& /*key*/, std::string_view /*uid*/) {
  Outdate("the ConfigMap " + name_ + " has been deleted");
}

void ClusterDirectory::Synced() {
  if (!known_) Set(nullptr, {});
  settled_ = true;
}

void ClusterDirectory::Failed(const kube::ResourceType& type, const Error& error,
                              std::chrono::milliseconds wait) {
  // Only what was never read is unreadable; a watch that breaks off is taken up again, and what is known holds.
  if (!settled_) {
    const std::lock_guard lock(mutex_);
    problem_ = SanitizeLine(error.message, kMaxProblemBytes);
  }
  settled_ = true;
  observer_.Failed(type, error, wait);
}

}  // namespace plimsoll::controller
