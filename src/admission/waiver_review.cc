#include "plimsoll/admission/waiver_review.h"

#include <array>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "admission/refusal.h"
#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr size_t kMaxShownName = 120;
constexpr std::string_view kApproval = "approval";
constexpr std::string_view kRequestedByPath = "spec.requestedBy";
constexpr std::string_view kApprovedByPath = "spec.approval.approvedBy";

std::string Shown(std::string_view name) { return "\"" + SanitizeLine(name, kMaxShownName) + "\""; }

// What is being done to a waiver. Nothing else can be.
enum class Step : uint8_t { kRequest, kChange, kApprove, kChangeApproved };

// One request that writes the spec of a waiver.
class Review {
 public:
  Review(const AdmissionRequest& request, const WaiverReviewContext& context)
      : request_(request), context_(context), step_(StepOf(request)) {}

  Result<AdmissionResponse> Run() {
    response_.uid = std::string(request_.uid);
    CheckWho();
    if (step_ == Step::kApprove && problems_.empty()) {
      if (Status asked = CheckMayApprove(); !asked) return tl::unexpected(asked.error());
    }
    // Of an approved waiver nothing may change, whether or not it would be right.
    if (step_ != Step::kChangeApproved) CheckWhat();
    if (!problems_.empty()) {
      Refuse(request_, kWaiverKind, Headline(), problems_, response_);
    } else if (step_ == Step::kApprove && waiver_) {
      SayWhatIsApproved(*waiver_);
    }
    return std::move(response_);
  }

 private:
  JsonView spec() const { return request_.object["spec"]; }
  JsonView old_spec() const { return request_.old_object["spec"]; }
  std::string_view requested_by() const { return spec()["requestedBy"].StringOrEmpty(); }

  static Step StepOf(const AdmissionRequest& request) {
    if (request.operation == Operation::kCreate) return Step::kRequest;
    if (request.old_object["spec"][kApproval].present()) return Step::kChangeApproved;
    return request.object["spec"][kApproval].present() ? Step::kApprove : Step::kChange;
  }

  std::string Headline() const {
    const std::string_view name =
        request_.name.empty() ? request_.object["metadata"]["name"].StringOrEmpty() : request_.name;
    const std::string waiver = "ReadinessWaiver " + SanitizeLine(name, kMaxShownName);
    switch (step_) {
      case Step::kRequest:
        return waiver + " cannot be requested as it is written";
      case Step::kApprove:
        return waiver + " cannot be approved";
      default:
        return waiver + " cannot be changed";
    }
  }

  void Add(std::string_view path, std::string message) {
    problems_.push_back({{}, {}, std::string(path), std::move(message)});
  }

  // ---- who ----

  void CheckWho() {
    if (request_.username.empty()) Add("", "the request has no user");
    switch (step_) {
      case Step::kRequest:
        return CheckRequest();
      case Step::kChange:
        return CheckChange();
      case Step::kApprove:
        return CheckApproval();
      case Step::kChangeApproved:
        return Add("spec",
                   "the waiver is approved: nothing of it can be changed, nor its approval taken "
                   "back; delete it, and request another");
    }
  }

  void CheckRequest() {
    if (requested_by() != request_.username) {
      Add(kRequestedByPath, "must be the user who requests the waiver, " +
                                Shown(request_.username) + ", and is " + Shown(requested_by()));
    }
    if (spec()[kApproval].present()) {
      Add("spec.approval",
          "must not be set yet: a waiver is requested first, and then approved by somebody else");
    }
  }

  void CheckChange() {
    CheckRequesterStays();
    if (old_spec()["requestedBy"].StringOrEmpty() != request_.username) {
      Add("spec", "only who requested the waiver, " +
                      Shown(old_spec()["requestedBy"].StringOrEmpty()) +
                      ", may change it; delete it, and request another");
    }
  }

  void CheckRequesterStays() {
    const std::string_view before = old_spec()["requestedBy"].StringOrEmpty();
    if (requested_by() == before) return;
    Add(kRequestedByPath, "who requested the waiver, " + Shown(before) + ", cannot be changed");
  }

  void CheckApproval() {
    CheckRequesterStays();
    constexpr std::array kExcept = {kApproval};
    if (!MembersEqual(spec(), old_spec(), kExcept)) {
      Add("spec", "the request that approves a waiver must change nothing else");
    }
    const std::string_view approved_by = spec()[kApproval]["approvedBy"].StringOrEmpty();
    if (approved_by != request_.username) {
      Add(kApprovedByPath, "must be the user who approves, " + Shown(request_.username) +
                               ", and is " + Shown(approved_by));
    }
    if (MayBeSamePerson(request_.username, old_spec()["requestedBy"].StringOrEmpty())) {
      Add(kApprovedByPath,
          Shown(request_.username) + " requested the waiver; somebody else must approve it");
    }
  }

