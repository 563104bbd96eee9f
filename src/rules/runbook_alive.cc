// Also what of it concerns those who look at links (plimsoll/rules/runbook_link.h).
#include <algorithm>
#include <optional>
#include <string>

#include "plimsoll/base/text.h"
#include "plimsoll/model/link.h"
#include "plimsoll/rules/runbook_link.h"
#include "rules/builtin.h"
#include "rules/metadata.h"
#include "rules/suggest.h"
#include "rules/url.h"

namespace plimsoll {
namespace {

constexpr size_t kShownBytes = 120;

enum Spec : size_t { kKeys, kHosts, kNetworks, kMaxAgeDays, kIntervalHours };

constexpr ParameterSpec kParameters[] = {
    {.name = "keys",
     .type = ParameterType::kKeyList,
     .default_json = R"(["plimsoll.dev/runbook","a8r.io/runbook","runbook","runbook-url"])",
     .description = "Annotations that may hold the link, as for runbook.url."},
    {.name = "hosts",
     .type = ParameterType::kHostList,
     .default_json = "[]",
     .description = "Hosts that may be asked, such as `*.corp.internal`, also after a redirect; "
                    "empty: any host that has a public address."},
    {.name = "networks",
     .type = ParameterType::kNetworkList,
     .default_json = "[]",
     .description =
         "Private networks that may be asked, such as that of the wiki (`10.20.0.0/16`). Loopback, "
         "link-local and metadata addresses are never asked."},
    {.name = "maxAgeDays",
     .type = ParameterType::kInteger,
     .default_json = "180",
     .description = "After so many days without a change a page is out of date, where its server "
                    "says when it was changed (Last-Modified); 0: never.",
     .minimum = 0,
     .maximum = 3650},
    {.name = "intervalHours",
     .type = ParameterType::kInteger,
     .default_json = "24",
     .description = "How long after one look a page is looked at again.",
     .minimum = 1,
     .maximum = 720},
};

bool IsLookable(std::string_view url) { return TakeLinkApart(url).has_value(); }

Lookup FindLink(const Workload& workload, const Parameters& parameters) {
  Places places;
  places.label = false;  // a label's value can hold no URL
  return FindDeclared(workload, parameters.List(kKeys), places, [](const Declared& declared) {
    return declared.value.is_string() && IsLookable(Trim(declared.text()));
  });
}

// Without query and fragment: a token in there is not repeated in logs and reports.
std::string Shown(std::string_view url) {
  return SanitizeLine(url.substr(0, url.find_first_of("?#")), kShownBytes);
}

std::string Suggested(const RuleInput& input) {
  std::string host = "runbooks.corp.internal";
  for (const std::string& listed : input.parameters.List(kHosts)) {
    host = listed.starts_with("*.") ? "runbooks" + listed.substr(1) : listed;
    break;
  }
  return "https://" + host + "/" + SuggestedName(input.workload);
}

Violation Useless(const RuleInput& input, const Declared& declared, std::string message,
                  std::string identity) {
  const int64_t days = input.parameters.Integer(kMaxAgeDays);
  Violation violation;
  violation.path = PathAt(input.workload, declared.place, declared.key);
  violation.message = std::move(message);
  violation.observed = std::string(declared.key) + ": " + Shown(Trim(declared.text()));
  violation.required = "a page that can be read without a login";
  if (days > 0) {
    violation.required += ", changed in the last " + std::to_string(days) + " days";
  }
  violation.fix =
      ObjectFix(PatchAt(input.workload, declared.place, declared.key,
                        Yaml::String(Suggested(input))
                            .Commented("replace with the URL of a page that is there, or "
                                       "bring back the one that was")));
  violation.identity = std::move(identity);
  violation.strongest = Action::kWarn;
  return violation;
}

void Evaluate(const RuleInput& input, RuleOutcome& outcome) {
  const LinkResults* links = input.environment.links;
  if (links == nullptr) {
    outcome.NotApplicable("links are looked at by the controller's audit alone");
    return;
  }
  const Lookup lookup = FindLink(input.workload, input.parameters);
  if (!lookup.good) {
    outcome.NotApplicable("it links no runbook that can be looked at, which runbook.url reports");
    return;
  }
  const std::string_view url = Trim(lookup.good->text());
  const std::optional<LinkParts> parts = TakeLinkApart(url);
  if (!parts || !HostIsAmong(parts->host, input.parameters.List(kHosts))) {
    outcome.NotApplicable("its runbook is on none of the hosts that are looked at");
    return;
  }
  const LinkResult* result = links->Find(url);
  if (result == nullptr || result->state == LinkState::kPending) {
    outcome.NotApplicable("its runbook has not been looked at yet");
    return;
  }
  if (result->state == LinkState::kRefused) {
    outcome.NotApplicable("its runbook is at an address that may not be asked");
    return;
  }
  const std::string subject = "the runbook of " + Subject(input.workload);
  if (result->state == LinkState::kDead) {
    outcome.Fail(Useless(input, *lookup.good,
                         subject + " cannot be read since " + FormatDate(result->since) +
                             ": the page " + SanitizeLine(result->problem, kShownBytes),
                         "dead"));
    return;
  }
  const std::chrono::days max_age(input.parameters.Integer(kMaxAgeDays));
  if (max_age.count() > 0 && result->last_modified &&
      *result->last_modified + max_age < input.environment.now) {
    outcome.Fail(
        Useless(input, *lookup.good,
                subject + " was last changed on " +
                    FormatDate(std::chrono::floor<std::chrono::days>(*result->last_modified)) +
                    ", so nobody knows whether it still holds",
                "old"));
  }
}

constexpr Rule kRule = {
    .id = kRunbookAliveRuleId,
    .title = "The runbook that is linked can be read",
    .rationale =
        "The link was right when it was written. Then the wiki moved, the page was archived, or "
        "the space was closed to all but one team, and whoever is woken at night looks at \"page "
        "not found\" or at a login form that their phone cannot pass (kube-prometheus#1535, "
        "kubernetes-mixin#685).",
    .remediation =
        "Open the link without being logged in, from where people on call are. Bring the page "
        "back, make it readable, or link the one that took its place. The leader looks at each "
        "link about once a day and reports in the audit only: nobody is refused because a wiki is "
        "down. A page that answers with a login, with an error or with \"not found\" in words "
        "counts as dead; so does one that cannot be reached three times in a row.",
    .parameters = kParameters,
    .evaluate = Evaluate,
    .sources =
        "https://github.com/prometheus-operator/kube-prometheus/issues/1535, "
        "https://github.com/kubernetes-monitoring/kubernetes-mixin/issues/685",
    .rule_class = RuleClass::kNetwork,
};

// RFC 3986 section 2: what may not stand in a request's line is sent as its bytes.
std::string Encoded(std::string_view text) {
  static constexpr std::string_view kHex = "0123456789ABCDEF";
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte > 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += '%';
      out += kHex[byte >> 4];
      out += kHex[byte & 0xF];
    }
  }
  return out;
}

}  // namespace

