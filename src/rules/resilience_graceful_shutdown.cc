#include <algorithm>
#include <charconv>
#include <cmath>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/exempt.h"
#include "rules/fix.h"
#include "rules/metadata.h"
#include "rules/probe.h"

namespace plimsoll {
namespace {

// core/v1 defaults.go.
constexpr int64_t kDefaultGraceSeconds = 30;
// Time for Services and proxies to stop sending: what endpoints usually take, and what most guides suggest.
constexpr int64_t kSuggestedSleepSeconds = 5;
// What is left for the process itself after its sleep.
constexpr int64_t kSuggestedRestSeconds = 25;
// Longer sleeps are as good as for ever; keeps sums from overflowing.
constexpr int64_t kForeverSeconds = 1'000'000;

enum Spec : size_t { kDeclarationKeys, kExemptContainers };

constexpr ParameterSpec kParameters[] = {
    {.name = "declarationKeys",
     .type = ParameterType::kKeyList,
     .default_json = R"(["plimsoll.dev/handles-sigterm"])",
     .description = "Annotations that may declare that a process goes on serving for a while after "
                    "SIGTERM: `true`, or the containers' names with commas between them."},
    {.name = "exemptContainers",
     .type = ParameterType::kGlobList,
     .default_json = "[]",
     .description = kExemptContainersDescription},
};

// "5", "0.5", "2m", "infinity" of sleep(1); 0 for what cannot be told, such as "$WAIT".
double SleepArgument(std::string_view word) {
  if (word == "infinity" || word == "inf") return static_cast<double>(kForeverSeconds);
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || !(value > 0)) return 0;
  const std::string_view unit(end, static_cast<size_t>(word.data() + word.size() - end));
  const double factor = unit.empty() || unit == "s" ? 1
                        : unit == "m"               ? 60
                        : unit == "h"               ? 3600
                        : unit == "d"               ? 86400
                                                    : 0;
  return std::min(value * factor, static_cast<double>(kForeverSeconds));
}

// Adds up every "sleep N" among the words of one argument. `expects` carries a "sleep" over to the next argument.
double SleepIn(std::string_view text, bool& expects) {
  constexpr std::string_view kSeparators = " \t\n\r;&|(){}'\"`";
  double total = 0;
  while (!text.empty()) {
    const size_t start = text.find_first_not_of(kSeparators);
    if (start == std::string_view::npos) break;
    text.remove_prefix(start);
    const size_t length = std::min(text.find_first_of(kSeparators), text.size());
    const std::string_view word = text.substr(0, length);
    text.remove_prefix(length);
    if (expects) total += SleepArgument(word);
    expects = word == "sleep" || word.ends_with("/sleep");
  }
  return total;
}

struct PreStop {
  bool present = false;  // a hook that does something
  int64_t sleep_seconds = 0;
};

PreStop ReadPreStop(const Container& container) {
  const JsonView hook = container.Field(ContainerField::kLifecycle)["preStop"];
  PreStop pre_stop;
  pre_stop.present = hook["httpGet"].is_object() || hook["tcpSocket"].is_object();
  const JsonView command = hook["exec"]["command"];
  if (command.size() > 0) {
    pre_stop.present = true;
    double total = 0;
    bool expects = false;
    for (const JsonView word : command.elements()) total += SleepIn(word.StringOrEmpty(), expects);
    pre_stop.sleep_seconds =
        static_cast<int64_t>(std::ceil(std::min(total, static_cast<double>(kForeverSeconds))));
  }
  // KEP-3960; 0 seconds is a hook that does nothing.
  if (const int64_t seconds = hook["sleep"]["seconds"].AsInt().value_or(0); seconds > 0) {
    pre_stop.present = true;
    pre_stop.sleep_seconds = std::min(seconds, kForeverSeconds);
  }
  return pre_stop;
}

bool NamesContainer(std::string_view declaration, std::string_view name) {
  while (true) {
    const size_t comma = declaration.find(',');
    if (Trim(declaration.substr(0, comma)) == name) return !name.empty();
    if (comma == std::string_view::npos) return false;
    declaration.remove_prefix(comma + 1);
  }
}

bool DeclaresHandling(const RuleInput& input, const Container& container) {
  for (const std::string& key : input.parameters.List(kDeclarationKeys)) {
    for (const std::optional<std::string_view> declaration :
         {input.workload.Annotation(key), input.workload.TemplateAnnotation(key)}) {
      if (!declaration) continue;
      if (Trim(*declaration) == "true" || NamesContainer(*declaration, container.name)) return true;
    }
  }
  return false;
}

bool IsAsked(const RuleInput& input, const Container& container) {
  return container.long_running() &&
         !MatchesAny(input.parameters.List(kExemptContainers), container.name);
}

int64_t GraceSeconds(const Workload& workload) {
  return workload.pod_spec()["terminationGracePeriodSeconds"].AsInt().value_or(
      kDefaultGraceSeconds);
}

std::string GracePath(const Workload& workload) {
  return std::string(workload.pod_spec_path()) + ".terminationGracePeriodSeconds";
}

Violation NoGrace(const Workload& workload, int64_t grace, int64_t sleep) {
  Violation violation;
  violation.path = GracePath(workload);
  violation.message =
      Subject(workload) +
      " kills its containers without SIGTERM, so whatever they have begun is cut off";
  violation.observed = std::to_string(grace);
  violation.required = "more than 0";
  const int64_t enough = std::max(kDefaultGraceSeconds, sleep + kSuggestedRestSeconds);
  violation.fix =
      PodSpecFix(workload, Yaml::Map({{"terminationGracePeriodSeconds", Yaml::Int(enough)}}));
  violation.identity = "grace";
  return violation;
}

Yaml SuggestedPreStop() {
  Yaml seconds = Yaml::Map(
      {{"seconds",
        Yaml::Int(kSuggestedSleepSeconds).Commented("needs Kubernetes 1.30; before, exec sleep")}});
  return Yaml::Map({{"preStop", Yaml::Map({{"sleep", std::move(seconds)}})}});
}

// The hook, and time for it where the pod has too little.
std::string PreStopFix(const Workload& workload, const Container& container, Yaml lifecycle,
                       int64_t grace) {
  if (grace > kSuggestedSleepSeconds || grace <= 0) {
    return ContainerFix(workload, container, Yaml::Map({{"lifecycle", std::move(lifecycle)}}));
  }
  Yaml entry = Yaml::Map({{"name", Yaml::String(container.name)}});
  entry.Set("lifecycle", std::move(lifecycle));
  Yaml list = Yaml::List();
  list.Add(std::move(entry));
  Yaml spec = Yaml::Map({{"terminationGracePeriodSeconds", Yaml::Int(kDefaultGraceSeconds)}});
  spec.Set(container.role == ContainerRole::kMain ? "containers" : "initContainers",
           std::move(list));
  return PodSpecFix(workload, std::move(spec));
}

Violation NoHook(const Workload& workload, const Container& container, int64_t grace) {
  Violation violation;
  violation.path = workload.ContainerPath(container) + ".lifecycle.preStop";
  violation.container = container.name;
  violation.message = ContainerLabel(container) +
                      " takes connections and stops at once on SIGTERM, while Services still send "
                      "it requests";
  violation.observed = "no preStop hook";
  violation.required = "a preStop hook, or a declaration that it handles SIGTERM";
  violation.fix = PreStopFix(workload, container, SuggestedPreStop(), grace);
  violation.identity = ProbeIdentity(container, "preStop");
  return violation;
}

Violation TooLong(const Workload& workload, const Container& container, int64_t sleep,
                  int64_t grace) {
  const bool forever = sleep >= kForeverSeconds;
  Violation violation;
  violation.path = GracePath(workload);
  violation.container = container.name;
  violation.message = ContainerLabel(container) + " sleeps " +
                      (forever ? std::string("for ever") : std::to_string(sleep) + " s") +
                      " in its preStop hook and is killed after " + std::to_string(grace) +
                      " s, before it has seen SIGTERM";
  violation.observed = std::to_string(grace);
  violation.required = "more than the preStop hook takes";
  if (forever) {
    Yaml sleep_action = Yaml::Map({{"seconds", Yaml::Int(kSuggestedSleepSeconds)}});
    Yaml hook = Yaml::Map({{"exec", Yaml::Null()}, {"sleep", std::move(sleep_action)}});
    Yaml lifecycle = Yaml::Map({{"preStop", std::move(hook)}});
    violation.fix = PreStopFix(workload, container, std::move(lifecycle), grace);
  } else {
    violation.fix = PodSpecFix(
        workload,
        Yaml::Map({{"terminationGracePeriodSeconds", Yaml::Int(sleep + kSuggestedRestSeconds)}}));
  }
  violation.identity = ProbeIdentity(container, "preStop sleep");
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const Workload& workload = input.workload;
  if (workload.runs_to_completion()) {
    outcome.NotApplicable("it runs to completion, so nothing sends it requests");
    return;
  }
  const int64_t grace = GraceSeconds(workload);
  bool asked = false;
  const Container* longest = nullptr;
  int64_t longest_sleep = 0;
  for (const Container& container : workload.containers()) {
    if (!IsAsked(input, container)) continue;
    asked = true;
    const PreStop pre_stop = ReadPreStop(container);
    // Nobody sends requests to the others, yet they, too, need the time to end what they have begun.
    if (IsTrafficContainer(container) && !pre_stop.present && !DeclaresHandling(input, container)) {
      outcome.Fail([&] { return NoHook(workload, container, grace); });
    }
    if (pre_stop.sleep_seconds >= kForeverSeconds) {
      outcome.Fail(TooLong(workload, container, pre_stop.sleep_seconds, grace));
    } else if (pre_stop.sleep_seconds > longest_sleep) {
      longest = &container;
      longest_sleep = pre_stop.sleep_seconds;
    }
  }
  if (!asked) {
    outcome.NotApplicable("exemptContainers names every container in question");
  } else if (grace <= 0) {
    outcome.Fail(NoGrace(workload, grace, longest_sleep));
  } else if (longest != nullptr && longest_sleep >= grace) {
    outcome.Fail(TooLong(workload, *longest, longest_sleep, grace));
  }
}

constexpr Rule kRule = {
    .id = "resilience.graceful-shutdown",
    .title = "Containers finish what they have begun before they stop",
    .rationale =
        "A pod is told to stop at the same moment as Services are told to forget it, and they take "
        "seconds to hear it. A process that exits on SIGTERM refuses the requests of those "
        "seconds: "
        "every release shows a burst of 502s, which people learn to ignore, until a real one looks "
        "the same.",
    .remediation =
        "Add a preStop hook that sleeps for some seconds, or let the process go on serving for "
        "that "
        "long after SIGTERM and declare it with the annotation plimsoll.dev/handles-sigterm: "
        "\"true\". "
        "Keep terminationGracePeriodSeconds above the sleep plus the longest request or piece of "
        "work; 0 means that containers are killed outright, workers included.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination, "
        "KEP-3960 (sleep action of preStop hooks)",
};

}  // namespace

const Rule& ResilienceGracefulShutdownRule() { return kRule; }

}  // namespace plimsoll
