#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/probe.h"

namespace plimsoll {
namespace {

enum Spec : size_t { kMaxInitialDelaySeconds };

constexpr ParameterSpec kParameters[] = {
    {.name = "maxInitialDelaySeconds",
     .type = ParameterType::kInteger,
     .default_json = "60",
     .description = "The longest initialDelaySeconds of a readinessProbe or livenessProbe. What "
                    "starts more slowly needs "
                    "a startupProbe, which ends as soon as the start-up does.",
     .minimum = 0,
     .maximum = 86400},
};

constexpr int64_t kStartupPeriod = 10;

std::string Seconds(int64_t seconds) { return std::to_string(seconds) + " s"; }

// What all checks of one container share.
struct Scene {
  const RuleInput& input;
  const Container& container;
  const Probe* readiness;
  const Probe* liveness;
  const Probe* startup;
  RuleOutcome& outcome;

  std::string Path(const Probe& probe, std::string_view field) const {
    std::string path = input.workload.ContainerPath(container);
    path += '.';
    path += ProbeField(probe.role);
    path += '.';
    path += field;
    return path;
  }

  // The fields of a violation that depend on nothing else.
  Violation Begin(const Probe& probe, std::string_view field) const {
    Violation violation;
    violation.path = Path(probe, field);
    violation.container = container.name;
    violation.message =
        "the " + std::string(ProbeField(probe.role)) + " of " + ContainerLabel(container);
    violation.identity =
        ProbeIdentity(container, std::string(ProbeField(probe.role)) + "/" + std::string(field));
    return violation;
  }

