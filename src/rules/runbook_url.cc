#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/runbook_parameters.h"
#include "rules/suggest.h"
#include "rules/url.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 120;

enum Spec : size_t { kKeys, kHosts, kSchemes };

constexpr ParameterSpec kParameters[] = {
    {.name = "keys",
     .type = ParameterType::kKeyList,
     .default_json = R"(["plimsoll.dev/runbook","a8r.io/runbook","runbook","runbook-url"])",
     .description =
         "Annotations that may hold the link, on the workload or its pod template; the first that "
         "does counts."},
    kRunbookHosts,
    kRunbookSchemes,
};

UrlRequirements Requirements(const RuleInput& input) {
  return {input.parameters.List(kSchemes), input.parameters.List(kHosts)};
}

// A link that passes: on the policy's own host, for this workload.
std::string Suggested(const RuleInput& input) {
  const UrlRequirements requirements = Requirements(input);
  const std::string name = SuggestedName(input.workload);
  std::vector<std::string> hosts;
  for (const std::string& host : requirements.hosts) {
    hosts.push_back(host.starts_with("*.") ? "runbooks" + host.substr(1) : host);
  }
  hosts.push_back("runbooks.corp.internal");
  for (const std::string& host : hosts) {
    for (const std::string& scheme : requirements.schemes) {
      std::string url = scheme + "://" + host + "/" + name;
      if (JudgeUrl(url, requirements).grade == UrlGrade::kGood) return url;
    }
  }
  return "https://runbooks.corp.internal/" + name;
}

// The value as it may be printed: a password is not repeated in logs and reports.
std::string Shown(const Declared& declared) {
  Url url;
  (void)Url::Parse(declared.text(), url);
  const std::string key(declared.key);
  if (url.has_userinfo()) return key + ": a URL with a user name or password (not shown)";
  return key + ": " + SanitizeLine(declared.text(), kShownBytes);
}

Violation Bad(const RuleInput& input, const std::optional<Declared>& bad,
              const UrlVerdict& verdict) {
  const Workload& workload = input.workload;
  const std::vector<std::string>& keys = input.parameters.List(kKeys);
  const Declared target = bad.value_or(Declared{keys.front(), Place::kAnnotation, JsonView()});
  Violation violation;
  violation.path = PathAt(workload, target.place, target.key);
  if (!bad) {
    violation.message =
        Subject(workload) + " links no runbook, so whoever is woken for it starts from nothing";
  } else if (!bad->value.is_string()) {
    violation.message = NameAt(bad->place, bad->key) + " of " + Subject(workload) + " is of type " +
                        std::string(JsonKindName(bad->value.kind())) + ", not a URL";
  } else {
    violation.message = "the URL in " + NameAt(bad->place, bad->key) + " of " + Subject(workload) +
                        " " + verdict.problem;
  }
  violation.observed = ObservedAt(bad);
  if (bad && bad->value.is_string()) violation.observed = Shown(*bad);
  violation.required =
      "the URL of one page" + (input.parameters.List(kHosts).empty()
                                   ? std::string()
                                   : " on " + JoinKeys(input.parameters.List(kHosts)));
  violation.fix = ObjectFix(
      PatchAt(workload, target.place, target.key,
              Yaml::String(Suggested(input)).Commented("replace with the URL of its runbook")));
  violation.identity = verdict.grade == UrlGrade::kWeak ? "front page" : "runbook";
  if (verdict.grade == UrlGrade::kWeak) violation.strongest = Action::kWarn;
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const std::vector<std::string>& keys = input.parameters.List(kKeys);
  if (keys.empty()) {
    outcome.NotApplicable("the policy lists no keys to look for");
    return;
  }
  Places places;
  places.label = false;  // a label's value can hold no URL
  std::optional<Declared> best;
  UrlVerdict of_best{UrlGrade::kUseless, ""};
  const UrlRequirements requirements = Requirements(input);
  const Lookup lookup = FindDeclared(input.workload, keys, places, [&](const Declared& declared) {
    UrlVerdict verdict{UrlGrade::kUseless, ""};
    if (declared.value.is_string()) verdict = JudgeUrl(declared.text(), requirements);
    if (verdict.grade == UrlGrade::kGood) return true;
    // Of several the best is reported, else the first.
    if (!best || verdict.grade < of_best.grade) {
      best = declared;
      of_best = std::move(verdict);
    }
    return false;
  });
  if (!lookup.good) outcome.Fail(Bad(input, best, of_best));
}

constexpr Rule kRule = {
    .id = "runbook.url",
    .title = "The workload links its runbook",
    .rationale =
        "Somebody who did not write the service is woken by its alert. Without a runbook they read "
        "source code at night, guess which restart is safe, and wake the author after all. A link "
        "to the front page of a wiki, to example.com or to a page called TODO passes a check for "
        "presence and helps just as little (kube-prometheus#731).",
    .remediation =
        "Put the URL of the service's own runbook into the annotation plimsoll.dev/runbook: what "
        "it "
        "does, how to tell that it works, what to do for each of its alerts, whom to call. The "
        "host "
        "must be one that people on call can reach by name, the path that of one page.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://kubernetes.io/blog/2021/04/20/annotating-k8s-for-humans/, RFC 2606, RFC 3986, "
        "RFC 6761, https://github.com/prometheus-operator/kube-prometheus/issues/731",
};

}  // namespace

const Rule& RunbookUrlRule() { return kRule; }

}  // namespace plimsoll