std::string_view RunbookLinkOf(const Workload& workload, const Parameters& parameters) {
  const Lookup lookup = FindLink(workload, parameters);
  return lookup.good ? Trim(lookup.good->text()) : std::string_view();
}

LinkTerms LinkTermsOf(const Parameters& parameters) {
  LinkTerms terms;
  terms.hosts = parameters.List(kHosts);
  for (const std::string& text : parameters.List(kNetworks)) {
    if (const std::optional<IpNetwork> network = ParseIpNetwork(text)) {
      terms.networks.push_back(*network);
    }
  }
  terms.interval = std::chrono::hours(parameters.Integer(kIntervalHours));
  return terms;
}

std::string LinkParts::Authority() const {
  const bool v6 = !is_name && host.find(':') != std::string::npos;
  std::string authority = v6 ? "[" + host + "]" : host;
  if (port != (tls ? 443 : 80)) authority += ":" + std::to_string(port);
  return authority;
}

std::optional<LinkParts> TakeLinkApart(std::string_view text) {
  Url url;
  if (!Url::Parse(text, url).empty() || url.has_userinfo()) return std::nullopt;
  if (url.scheme() != "https" && url.scheme() != "http") return std::nullopt;
  LinkParts parts;
  parts.tls = url.scheme() == "https";
  parts.host = url.host();
  parts.is_name = url.host_kind() == Url::HostKind::kName;
  if (parts.host.starts_with('[')) parts.host = parts.host.substr(1, parts.host.size() - 2);
  parts.port = url.port().value_or(parts.tls ? 443 : 80);
  parts.target = url.path().empty() ? "/" : Encoded(url.path());
  if (!url.query().empty()) parts.target += "?" + Encoded(url.query());
  return parts;
}

std::string ResolveReference(const LinkParts& base, std::string_view reference) {
  reference = Trim(reference);
  reference = reference.substr(0, reference.find('#'));
  const std::string scheme = base.tls ? "https:" : "http:";
  if (reference.starts_with("//")) return scheme + std::string(reference);
  const size_t colon = reference.find(':');
  if (colon != std::string_view::npos && colon < reference.find_first_of("/?")) {
    return std::string(reference);
  }
  const std::string origin = scheme + "//" + base.Authority();
  const std::string path = base.target.substr(0, base.target.find('?'));
  if (reference.empty()) return origin + base.target;
  if (reference.starts_with('/')) return origin + std::string(reference);
  if (reference.starts_with('?')) return origin + path + std::string(reference);
  return origin + path.substr(0, path.rfind('/') + 1) + std::string(reference);
}

bool HostIsAmong(std::string_view host, const std::vector<std::string>& patterns) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(),
                     [host](const std::string& pattern) { return HostMatches(pattern, host); });
}

const Rule& RunbookAliveRule() { return kRule; }

}  // namespace plimsoll
