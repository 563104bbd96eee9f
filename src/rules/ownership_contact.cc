#include <algorithm>
#include <string>

#include "plimsoll/base/text.h"
#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/owner_team.h"
#include "rules/pattern.h"
#include "rules/placeholder.h"
#include "rules/slug.h"
#include "rules/suggest.h"
#include "rules/url.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 80;
// RFC 5321 allows an address of 254 bytes; a channel's link may be longer.
constexpr size_t kMaxAddressBytes = 254;

enum Spec : size_t { kKeys, kPattern };

constexpr ParameterSpec kParameters[] = {
    {.name = "keys",
     .type = ParameterType::kKeyList,
     .default_json = R"(["plimsoll.dev/contact","a8r.io/chat","a8r.io/support","contact","email"])",
     .description = "Annotations that may say how to reach the owner; the first that does counts."},
    {.name = "pattern",
     .type = ParameterType::kPattern,
     .default_json = "\"\"",
     .description = "What a contact looks like, such as `#[a-z-]+`; empty: a #channel, an @handle, "
                    "an e-mail address or an https link."},
};

bool IsVisible(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) > ' ' && c != 0x7f;
  });
}

// somebody@a.host: enough to tell an address from a name; whether it exists only a mail server knows.
bool IsEmail(std::string_view text) {
  if (text.starts_with("mailto:")) text.remove_prefix(7);
  const size_t at = text.find('@');
  if (text.size() > kMaxAddressBytes || at == 0 || at == std::string_view::npos) return false;
  const std::string_view local = text.substr(0, at);
  const std::string host = ToLowerAscii(text.substr(at + 1));
  if (!IsVisible(local) || IsPlaceholder(local)) return false;
  if (local.find_first_of("<>()[],;:\\\"") != std::string_view::npos) return false;
  const bool labels =
      host.size() <= kMaxHostBytes && host.find('.') != std::string::npos &&
      host.find("..") == std::string::npos && std::all_of(host.begin(), host.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
      });
  return labels && host.front() != '.' && host.back() != '.' && !IsReservedHost(host);
}

bool IsLink(std::string_view text) {
  static const std::vector<std::string> kSchemes = {"https"};
  static const std::vector<std::string> kAnyHost;
  return JudgeUrl(text, {kSchemes, kAnyHost}).grade != UrlGrade::kUseless;
}

bool IsContact(std::string_view text) {
  text = Trim(text);
  if (IsPlaceholder(text)) return false;
  if (text.starts_with('#') ||
      (text.starts_with('@') && text.find('@', 1) == std::string_view::npos)) {
    const std::string_view name = text.substr(1);
    return name.size() <= kMaxAddressBytes && IsVisible(name) && !IsPlaceholder(name);
  }
  return text.find("://") == std::string_view::npos ? IsEmail(text) : IsLink(text);
}

// As it may be printed: a password is not repeated in logs and reports.
std::string Shown(std::string_view text) {
  if (text.find("://") != std::string_view::npos && text.find('@') != std::string_view::npos)
    return "a link (not shown)";
  return "\"" + SanitizeLine(text, kShownBytes) + "\"";
}

Violation Missing(const RuleInput& input, const std::optional<Declared>& bad) {
  const Workload& workload = input.workload;
  const std::vector<std::string>& keys = input.parameters.List(kKeys);
  const re2::RE2* pattern = input.parameters.Pattern(kPattern);
  const Declared target = bad.value_or(Declared{keys.front(), Place::kAnnotation, JsonView()});
  const std::string team = SuggestTeam(workload);
  const std::string contact = SuggestMatching(
      pattern,
      {"#" + team, "@" + team, team + "@corp.internal", "https://chat.corp.internal/" + team});
  Violation violation;
  violation.path = PathAt(workload, target.place, target.key);
  if (!bad) {
    violation.message = Subject(workload) + " says nowhere how to reach the people who run it";
  } else if (!bad->value.is_string()) {
    violation.message = NameAt(bad->place, bad->key) + " of " + Subject(workload) +
                        " is not a string, so nobody can be reached by it";
  } else {
    violation.message = NameAt(bad->place, bad->key) + " of " + Subject(workload) + " has " +
                        Shown(bad->text()) +
                        (IsContact(bad->text()) ? ", which is no contact" + ThatMatches(pattern)
                                                : ", where nobody can be reached");
  }
  violation.observed = bad && bad->value.is_string()
                           ? std::string(bad->key) + ": " + Shown(bad->text())
                           : ObservedAt(bad);
  violation.required =
      "a #channel, an @handle, an e-mail address or an https link" + ThatMatches(pattern);
  violation.fix =
      ObjectFix(PatchAt(workload, target.place, target.key,
                        Yaml::String(contact).Commented(
                            "replace with the team's channel or address" + ThatMatches(pattern))));
  violation.identity = "contact";
  violation.strongest = StrongestWithout(input);
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const std::vector<std::string>& keys = input.parameters.List(kKeys);
  if (keys.empty()) {
    outcome.NotApplicable("the policy lists no keys to look for");
    return;
  }
  const re2::RE2* pattern = input.parameters.Pattern(kPattern);
  Places places;
  places.label = false;  // a label's value can hold neither "#" nor "@"
  const Lookup lookup =
      FindDeclared(input.workload, keys, places, [pattern](const Declared& declared) {
        return declared.value.is_string() && IsContact(declared.text()) &&
               MatchesWhole(pattern, Trim(declared.text()));
      });
  if (lookup.good) return;
  const Team* owner = OwnerTeam(input);
  if (owner != nullptr && IsContact(owner->contact) &&
      MatchesWhole(pattern, Trim(owner->contact))) {
    outcome.Note(InheritedFrom(*owner));
  } else {
    outcome.Fail(Missing(input, lookup.bad));
  }
}

constexpr Rule kRule = {
    .id = "ownership.contact",
    .title = "The workload says how to reach the people who run it",
    .rationale =
        "The owner's label says \"ledger\", and whoever is on call for another service has never "
        "heard of that team. They search the wiki, find a channel that was archived in spring, and "
        "wait there for an answer. A channel or an address on the workload itself is one kubectl "
        "describe away.",
    .remediation =
        "Add the annotation plimsoll.dev/contact with the team's channel (#payments), handle "
        "(@payments-oncall), e-mail address or a link to them; or give it once, in the team's entry of the directory of "
        "teams. Use the team's, not a person's.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources = "https://kubernetes.io/blog/2021/04/20/annotating-k8s-for-humans/",
};

}  // namespace

const Rule& OwnershipContactRule() { return kRule; }

}  // namespace plimsoll
