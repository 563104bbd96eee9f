#include "waiver_commands.h"

#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>

#include "cluster.h"
#include "doctor_look.h"
#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/kube/resources.h"
#include "plimsoll/policy/waiver_set.h"
#include "terminal.h"
#include "waiver_session.h"

namespace plimsoll::cli {
namespace {

Result<Timestamp> EndOf(const WaiverOptions& options, Timestamp now) {
  if (!options.lasting.empty()) {
    const auto lasting = ParseDays(options.lasting);
    if (lasting) return now + *lasting;
    return Fail(
        ErrorCode::kInvalidArgument,
        "--for \"" + options.lasting + "\" is no duration; expected one such as 30d or 48h");
  }
  const std::optional<Timestamp> end = ParseTimestamp(options.expires);
  if (!end) {
    return Fail(ErrorCode::kInvalidArgument, "--expires \"" + options.expires +
                                                 "\" is no date; expected one such as 2027-02-01");
  }
  if (*end <= now) {
    return Fail(ErrorCode::kInvalidArgument, "--expires " + options.expires + " is in the past");
  }
  return *end;
}

// As the API server would take it; "" or the first problem.
std::string ProblemOf(const std::string& yaml) {
  const std::unique_ptr<Manifests> parsed = ParseManifests(yaml);
  if (!parsed->problems.empty()) return parsed->problems.front().message;
  const ParsedWaiver read = ParseReadinessWaiver(parsed->objects.front());
  if (read.problems.empty()) return {};
  const Diagnostic& first = read.problems.front();
  return first.path + ": " + first.message;
}

kube::ApiRequest Changing(kube::ApiMethod method, std::string path, std::string body,
                          std::string content_type) {
  kube::ApiRequest request;
  request.method = method;
  request.path = std::move(path);
  request.body = std::move(body);
  request.content_type = std::move(content_type);
  return request;
}

Status Create(kube::ApiCaller& api, const ReadinessWaiver& waiver) {
  const std::unique_ptr<Manifests> parsed = ParseManifests(WaiverYaml(waiver));
  auto answer = api.Call(Changing(kube::ApiMethod::kPost,
                                  kube::CollectionPath(kube::kWaivers, waiver.namespace_name),
                                  ToJson(parsed->objects.front()), "application/json"));
  return MustBeObject(std::move(answer));
}

std::string Described(const ReadinessWaiver& waiver) {
  std::string workloads;
  for (const WaivedWorkload& one : waiver.workloads) {
    if (!workloads.empty()) workloads += ", ";
    workloads += std::string(WorkloadKindName(one.kind)) + '/' + one.name;
  }
  return workloads + " excused from " + Join(waiver.rules, ", ") + " of " + waiver.policy +
         " until " + FormatDate(waiver.expires) + ": " + waiver.reason;
}

// Prints it, or makes it and says how it goes on.
int Send(kube::ApiCaller* api, const ReadinessWaiver& waiver, bool dry_run, std::ostream& out) {
  const std::string yaml = WaiverYaml(waiver);
  if (const std::string problem = ProblemOf(yaml); !problem.empty()) return SayUnable(problem);
  if (dry_run) {
    out << yaml;
    return kExitOk;
  }
  if (const Status made = Create(*api, waiver); !made) {
    if (made.error().code == ErrorCode::kAlreadyExists) {
      return SayUnable("a waiver " + waiver.namespace_name + '/' + waiver.name +
                       " already exists: plimsoll waiver list -n " + waiver.namespace_name +
                       " shows it, plimsoll waiver end " + waiver.name + " -n " +
                       waiver.namespace_name + " deletes it");
    }
    return SayUnable(WordFor(made.error(), "create"));
  }
  out << "requested: " << waiver.namespace_name << '/' << waiver.name << '\n'
      << "  " << SanitizeLine(Described(waiver), std::string::npos) << '\n'
      << "Somebody else has to approve it: plimsoll waiver approve " << waiver.name << " -n "
      << waiver.namespace_name << '\n';
  return kExitOk;
}

Result<ReadinessWaiver> Read(const Look& look, const std::string& shown) {
  if (!look.ok()) {
    if (look.missing()) return Fail(ErrorCode::kNotFound, "no waiver " + shown);
    return Fail(look.error().code, WordFor(look.error(), "get"));
  }
  ParsedWaiver parsed = ParseReadinessWaiver(look.object());
  if (parsed.waiver) return *std::move(parsed.waiver);
  return Fail(ErrorCode::kInvalidArgument,
              shown + " cannot be read: " + parsed.problems.front().message);
}

}  // namespace

Result<std::string> WhoAmI(kube::ApiCaller& api) {
  const Look look =
      Look::Ask(api, "/apis/authentication.k8s.io/v1/selfsubjectreviews",
                R"({"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"})");
  if (!look.ok()) {
    return Fail(look.error().code,
                "who are you? " + InWords(look.error(), "create selfsubjectreviews", ""));
  }
  std::string name(look.object()["status"]["userInfo"]["username"].StringOrEmpty());
  if (name.empty()) return Fail(ErrorCode::kInternal, "the API server does not say who you are");
  return name;
}

int RequestWaiver(const WaiverOptions& options, Timestamp now, std::ostream& out) {
  const Result<Timestamp> end = EndOf(options, now);
  if (!end) return SayUnable(end.error().message);
  ReadinessWaiver waiver;
  for (const std::string& text : options.workloads) {
    const std::optional<WaivedWorkload> workload = ParseWaivedWorkload(text);
    if (!workload) {
      return SayUnable("\"" + SanitizeLine(text, 120) +
                       "\" is no workload; expected KIND/NAME such as Deployment/checkout");
    }
    waiver.workloads.push_back(*workload);
  }
  waiver.policy = options.policy;
  waiver.rules = options.rules;
  waiver.reason = options.reason;
  waiver.requested_by = options.user;
  waiver.expires = *end;
  waiver.name = options.name.empty() ? WaiverNameFor(waiver) : options.name;
  waiver.namespace_name = options.cluster.namespace_name;
  // All that is to be known is known: for GitOps, without a cluster.
  const bool alone =
      options.dry_run && !waiver.requested_by.empty() && !waiver.namespace_name.empty();
  if (alone) return Send(nullptr, waiver, true, out);
  const Result<Session> session = Begin(options.cluster);
  if (!session) {
    return SayUnable(
        session.error().message +
        (options.dry_run ? "; with --requested-by and --namespace none is needed" : ""));
  }
  waiver.namespace_name = session->namespace_name;
  if (waiver.requested_by.empty()) {
    Result<std::string> user = WhoAmI(*session->api);
    if (!user) return SayUnable(user.error().message);
    waiver.requested_by = *std::move(user);
  }
  return Send(session->api.get(), waiver, options.dry_run, out);
}

int ApproveWaiver(const WaiverOptions& options, Timestamp now, std::ostream& out) {
  const Result<Session> session = Begin(options.cluster);
  if (!session) return SayUnable(session.error().message);
  const ObjectKey key{session->namespace_name, options.name};
  const std::string shown = key.namespace_name + '/' + key.name;
  const std::string path = kube::ObjectPath(kube::kWaivers, key);
  const Look look = Look::At(*session->api, path);
  const Result<ReadinessWaiver> waiver = Read(look, shown);
  if (!waiver) return SayUnable(waiver.error().message);
  if (!waiver->approved_by.empty()) {
    out << "unchanged: " << shown << " was approved by " << SanitizeLine(waiver->approved_by, 200)
        << '\n';
    return kExitOk;
  }
  if (waiver->expires <= now)
    return SayUnable(shown + " has expired on " + FormatDate(waiver->expires));
  const Result<std::string> user = WhoAmI(*session->api);
  if (!user) return SayUnable(user.error().message);
  if (MayBeSamePerson(*user, waiver->requested_by)) {
    return SayUnable(shown + " was requested by you (" + SanitizeLine(*user, 200) +
                     "): somebody else approves it");
  }
  // At the version that was read: what was changed meanwhile is to be looked at first.
  std::string body = R"({"metadata":{"resourceVersion":)";
  AppendJsonString(look.object()["metadata"]["resourceVersion"].StringOrEmpty(), body);
  body += R"(},"spec":{"approval":{"approvedBy":)";
  AppendJsonString(*user, body);
  body += "}}}";
  auto answer = session->api->Call(
      Changing(kube::ApiMethod::kPatch, path, std::move(body), "application/merge-patch+json"));
  if (const Status done = MustBeObject(std::move(answer)); !done) {
    return SayUnable(WordFor(done.error(), "approve and patch"));
  }
  out << "approved: " << shown << "\n  " << SanitizeLine(Described(*waiver), std::string::npos)
      << "\n  requested by " << SanitizeLine(waiver->requested_by, 200) << '\n';
  return kExitOk;
}

int RenewWaiver(const WaiverOptions& options, Timestamp now, std::ostream& out) {
  const Result<Timestamp> end = EndOf(options, now);
  if (!end) return SayUnable(end.error().message);
  const Result<Session> session = Begin(options.cluster);
  if (!session) return SayUnable(session.error().message);
  const ObjectKey key{session->namespace_name, options.name};
  Result<ReadinessWaiver> waiver =
      Read(Look::At(*session->api, kube::ObjectPath(kube::kWaivers, key)),
           key.namespace_name + '/' + key.name);
  if (!waiver) return SayUnable(waiver.error().message);
  if (*end <= waiver->expires) {
    return SayUnable(key.name + " lasts until " + FormatDate(waiver->expires) + " as it is");
  }
  const Result<std::string> user = WhoAmI(*session->api);
  if (!user) return SayUnable(user.error().message);
  // What was approved cannot be changed: it is another waiver, which somebody approves again. The old one runs out.
  const std::string date = FormatTimestamp(*end).substr(0, kDateBytes);
  std::string base = waiver->name;
  // "checkout-runbook-2027-01-15" becomes "checkout-runbook-2027-04-15".
  if (base.size() > kDateBytes + 1 && base[base.size() - kDateBytes - 1] == '-' &&
      ParseTimestamp(base.substr(base.size() - kDateBytes))) {
    base.resize(base.size() - kDateBytes - 1);
  }
  waiver->name = base + '-' + date;
  waiver->requested_by = *user;
  waiver->approved_by.clear();
  waiver->expires = *end;
  if (!options.reason.empty()) waiver->reason = options.reason;
  return Send(session->api.get(), *waiver, options.dry_run, out);
}

int EndWaiver(const WaiverOptions& options, Timestamp, std::ostream& out) {
  const Result<Session> session = Begin(options.cluster);
  if (!session) return SayUnable(session.error().message);
  const ObjectKey key{session->namespace_name, options.name};
  const std::string shown = key.namespace_name + '/' + key.name;
  auto answer = session->api->Call(
      Changing(kube::ApiMethod::kDelete, kube::ObjectPath(kube::kWaivers, key), {}, {}));
  if (!answer && answer.error().code == ErrorCode::kNotFound)
    return SayUnable("no waiver " + shown);
  if (const Status done = MustBeObject(std::move(answer)); !done) {
    return SayUnable(WordFor(done.error(), "delete"));
  }
  out << "ended: " << shown << "; its rules are asked again from now on\n";
  return kExitOk;
}

}  // namespace plimsoll::cli