  Violation End(Violation violation, Yaml change) const {
    violation.fix = ContainerFix(input.workload, container, std::move(change));
    return violation;
  }
};

Yaml ProbeChange(ProbeRole role, Yaml change) {
  Yaml container = Yaml::Map();
  container.Set(ProbeField(role), std::move(change));
  return container;
}

// "10" as 10.
std::optional<int64_t> NumberInQuotes(JsonView value) {
  const std::string_view text = value.StringOrEmpty();
  if (text.empty() || text.size() > 5 || text.front() == '0' ||
      text.find_first_not_of("0123456789") != std::string_view::npos) {
    return std::nullopt;
  }
  return std::stoll(std::string(text));
}

// As the author surely meant it, where nothing else would be wrong with that; else the default.
Yaml Repaired(const Scene& scene, const Probe& probe, const ProbeNumber& number, JsonView value) {
  if (const std::optional<int64_t> meant = NumberInQuotes(value)) {
    Probe repaired = probe;
    repaired.*number.member = *meant;
    const bool fits =
        repaired.timeout_seconds <= repaired.period_seconds &&
        repaired.initial_delay_seconds <= scene.input.parameters.Integer(kMaxInitialDelaySeconds) &&
        (probe.role == ProbeRole::kReadiness || repaired.success_threshold == 1);
    if (fits) return Yaml::Int(*meant);
  }
  return Yaml::Null().Commented("the default, " + std::to_string(number.fallback));
}

Violation BadNumber(const Scene& scene, const Probe& probe, const ProbeNumber& number,
                    JsonView value) {
  Violation violation = scene.Begin(probe, number.field);
  violation.observed = SanitizeLine(ToJson(value, 40), 44);
  violation.message += " has the " + std::string(number.field) + " " + violation.observed +
                       ", which the API server refuses";
  violation.required = "an integer that is not negative";
  Yaml change = Yaml::Map();
  change.Set(number.field, Repaired(scene, probe, number, value));
  return scene.End(std::move(violation), ProbeChange(probe.role, std::move(change)));
}

Violation BadSuccessThreshold(const Scene& scene, const Probe& probe) {
  Violation violation = scene.Begin(probe, "successThreshold");
  violation.observed = std::to_string(probe.success_threshold);
  violation.message += " has a successThreshold of " + violation.observed +
                       ", which the API server refuses for this probe";
  violation.required = "1";
  return scene.End(std::move(violation),
                   ProbeChange(probe.role, Yaml::Map({{"successThreshold", Yaml::Int(1)}})));
}

// Numbers that the API server refuses, by type or by range.
void CheckNumbers(const Scene& scene, const Probe& probe) {
  if (!probe.numbers_accepted) {
    for (const ProbeNumber& number : kProbeNumbers) {
      const JsonView value = probe.object[number.field];
      if (IsProbeNumber(value)) continue;
      scene.outcome.Fail([&] { return BadNumber(scene, probe, number, value); });
    }
  }
  if (probe.role == ProbeRole::kReadiness || probe.success_threshold == 1) return;
  scene.outcome.Fail([&] { return BadSuccessThreshold(scene, probe); });
}

Violation LongTimeout(const Scene& scene, const Probe& probe) {
  Violation violation = scene.Begin(probe, "timeoutSeconds");
  violation.message += " waits up to " + Seconds(probe.timeout_seconds) +
                       " for an answer but is due every " + Seconds(probe.period_seconds) +
                       ", so a container that hangs is noticed later than the period says";
  violation.observed = "timeoutSeconds " + std::to_string(probe.timeout_seconds) +
                       ", periodSeconds " + std::to_string(probe.period_seconds);
  violation.required = "timeoutSeconds at most periodSeconds";
  // A longer period keeps the patience that slow answers have today.
  return scene.End(
      std::move(violation),
      ProbeChange(probe.role, Yaml::Map({{"periodSeconds", Yaml::Int(probe.timeout_seconds)}})));
}

// Whose target a startupProbe takes over. There is one of the two where this is asked.
const Probe& Source(const Scene& scene) {
  if (scene.liveness != nullptr && scene.liveness->valid()) return *scene.liveness;
  return scene.readiness != nullptr ? *scene.readiness : *scene.liveness;
}

// Gives start-up at least `seconds`, by a startupProbe with the target of the livenessProbe (else the readinessProbe)
// or by a longer one that is there. The same for every finding of a container, so that fixes can be applied together.
void AllowStartup(const Scene& scene, int64_t seconds, Yaml& container_change) {
  seconds =
      std::max({seconds, scene.readiness != nullptr ? scene.readiness->initial_delay_seconds : 0,
                scene.liveness != nullptr ? scene.liveness->initial_delay_seconds : 0});
  const int64_t period = scene.startup != nullptr ? scene.startup->period_seconds : kStartupPeriod;
  const int64_t threshold = (seconds + period - 1) / period;
  if (scene.startup != nullptr && scene.startup->failure_threshold >= threshold) return;
  Yaml startup = Yaml::Map();
  if (scene.startup == nullptr) {
    const Probe& source = Source(scene);
    if (source.valid()) {
      startup.Set(ProbeHandlerField(source.handler), Yaml::Copy(source.action));
    } else {
      startup = SuggestHandler(scene.container, ProbeRole::kStartup, JsonView());
    }
    startup.Set("periodSeconds", Yaml::Int(period));
    if (source.timeout_seconds > 1) {
      startup.Set("timeoutSeconds", Yaml::Int(std::min(source.timeout_seconds, period)));
    }
  }
  startup.Set("failureThreshold",
              Yaml::Int(std::max<int64_t>(threshold, 1))
                  .Commented("start-up may take " + Seconds(threshold * period)));
  container_change.Set("startupProbe", std::move(startup));
}

Violation LongInitialDelay(const Scene& scene, const Probe& probe, int64_t limit) {
  Violation violation = scene.Begin(probe, "initialDelaySeconds");
  violation.message +=
      " is not asked for the first " + Seconds(probe.initial_delay_seconds) +
      (probe.role == ProbeRole::kReadiness
           ? ", so every start takes that long even when the container is ready at once"
           : ", so a container that hangs early is left alone that long after every start");
  violation.observed = std::to_string(probe.initial_delay_seconds);
  violation.required = "at most " + std::to_string(limit) + ", or a startupProbe instead";
  Yaml change = ProbeChange(
      probe.role, Yaml::Map({{"initialDelaySeconds", Yaml::Null().Commented("starts at once")}}));
  AllowStartup(scene, probe.initial_delay_seconds, change);
  return scene.End(std::move(violation), std::move(change));
}

Violation KilledAtStart(const Scene& scene, const Probe& liveness, int64_t killed, int64_t ready) {
  Violation violation = scene.Begin(liveness, "initialDelaySeconds");
  violation.message += " restarts it after " + Seconds(killed) +
                       " without an answer, before its readinessProbe expects one at " +
                       Seconds(ready);
  violation.observed = "restarted after " + Seconds(killed);
  violation.required = "a startupProbe, or more patience than " + Seconds(ready);
  violation.identity = ProbeIdentity(scene.container, "killed at start");
  Yaml change = Yaml::Map();
  AllowStartup(scene, 2 * ready, change);
  return scene.End(std::move(violation), std::move(change));
}

// The readinessProbe's delay says how long start-up takes; a livenessProbe that has given up by then kills the container
// before it was ever asked whether it is ready.
void CheckKilledAtStart(const Scene& scene) {
  if (scene.readiness == nullptr || scene.liveness == nullptr || scene.startup != nullptr) return;
  const Probe& liveness = *scene.liveness;
  const int64_t ready = scene.readiness->initial_delay_seconds;
  const int64_t killed = liveness.initial_delay_seconds + liveness.failure_window_seconds();
  if (killed > ready) return;
  scene.outcome.Fail([&] { return KilledAtStart(scene, liveness, killed, ready); });
}

void CheckProbe(const Scene& scene, const Probe& probe) {
  CheckNumbers(scene, probe);
  if (probe.timeout_seconds > probe.period_seconds) {
    scene.outcome.Fail([&] { return LongTimeout(scene, probe); });
  }
  const int64_t limit = scene.input.parameters.Integer(kMaxInitialDelaySeconds);
  if (probe.role != ProbeRole::kStartup && probe.initial_delay_seconds > limit) {
    scene.outcome.Fail([&] { return LongInitialDelay(scene, probe, limit); });
  }
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  bool any = false;
  for (const Container& container : input.workload.containers()) {
    if (!container.long_running()) continue;
    const Scene scene{input,
                      container,
                      input.workload.ProbeOf(container, ProbeRole::kReadiness),
                      input.workload.ProbeOf(container, ProbeRole::kLiveness),
                      input.workload.ProbeOf(container, ProbeRole::kStartup),
                      outcome};
    for (const Probe* probe : {scene.readiness, scene.liveness, scene.startup}) {
      if (probe == nullptr || !probe->object.is_object()) continue;
      any = true;
      CheckProbe(scene, *probe);
    }
    CheckKilledAtStart(scene);
  }
  if (!any) outcome.NotApplicable("no container that keeps running has a probe");
}

constexpr Rule kRule = {
    .id = "health.probe-timing",
    .title = "Probe timings fit together and fit the start-up",
    .rationale =
        "A livenessProbe that gives up before a slow start is over restarts the container for "
        "ever, usually on the day "
        "when a cold cache or a big migration makes the start slow. A long initialDelaySeconds "
        "against that makes every "
        "start slow and leaves a container that hangs early alone. A timeout above the period "
        "hides how late a failure "
        "is noticed.",
    .remediation =
        "Keep timeoutSeconds at or below periodSeconds. For slow starts use a startupProbe: it "
        "holds the other probes "
        "back until it succeeds once, and it gives the start as long as periodSeconds times "
        "failureThreshold.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/workloads/pods/probes/; SetDefaults_Probe and "
        "validateProbe of "
        "kubernetes/kubernetes",
};

}  // namespace

const Rule& ProbeTimingRule() { return kRule; }

}  // namespace plimsoll
