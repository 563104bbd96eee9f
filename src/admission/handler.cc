#include "plimsoll/admission/handler.h"

#include "admission/answer.h"
#include "admission/mercy.h"
#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

// Names in messages of ours; longer ones are an attempt to fill logs.
constexpr size_t kMaxShownName = 120;

std::string ApiVersion(std::string_view group, std::string_view version) {
  std::string text(group);
  if (!text.empty()) text += '/';
  return text += version;
}

// Why a request is none of ours; "" if it is to be judged. The API server sends such requests only where the webhook
// configuration asks for them: it is better to say so in the audit log than to refuse what nobody meant to be judged.
std::string WhyNotJudged(const AdmissionRequest& request) {
  if (request.operation != Operation::kCreate && request.operation != Operation::kUpdate) {
    return "not judged: operation " + std::string(OperationName(request.operation));
  }
  if (!request.sub_resource.empty()) {
    return "not judged: subresource " + SanitizeLine(request.sub_resource, kMaxShownName);
  }
  if (!WorkloadKindOf(ApiVersion(request.group, request.version), request.kind)) {
    return "not judged: " +
           SanitizeLine(ApiVersion(request.group, request.version), kMaxShownName) + " " +
           SanitizeLine(request.kind, kMaxShownName) + " is no workload kind Plimsoll knows";
  }
  return {};
}

std::string OrNothing(std::string_view field, std::string_view value) {
  return value.empty() ? "(no " + std::string(field) + ")" : SanitizeLine(value, kMaxShownName);
}

// The object must be what the request says it is. Else somebody could have one kind judged and another one stored.
Status CheckObject(const AdmissionRequest& request, const JsonView object, std::string_view field) {
  const std::string expected = ApiVersion(request.group, request.version);
  if (!object.is_object()) {
    return Fail(ErrorCode::kInvalidArgument,
                "request." + std::string(field) + ": expected an object, got " +
                    std::string(JsonKindName(object.kind())),
                object.exists() ? object.position() : SourcePosition{});
  }
  const std::string_view api_version = object["apiVersion"].StringOrEmpty();
  const std::string_view kind = object["kind"].StringOrEmpty();
  if (api_version != expected || kind != request.kind) {
    return Fail(ErrorCode::kInvalidArgument,
                "request." + std::string(field) + ": expected " + expected + " " +
                    std::string(request.kind) + " as in request.kind, got " +
                    OrNothing("apiVersion", api_version) + " " + OrNothing("kind", kind),
                object.position());
  }
  return {};
}

Status Assign(const AdmissionRequest& request, JsonView object, std::string_view field,
              Workload& workload) {
  if (Status status = CheckObject(request, object, field); !status) return status;
  if (!workload.Assign(object, request.namespace_name)) {
    return Fail(ErrorCode::kInternal,
                "request." + std::string(field) + ": no workload could be made of it",
                object.position());
  }
  return {};
}

// The reference whose owner manages the object; missing where there is none.
JsonView ControllerReference(const Workload& workload) {
  for (const JsonView reference : workload.metadata()["ownerReferences"].elements()) {
    if (reference["controller"].AsBool().value_or(false)) return reference;
  }
  return {};
}

// Anybody can write an owner reference: it is believed where the owner is known by its uid.
Result<bool> OwnerConfirmed(const Workload& workload, std::string_view namespace_name,
                            const PolicySnapshot& policies, const OwnerSource* owners) {
  if (owners == nullptr) return false;
  const JsonView reference = ControllerReference(workload);
  if (!reference.exists()) return false;
  const OwnerSource::Answer answer =
      owners->Confirm(namespace_name, workload.kind(), reference, policies);
  if (answer == OwnerSource::Answer::kPending) {
    return Fail(ErrorCode::kUnavailable,
                "the object's owner " +
                    SanitizeLine(reference["name"].StringOrEmpty(), kMaxShownName) +
                    " is not known yet and is being asked for");
  }
  return answer == OwnerSource::Answer::kConfirmed;
}

