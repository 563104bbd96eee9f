#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/fix.h"
#include "rules/metadata.h"
#include "rules/singleton.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 60;

enum Spec : size_t { kAllowOnDelete, kSingletonKeys };

constexpr ParameterSpec kParameters[] = {
    {.name = "allowOnDelete",
     .type = ParameterType::kBoolean,
     .default_json = "false",
     .description = "Whether StatefulSets and DaemonSets may use OnDelete, for those that an "
                    "operator restarts in an order of its own."},
    {.name = "singletonKeys",
     .type = ParameterType::kKeyList,
     .default_json = kDefaultSingletonKeys,
     .description = kSingletonKeysDescription},
};

// More than this many per cent, pods or replicas is as good as all.
constexpr int64_t kMost = 1'000'000'000;

// intstr.IntOrString as the API server accepts it: a number from 0 up, or a percentage.
struct Share {
  int64_t value = 0;
  bool percent = false;
};

std::optional<Share> ReadShare(JsonView view) {
  if (const std::optional<int64_t> number = view.AsInt()) {
    if (*number < 0) return std::nullopt;
    return Share{std::min(*number, kMost), false};
  }
  std::string_view text = view.StringOrEmpty();
  if (text.size() < 2 || text.back() != '%') return std::nullopt;
  text.remove_suffix(1);
  int64_t value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = std::min(value * 10 + (c - '0'), kMost);
  }
  return Share{value, true};
}

int64_t Resolve(Share share, int64_t replicas, bool round_up) {
  if (!share.percent) return share.value;
  // Both are at most kMost, so the product fits.
  const int64_t whole = std::min(replicas, kMost) * share.value + (round_up ? 99 : 0);
  return whole / 100;
}

class StrategyCheck {
 public:
  StrategyCheck(const RuleInput& input, RuleOutcome& outcome) : input_(input), outcome_(outcome) {}

  void Deployment() {
    const JsonView strategy = input_.workload.spec()["strategy"];
    const std::string_view type = strategy["type"].StringOrEmpty();
    if (type == "Recreate") {
      Fail("spec.strategy.type", "recreate",
           "stops all its pods before it starts the first new one, so every release is an outage",
           "Recreate", "RollingUpdate", RollingUpdate());
    } else if (!type.empty() && type != "RollingUpdate") {
      Fail("spec.strategy.type", "type",
           "has the strategy \"" + SanitizeLine(type, kShownBytes) + "\", which is none",
           SanitizeLine(type, kShownBytes), "RollingUpdate", RollingUpdate());
    } else {
      RollsGently(strategy["rollingUpdate"], "spec.strategy.rollingUpdate", RollingUpdate);
    }
  }

  void Rollout() {
    const JsonView strategy = input_.workload.spec()["strategy"];
    if (strategy["blueGreen"].present()) return;
    if (strategy["canary"].present()) {
      RollsGently(strategy["canary"], "spec.strategy.canary", GentleCanary);
      return;
    }
    Fail("spec.strategy", "type", "has neither a canary nor a blueGreen strategy", "neither",
         "canary or blueGreen", GentleCanary());
  }

  void StatefulSet() {
    const JsonView strategy = input_.workload.spec()["updateStrategy"];
    if (OnDeleteOrUnknown(strategy)) return;
    const JsonView rolling = strategy["rollingUpdate"];
    const std::optional<int64_t> replicas = input_.workload.replicas();
    const std::optional<int64_t> partition = rolling["partition"].AsInt();
    if (replicas && *replicas > 0 && partition && *partition >= *replicas) {
      Fail("spec.updateStrategy.rollingUpdate.partition", "partition",
           "holds all " + std::to_string(*replicas) +
               " pods back from updates, so a release looks done and changes nothing",
           std::to_string(*partition), "less than " + std::to_string(*replicas),
           InUpdateStrategy("partition", Yaml::Int(0)));
    }
    const JsonView view = rolling["maxUnavailable"];
    if (!view.present() || !replicas || *replicas < 2) return;
    const std::optional<Share> share = ReadShare(view);
    // Rounded up, unlike Deployments (apps/v1 RollingUpdateStatefulSetStrategy).
    if (share && Resolve(*share, *replicas, true) < *replicas) return;
    TakesAll("spec.updateStrategy.rollingUpdate.maxUnavailable", view, share.has_value(), *replicas,
             InUpdateStrategy("maxUnavailable", Yaml::Int(1)));
  }

