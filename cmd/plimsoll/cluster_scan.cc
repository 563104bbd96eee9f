#include "cluster_scan.h"

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "cluster.h"
#include "cluster_terms.h"
#include "namespaces.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/codec/related_objects.h"
#include "plimsoll/controllers/owner_index.h"
#include "plimsoll/controllers/webhook_configuration.h"
#include "plimsoll/kube/list.h"
#include "plimsoll/kube/resources.h"
#include "plimsoll/policy/needs.h"
#include "terminal.h"
#include "waivers.h"

namespace plimsoll::cli {
namespace {

using controllers::WorkloadKindSet;

// A workload of another kind made it, and answers for it.
bool IsOwned(JsonView object) {
  for (const JsonView owner : object["metadata"]["ownerReferences"].elements()) {
    if (owner["controller"].AsBool().value_or(false) &&
        ParseWorkloadKind(owner["kind"].StringOrEmpty())) {
      return true;
    }
  }
  return false;
}

// Of this kind alone; every other trouble is with the server, and asking on would be answered the same.
bool IsRefusal(const Error& error) {
  return error.code == ErrorCode::kForbidden && !IsUnauthorized(error);
}

class Scan {
 public:
  using Visit = std::function<void(const Workload& workload, EvaluationContext& context)>;

  Scan(kube::ApiCaller& api, const ScanTerms& terms, const Visit& visit)
      : api_(api),
        terms_(terms),
        visit_(visit),
        namespaces_(terms.namespace_name, {}),
        waivers_(terms.namespace_name, terms.now) {
    controllers::WebhookOptions options;
    options.own_namespace = kOwnNamespace;
    never_judged_ = controllers::NeverJudged(options);
  }

  Result<ScanOutcome> Run() {
    if (const Status read = ReadFacts(); !read) return tl::unexpected(read.error());
    if (const Status read = ReadBeside(); !read) return tl::unexpected(read.error());
    WorkloadKindSet kinds;
    for (const PolicySnapshot* policies : terms_.policies) {
      kinds |= controllers::JudgedKinds(*policies);
    }
    Progress progress("judging workloads:", Count(kinds));
    bool listed = false;
    std::optional<Error> first;
    for (size_t i = 0; i < kWorkloadKindCount; ++i) {
      if (!kinds[i]) continue;
      const Status read = ReadKind(kube::ResourceOf(static_cast<WorkloadKind>(i)), progress);
      listed = listed || read.has_value();
      if (read || read.error().code == ErrorCode::kNotFound) continue;  // Rollouts: not installed
      if (!IsRefusal(read.error())) return tl::unexpected(read.error());
      outcome_.notes.push_back(read.error().message + "; these are missing below");
      if (!first) first = read.error();
    }
    if (!listed && first) return tl::unexpected(*first);
    return std::move(outcome_);
  }

 private:
  kube::ListOptions InNamespace() const {
    kube::ListOptions options;
    options.namespace_name = terms_.namespace_name;
    return options;
  }

  // How many there are, by one object of each kind and what the server says remains.
  size_t Count(const WorkloadKindSet& kinds) {
    size_t count = 0;
    JsonParser parser;
    for (size_t i = 0; i < kWorkloadKindCount; ++i) {
      if (!kinds[i]) continue;
      kube::ApiRequest request;
      request.path = kube::CollectionPath(kube::ResourceOf(static_cast<WorkloadKind>(i)),
                                          terms_.namespace_name) +
                     "?limit=1";
      Result<kube::ApiResponse> response = api_.Call(request);
      if (!response) continue;
      const Result<JsonView> list = parser.Parse(response->body);
      if (!list) continue;
      count += (*list)["items"].size();
      count += static_cast<size_t>((*list)["metadata"]["remainingItemCount"].AsInt().value_or(0));
    }
    return count;
  }

  Status ReadFacts() {
    if (Result<InputFile> file = ListAsFile(api_, kube::kNamespaces)) {
      files_.push_back(*std::move(file));
    } else if (!IsRefusal(file.error())) {
      return tl::unexpected(file.error());  // also where there are none: that is no API server
    } else {
      outcome_.notes.push_back(file.error().message + "; namespaces are known by name alone");
    }
    namespaces_.Learn(files_);
    Result<InputFile> file = ListAsFile(api_, kube::kWaivers);
    if (file) {
      waiver_files_.push_back(*std::move(file));
    } else if (IsRefusal(file.error())) {
      outcome_.notes.push_back(file.error().message + "; judged without waivers");
    } else if (file.error().code != ErrorCode::kNotFound) {
      return tl::unexpected(file.error());
    }
    waivers_.Learn(waiver_files_);
    known_waivers_ = waivers_.Take();
    return {};
  }