Result<NamespaceSource::Facts> FactsOf(std::string_view name, const NamespaceSource* namespaces) {
  if (namespaces == nullptr) return NamespaceSource::Facts{};
  NamespaceSource::Facts facts = namespaces->Find(name);
  if (facts.pending) {
    return Fail(ErrorCode::kUnavailable, "namespace " + SanitizeLine(name, kMaxShownName) +
                                             " is not known yet and is being asked for");
  }
  return facts;
}

}  // namespace

Result<MercyAnswer> AdmissionHandler::Judge(const AdmissionRequest& request,
                                            const PolicySnapshot& policies,
                                            const MercySources& mercy, EvaluationContext context,
                                            Verdict& verdict) {
  verdict = evaluator_.Evaluate(policies, workload_, context);
  if (verdict.decision != Decision::kDeny) return MercyAnswer{};
  Result<MercyAnswer> answer =
      FindMercy({request, workload_, context.old_workload, verdict, policies}, mercy);
  if (!answer || answer->mercy == Mercy::kNone) return answer;
  context.mercy = answer->mercy;
  context.mercy_detail = answer->detail;
  verdict = evaluator_.Evaluate(policies, workload_, context);
  return answer;
}

Result<ReviewOutcome> AdmissionHandler::Handle(const AdmissionRequest& request,
                                               const PolicySnapshot& policies,
                                               const NamespaceSource* namespaces, Timestamp now,
                                               const OwnerSource* owners, const MercySources& mercy,
                                               const RelatedSource* related,
                                               const WaiverSet* waivers) {
  ReviewOutcome outcome;
  outcome.response.uid = std::string(request.uid);
  if (std::string why = WhyNotJudged(request); !why.empty()) {
    outcome.response.audit_annotations.emplace_back("verdict", DecisionName(Decision::kAllow));
    outcome.response.audit_annotations.emplace_back("reason", std::move(why));
    return outcome;
  }
  const bool update = request.operation == Operation::kUpdate;
  if (Status status = Assign(request, request.object, "object", workload_); !status) {
    return tl::unexpected(status.error());
  }
  if (update) {
    if (Status status = Assign(request, request.old_object, "oldObject", old_workload_); !status) {
      return tl::unexpected(status.error());
    }
  }

  EvaluationContext context;
  context.now = now;
  context.operation = request.operation;
  context.namespace_name = request.namespace_name;
  context.locate = false;  // there is no file to point at
  context.waivers = waivers;
  context.directory = directory_.get();
  context.old_workload = update ? &old_workload_ : nullptr;
  const Result<NamespaceSource::Facts> facts = FactsOf(request.namespace_name, namespaces);
  if (!facts) return tl::unexpected(facts.error());
  context.namespace_labels = facts->labels;
  context.namespace_annotations = facts->annotations;
  const Result<bool> confirmed =
      OwnerConfirmed(workload_, request.namespace_name, policies, owners);
  if (!confirmed) return tl::unexpected(confirmed.error());
  context.owner_confirmed = *confirmed;
  // Held until the verdict is there.
  const std::shared_ptr<const RelatedObjects> others =
      related == nullptr ? nullptr : related->Current();
  context.related = others.get();
  if (related != nullptr) {
    context.settles_at = SettlesAt(workload_, !update, now, related->Grace());
  }
  const Result<MercyAnswer> answer = Judge(request, policies, mercy, context, outcome.verdict);
  if (!answer) return tl::unexpected(answer.error());
  outcome.workload = &workload_;
  outcome.old_workload = context.old_workload;

  // request.name is empty with generateName, and is the name that will be used where it is not.
  const Subject subject{request.group, request.kind,
                        request.name.empty() ? std::string_view(workload_.name()) : request.name,
                        request.namespace_name};
  WriteAnswer(subject, outcome.verdict, policies, answer->no, outcome.response);
  return outcome;
}

}  // namespace plimsoll