  Status CheckMayApprove() {
    using Answer = AccessSource::Answer;
    const std::string_view name = request_.old_object["metadata"]["name"].StringOrEmpty();
    const Answer answer = context_.access == nullptr
                              ? Answer::kUnknown
                              : context_.access->MayDo(request_, {kApproveVerb, kWaiverResource,
                                                                  request_.namespace_name, name});
    switch (answer) {
      case Answer::kAllowed:
        return {};
      case Answer::kPending:
        return Fail(ErrorCode::kUnavailable,
                    "whether the user may approve waivers is not known yet "
                    "and is being asked for");
      case Answer::kDenied:
        Add(kApprovedByPath,
            Shown(request_.username) + " may not approve readinesswaivers in the namespace " +
                Shown(request_.namespace_name) + "; it takes the verb approve on them (RBAC)");
        return {};
      case Answer::kUnknown:
        Add(kApprovedByPath, "whether " + Shown(request_.username) +
                                 " may approve readinesswaivers here could not be found out; "
                                 "try again");
        return {};
    }
    return {};
  }

  // ---- what ----

  void CheckWhat() {
    ParsedWaiver parsed = ParseReadinessWaiver(request_.object, request_.namespace_name);
    for (Diagnostic& problem : parsed.problems) {
      // One person who does both has been told so.
      if (problem.path != kApprovedByPath || problems_.empty()) {
        problems_.push_back(std::move(problem));
      }
    }
    if (!parsed.waiver) return CheckPolicy();
    const Timestamp created = parsed.waiver->created.value_or(context_.now);
    for (Diagnostic& problem :
         CheckTerms(*parsed.waiver, context_.policies, created, context_.now)) {
      problems_.push_back(std::move(problem));
    }
    const bool full = step_ == Step::kRequest && context_.waivers != nullptr &&
                      context_.waivers->CountIn(request_.namespace_name) >= kMaxWaiversPerNamespace;
    if (full) {
      Add("metadata.namespace", "there are " + std::to_string(kMaxWaiversPerNamespace) +
                                    " waivers in this namespace; delete those that have expired");
    }
    waiver_ = std::move(parsed.waiver);
  }

  // Of what cannot be read: at least whether there is such a policy, so that it is not told only the next time.
  void CheckPolicy() {
    ReadinessWaiver named;
    named.policy = spec()["policy"].StringOrEmpty();
    if (named.policy.empty() || context_.policies.Find(named.policy) != nullptr) return;
    for (Diagnostic& problem : CheckTerms(named, context_.policies, context_.now, context_.now)) {
      problems_.push_back(std::move(problem));
    }
  }

  // Somebody may have changed it between their look at it and this request.
  void SayWhatIsApproved(const ReadinessWaiver& waiver) {
    for (const WaivedWorkload& workload : waiver.workloads) {
      AddWarning("approved for " + std::string(WorkloadKindName(workload.kind)) + " " +
                     workload.name + " until " + FormatDate(waiver.expires) + ": " +
                     Join(waiver.rules, ", "),
                 response_);
    }
    response_.audit_annotations.emplace_back(
        "waiver", "approved by " + SanitizeLine(request_.username, kMaxShownName) +
                      ", requested by " + SanitizeLine(requested_by(), kMaxShownName));
  }

  const AdmissionRequest& request_;
  const WaiverReviewContext& context_;
  Step step_;
  std::vector<Diagnostic> problems_;
  std::optional<ReadinessWaiver> waiver_;
  AdmissionResponse response_;
};

Status CheckObject(JsonView object, std::string_view field) {
  if (object.is_object() && object["spec"].is_object()) return {};
  return Fail(ErrorCode::kInvalidArgument, "request." + std::string(field) +
                                               ": expected a ReadinessWaiver with a spec, got " +
                                               std::string(JsonKindName(object.kind())));
}

}  // namespace

Result<AdmissionResponse> ReviewWaiver(const AdmissionRequest& request,
                                       const WaiverReviewContext& context) {
  const bool update = request.operation == Operation::kUpdate;
  if (request.kind != kWaiverKind || !request.sub_resource.empty() ||
      (request.operation != Operation::kCreate && !update)) {
    AdmissionResponse response;
    response.uid = std::string(request.uid);
    response.audit_annotations.emplace_back("reason",
                                            "not judged: no ReadinessWaiver that is written");
    return response;
  }
  if (Status status = CheckObject(request.object, "object"); !status) {
    return tl::unexpected(status.error());
  }
  if (update) {
    if (Status status = CheckObject(request.old_object, "oldObject"); !status) {
      return tl::unexpected(status.error());
    }
    // Also one that is being deleted: what comes off it comes off, and nothing is put on.
    if (DeepEquals(request.object["spec"], request.old_object["spec"])) {
      AdmissionResponse response;
      response.uid = std::string(request.uid);
      return response;
    }
  }
  return Review(request, context).Run();
}

}  // namespace plimsoll