  Status ReadBeside() {
    RelatedKinds needs;
    for (const PolicySnapshot* policies : terms_.policies) needs.Add(RelatedKindsOf(*policies));
    RelatedIndex index;
    // Nobody has counted them: there are several kinds, and most pass quickly.
    Progress progress("reading what stands beside workloads:", 0);
    for (size_t i = 0; i < kRelatedKindCount; ++i) {
      const auto kind = static_cast<RelatedKind>(i);
      if (!needs.Has(kind)) continue;
      kube::ListOptions options = InNamespace();
      // Monitors and alerts of any namespace may be about this one.
      const bool anywhere = kind != RelatedKind::kPodDisruptionBudget &&
                            kind != RelatedKind::kAutoscaler && kind != RelatedKind::kService;
      if (anywhere) options.namespace_name.clear();
      if (kind == RelatedKind::kRuleFile) {
        options.label_selector = std::string(kRuleFileLabel) + "=true";
      }
      const Status read =
          kube::ListObjects(api_, kube::ResourceOf(kind), options, [&](JsonView object) {
            progress.Advance();
            SetRelated(index, kind,
                       {std::string(object["metadata"]["namespace"].StringOrEmpty()),
                        std::string(object["metadata"]["name"].StringOrEmpty())},
                       object);
          });
      if (read) {
        index.SetKnowledge(kind, Knowledge::kKnown);
      } else if (read.error().code == ErrorCode::kNotFound) {
        index.SetKnowledge(kind, Knowledge::kNotInstalled);
      } else if (!IsRefusal(read.error())) {
        return read;
      } else {
        outcome_.notes.push_back(read.error().message + "; rules that ask about them do not apply");
      }
    }
    related_ = index.Snapshot();
    return {};
  }

  Status ReadKind(const kube::ResourceType& type, Progress& progress) {
    // Items of a list do not say what they are.
    const std::string head = R"({"apiVersion":")" + type.api_version() + R"(","kind":")" +
                             std::string(type.kind) + "\",";
    return kube::ListObjects(api_, type, InNamespace(), [&](JsonView item) {
      progress.Advance();
      if (IsNeverJudged(item)) return;
      if (IsOwned(item)) {
        ++outcome_.owned;
        return;
      }
      text_ = ToJson(item);
      if (text_.size() < 3) return;  // "{}"
      text_ = head + text_.substr(1);
      const Result<JsonView> object = parser_.Parse(text_, DuplicateKeys::kNote);
      if (!object || !workload_.Assign(*object)) return;
      Hand(type);
    });
  }

  bool IsNeverJudged(JsonView object) const {
    const std::string_view home = object["metadata"]["namespace"].StringOrEmpty();
    return std::find(never_judged_.begin(), never_judged_.end(), home) != never_judged_.end();
  }

  void Hand(const kube::ResourceType& type) {
    // A list that was begun anew hands over some objects twice.
    const bool fresh = seen_
                           .insert(std::string(type.plural) + '/' +
                                   std::string(workload_.namespace_name()) + '/' + workload_.name())
                           .second;
    if (!fresh) return;
    ++outcome_.workloads;
    const Namespaces::Facts facts = namespaces_.Find(workload_.namespace_name());
    EvaluationContext context;
    context.now = terms_.now;
    context.namespace_name = workload_.namespace_name();
    context.namespace_labels = facts.labels;
    context.namespace_annotations = facts.annotations;
    context.waivers = known_waivers_.get();
    context.related = related_.get();
    context.settles_at = SettlesAt(workload_, false, terms_.now, kRelatedGrace);
    context.directory = terms_.directory;
    context.locate = false;
    visit_(workload_, context);
  }

  kube::ApiCaller& api_;
  const ScanTerms& terms_;
  const Visit& visit_;
  ScanOutcome outcome_;
  std::vector<InputFile> files_;
  std::vector<InputFile> waiver_files_;
  Namespaces namespaces_;
  Waivers waivers_;
  std::unique_ptr<const WaiverSet> known_waivers_;
  std::shared_ptr<const RelatedObjects> related_;
  std::vector<std::string> never_judged_;  // namespaces
  std::unordered_set<std::string> seen_;
  JsonParser parser_;
  std::string text_;
  Workload workload_;
};

}  // namespace

Result<ScanOutcome> ScanCluster(
    kube::ApiCaller& api, const ScanTerms& terms,
    const std::function<void(const Workload& workload, EvaluationContext& context)>& visit) {
  return Scan(api, terms, visit).Run();
}

}  // namespace plimsoll::cli
