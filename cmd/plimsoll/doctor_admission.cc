// What is asked and by what: webhook entries with their certificates and exclusions, the guard of waivers, policies, and
// what the one who asks may do.
#include <algorithm>
#include <chrono>
#include <set>
#include <string>

#include "doctor_checks.h"
#include "doctor_look.h"
#include "plimsoll/base/text.h"
#include "plimsoll/controllers/webhook_configuration.h"
#include "plimsoll/kube/replica_reports.h"
#include "plimsoll/kube/resources.h"
#include "plimsoll/kube/webhook_configuration_store.h"
#include "plimsoll/tls/certificate.h"

namespace plimsoll::cli {
namespace {

using controllers::Webhook;
using controllers::WebhookConfiguration;

// The controller replaces a CA when a third of its life is left; one that is this near its end was not replaced.
constexpr std::chrono::days kSoon(7);

std::string Restart(const Installation& where) {
  return "kubectl -n " + where.namespace_name + " rollout restart deployment/" + where.controller +
         "; its leader writes caBundle anew";
}

std::vector<const Webhook*> OurEntries(const WebhookConfiguration& configuration) {
  std::vector<const Webhook*> entries;
  for (const Webhook& webhook : configuration.webhooks) {
    if (controllers::IsOurWebhook(webhook.name)) entries.push_back(&webhook);
  }
  return entries;
}

void CheckEntries(Examination& examination, const std::vector<const Webhook*>& entries) {
  std::string asked;
  for (const Webhook* entry : entries) {
    if (entry->rules.empty()) continue;
    if (!asked.empty()) asked += ", ";
    asked += entry->name;
    if (entry->failure_policy == FailurePolicy::kFail) asked += " (Fail)";
  }
  if (asked.empty()) {
    return examination.Bad(
        "webhook", "no entry asks for anything: nothing is judged",
        "is a policy in force, and a replica ready? The leader writes the entries then");
  }
  examination.Good("webhook", "asks by " + asked);
}

// The CAs of an entry's bundle that still hold; and what is wrong with the others.
void CheckBundle(Examination& examination, const Webhook& entry, std::set<std::string>& trusted) {
  const Installation& where = examination.installation;
  if (entry.ca_bundle.empty()) {
    return examination.Bad("certificates", entry.name + " has no caBundle, so no call succeeds",
                           Restart(where));
  }
  const auto certificates = InspectCertificates(entry.ca_bundle);
  if (!certificates) {
    return examination.Bad(
        "certificates", entry.name + ": caBundle cannot be read: " + certificates.error().message,
        Restart(where));
  }
  Timestamp last{};
  for (const CertificateInfo& one : *certificates) {
    last = std::max(last, one.not_after);
    if (one.not_after >= examination.now && one.not_before <= examination.now) {
      trusted.insert(one.sha256);
    }
  }
  if (last < examination.now) {
    return examination.Bad("certificates",
                           entry.name + ": caBundle has expired on " + FormatTimestamp(last),
                           Restart(where));
  }
  if (last < examination.now + kSoon) {
    return examination.Bad("certificates",
                           entry.name + ": caBundle expires on " + FormatTimestamp(last) +
                               " and has not been replaced",
                           "is there a leader? " + Restart(where));
  }
  examination.Good("certificates", entry.name + ": caBundle holds until " + FormatTimestamp(last));
}

// Whether what each replica serves was signed by a CA that the API server is told to trust.
void CheckTrust(Examination& examination, const std::set<std::string>& trusted) {
  const Installation& where = examination.installation;
  kube::ReplicaReports store(examination.api, {where.namespace_name, ""}, "");
  const auto reports = store.List();
  if (!reports) {
    const bool forbidden = reports.error().code == ErrorCode::kForbidden;
    return examination.Unknown("trust", forbidden ? "may not be read" : reports.error().message,
                               "it takes list on leases in " + where.namespace_name);
  }
  if (reports->empty()) {
    return examination.Note("trust", "no replica has reported its certificate",
                            "where cert-manager makes them that is as it should be");
  }
  std::string bad;
  for (const controllers::ReplicaReport& report : *reports) {
    if (!trusted.contains(report.ca)) bad += (bad.empty() ? "" : ", ") + report.replica;
  }
  if (!bad.empty()) {
    return examination.Bad("trust", "caBundle does not trust the certificate of " + bad,
                           Restart(where));
  }
  examination.Good("trust", "caBundle trusts the certificates of " +
                                std::to_string(reports->size()) +
                                (reports->size() == 1 ? " replica" : " replicas"));
}

// Namespaces that entries never ask about.
void CheckExclusions(Examination& examination, const std::vector<const Webhook*>& entries) {
  std::set<std::string> names;
  for (const Webhook* entry : entries) {
    for (const LabelSelector::Requirement& one : entry->namespace_selector.requirements) {
      if (one.op == LabelSelector::Operator::kNotIn && one.key == "kubernetes.io/metadata.name") {
        names.insert(one.values.begin(), one.values.end());
      }
    }
  }
  const std::vector<std::string> list(names.begin(), names.end());
  if (list.empty()) return;
  examination.Note("exclusions", "never asked about: " + Join(list, ", "), "");
}

struct Right {
  std::string_view verb;
  const kube::ResourceType& type;
  std::string_view needed_for;
};

const Right kRights[] = {
    {"list", kube::kPolicies, "explain policy"},   {"list", kube::kRecords, "report"},
    {"list", kube::kWaivers, "waiver list"},       {"create", kube::kWaivers, "waiver request"},
    {"approve", kube::kWaivers, "waiver approve"},
};

}  // namespace

void CheckWebhooks(Examination& examination) {
  kube::WebhookConfigurationStore store(examination.api, examination.installation.configuration);
  const auto read = store.Read();
  if (!read && read.error().code == ErrorCode::kNotFound) {
    return examination.Bad("webhook",
                           "no ValidatingWebhookConfiguration " +
                               examination.installation.configuration + ": nothing is judged",
                           "is the controller installed and running? Its leader makes it");
  }
  if (!read) {
    const bool forbidden = read.error().code == ErrorCode::kForbidden;
    return examination.Unknown("webhook", forbidden ? "may not be read" : read.error().message,
                               "it takes get on validatingwebhookconfigurations");
  }
  const std::vector<const Webhook*> entries = OurEntries(*read);
  CheckEntries(examination, entries);
  std::set<std::string> trusted;
  // All have one bundle unless somebody has changed it: tell it once.
  std::set<std::string> seen;
  for (const Webhook* entry : entries) {
    if (seen.insert(entry->ca_bundle).second) CheckBundle(examination, *entry, trusted);
  }
  if (!entries.empty()) CheckTrust(examination, trusted);
  CheckExclusions(examination, entries);
}

void CheckWaiverGuard(Examination& examination) {
  const Look look = Look::At(
      examination.api,
      "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies/waivers.plimsoll.dev");
  if (look.missing()) {
    return examination.Bad("waivers",
                           "no ValidatingAdmissionPolicy waivers.plimsoll.dev: while the "
                           "webhook is away anybody may approve anything",
                           "apply deploy/install.yaml, or the chart, again");
  }
  if (!look.ok()) {
    return examination.Unknown("waivers", look.forbidden() ? "may not be read" : look.why(),
                               "it takes get on validatingadmissionpolicies");
  }
  examination.Good("waivers", "who may approve is held by the API server, too");
}

void CheckPolicies(Examination& examination) {
  const Look look = Look::At(examination.api, kube::CollectionPath(kube::kPolicies));
  if (look.missing()) return;  // said of the CRDs
  if (!look.ok()) {
    return examination.Unknown("policies", look.forbidden() ? "may not be listed" : look.why(),
                               "it takes list on readinesspolicies.plimsoll.dev");
  }
  if (look.objects().empty()) {
    return examination.Note("policies", "there is none, so nothing is judged",
                            "plimsoll policy default | kubectl apply -f -");
  }
  size_t ready = 0;
  for (const JsonView policy : look.objects()) {
    const std::string name(policy["metadata"]["name"].StringOrEmpty());
    std::string why = "its status has not been written";
    bool good = false;
    for (const JsonView condition : policy["status"]["conditions"].elements()) {
      if (condition["type"].StringOrEmpty() != "Ready") continue;
      good = condition["status"].StringOrEmpty() == "True";
      why = condition["message"].StringOrEmpty();
    }
    if (good) {
      ++ready;
    } else {
      examination.Bad("policies", name + " is not ready: " + why,
                      "kubectl get rp " + name + " -o yaml | plimsoll policy validate -");
    }
  }
  if (ready > 0) {
    examination.Good("policies", std::to_string(ready) + (ready == 1 ? " is ready" : " are ready"));
  }
}

void CheckPermissions(Examination& examination) {
  std::string lacking;
  for (const Right& right : kRights) {
    std::string body =
        R"({"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":")" +
        std::string(right.verb) + R"(","group":")" + std::string(right.type.group) +
        R"(","resource":")" + std::string(right.type.plural) + "\"}}}";
    const Look look = Look::Ask(
        examination.api, "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", std::move(body));
    if (!look.ok()) {
      return examination.Unknown("permissions", look.why(), "");
    }
    if (look.object()["status"]["allowed"].AsBool().value_or(false)) continue;
    lacking += (lacking.empty() ? "" : "; ") + std::string(right.verb) + ' ' +
               std::string(right.type.plural) + " (" + std::string(right.needed_for) + ')';
  }
  if (lacking.empty()) {
    return examination.Good("permissions", "everything that this program does, in every namespace");
  }
  examination.Note(
      "permissions", "you may not, in every namespace: " + lacking,
      "roles for it: plimsoll-waiver-requester, plimsoll-waiver-approver; or one namespace may do");
}

}  // namespace plimsoll::cli