  void DaemonSet() {
    const JsonView strategy = input_.workload.spec()["updateStrategy"];
    if (OnDeleteOrUnknown(strategy)) return;
    const JsonView view = strategy["rollingUpdate"]["maxUnavailable"];
    if (!view.present()) return;
    const std::optional<Share> share = ReadShare(view);
    if (share && !(share->percent && share->value >= 100)) return;
    Fail("spec.updateStrategy.rollingUpdate.maxUnavailable", "maxUnavailable",
         share ? "is updated on all nodes at once, so a bad release takes out every one of them"
               : "has a maxUnavailable that is no number and no percentage",
         Shown(view), "a number, or less than 100%",
         InUpdateStrategy("maxUnavailable", Yaml::Int(1)));
  }

 private:
  static std::string Shown(JsonView view) {
    return view.is_string() ? SanitizeLine(view.text(), kShownBytes)
                            : SanitizeLine(ToJson(view, kShownBytes), kShownBytes);
  }
  static std::string All(int64_t replicas) {
    if (replicas == 1) return "its only replica";
    return "all of its " + std::to_string(replicas) + " replicas at once";
  }
  static Yaml Gently() {
    return Yaml::Map({{"maxUnavailable", Yaml::Int(0)}, {"maxSurge", Yaml::Int(1)}});
  }
  static Yaml InSpec(std::string_view field, Yaml value) {
    Yaml spec = Yaml::Map();
    spec.Set(field, std::move(value));
    return Yaml::Map({{"spec", std::move(spec)}});
  }
  static Yaml GentleCanary() { return InSpec("strategy", Yaml::Map({{"canary", Gently()}})); }
  static Yaml RollingUpdate() {
    return InSpec("strategy", Yaml::Map({{"type", Yaml::String("RollingUpdate")},
                                         {"rollingUpdate", Gently()}}));
  }
  static Yaml InUpdateStrategy(std::string_view field, Yaml value) {
    Yaml rolling = Yaml::Map();
    rolling.Set(field, std::move(value));
    return InSpec("updateStrategy", Yaml::Map({{"type", Yaml::String("RollingUpdate")},
                                               {"rollingUpdate", std::move(rolling)}}));
  }

  void Fail(std::string_view path, std::string_view identity, std::string_view what,
            std::string observed, std::string required, const Yaml& fix) {
    Violation violation;
    violation.path = path;
    violation.message = Subject(input_.workload) + " " + std::string(what);
    violation.observed = std::move(observed);
    violation.required = std::move(required);
    violation.fix = ObjectFix(fix);
    violation.identity = identity;
    outcome_.Fail(std::move(violation));
  }

  void TakesAll(std::string_view path, JsonView view, bool readable, int64_t replicas,
                const Yaml& fix) {
    Fail(path, "maxUnavailable",
         readable ? "may take down " + All(replicas) + " when it is updated"
                  : std::string("has a maxUnavailable that is no number and no percentage"),
         view.present() ? Shown(view) : std::string("not set, which means 25%"),
         "less than " + std::to_string(replicas), fix);
  }

  // Deployments, and Rollouts with a canary: percentages of maxUnavailable are rounded down, those of maxSurge up, and where
  // both come to 0 one pod is taken down (pkg/controller/deployment/util, ResolveFenceposts).
  // `fix` is asked only where one is needed: a rule that passes allocates nothing.
  void RollsGently(JsonView rolling, std::string_view at, Yaml (*fix)()) {
    constexpr Share kQuarter{25, true};
    const std::optional<int64_t> replicas = input_.workload.replicas();
    if (!replicas || *replicas < 1) return;
    const JsonView view = rolling["maxUnavailable"];
    const std::optional<Share> unavailable = view.present() ? ReadShare(view) : kQuarter;
    const JsonView surge_view = rolling["maxSurge"];
    const std::optional<Share> surge = surge_view.present() ? ReadShare(surge_view) : kQuarter;
    if (!surge) {
      Fail(std::string(at) + ".maxSurge", "maxSurge",
           "has a maxSurge that is no number and no percentage", Shown(surge_view),
           "a number or a percentage", fix());
      return;
    }
    if (unavailable) {
      int64_t down = Resolve(*unavailable, *replicas, false);
      if (down == 0 && Resolve(*surge, *replicas, true) == 0) down = 1;
      if (down < *replicas) return;
    }
    TakesAll(std::string(at) + ".maxUnavailable", view, unavailable.has_value(), *replicas, fix());
  }

  bool OnDeleteOrUnknown(JsonView strategy) {
    const std::string_view type = strategy["type"].StringOrEmpty();
    if (type.empty() || type == "RollingUpdate") return false;
    const bool on_delete = type == "OnDelete";
    if (on_delete && input_.parameters.Boolean(kAllowOnDelete)) return true;
    Fail("spec.updateStrategy.type", on_delete ? "onDelete" : "type",
         on_delete ? "updates a pod only when somebody deletes it, so a release looks done and "
                     "changes nothing"
                   : "has an update strategy that Kubernetes does not know",
         SanitizeLine(type, kShownBytes), "RollingUpdate",
         InSpec("updateStrategy", Yaml::Map({{"type", Yaml::String("RollingUpdate")}})));
    return true;
  }

  const RuleInput& input_;
  RuleOutcome& outcome_;
};

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const Workload& workload = input.workload;
  const std::optional<int64_t> replicas = workload.replicas();
  if (replicas == 0) {
    outcome.NotApplicable("it is scaled to zero");
    return;
  }
  if (replicas == 1 && StatesSingletonReason(workload, input.parameters.List(kSingletonKeys))) {
    outcome.NotApplicable("there may be only one replica, so it must stop before it can start");
    return;
  }
  StrategyCheck check(input, outcome);
  switch (workload.kind()) {
    case WorkloadKind::kDeployment:
      return check.Deployment();
    case WorkloadKind::kRollout:
      return check.Rollout();
    case WorkloadKind::kStatefulSet:
      return check.StatefulSet();
    case WorkloadKind::kDaemonSet:
      return check.DaemonSet();
    default:
      outcome.NotApplicable("its kind has no update strategy");
  }
}

constexpr Rule kRule = {
    .id = "resilience.strategy",
    .title = "Updates keep the service running",
    .rationale =
        "With Recreate, or with maxUnavailable as high as the number of replicas, every release "
        "begins by stopping all pods. If the new image cannot be pulled there is nothing left to "
        "serve, and a rollback takes as long as a start. OnDelete and a high partition fail the "
        "other way round: the release is announced, and the old code goes on running.",
    .remediation =
        "Use RollingUpdate with maxUnavailable below the number of replicas (0 with maxSurge 1 is "
        "safest). Percentages are rounded as Kubernetes does: down for a Deployment, up for a "
        "StatefulSet. A workload that may run only once states why in "
        "plimsoll.dev/singleton-reason "
        "and is not asked.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#strategy, "
        "pkg/controller/deployment/util/deployment_util.go (ResolveFenceposts), "
        "https://argo-rollouts.readthedocs.io/en/stable/features/specification/",
};

}  // namespace

const Rule& ResilienceStrategyRule() { return kRule; }

}  // namespace plimsoll
