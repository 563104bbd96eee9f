#include "plimsoll/render/report_api.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <tuple>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/render/questions_report.h"
#include "render/api_query.h"
#include "render/questions_json.h"
#include "render/service_json.h"

namespace plimsoll {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view kRecordsResource = "workloadreadinesses";
constexpr std::string_view kWaiversResource = "readinesswaivers";
constexpr std::string_view kPoliciesResource = "readinesspolicies";
// An error's; what of it comes from a request is shorter.
constexpr size_t kMaxMessageBytes = 400;
constexpr std::string_view kServed =
    "served here: /api/v1/services, /api/v1/services/NAMESPACE/KIND/NAME, /api/v1/policies, "
    "/api/v1/waivers, /api/v1/questions";

enum class Topic { kNone, kServices, kService, kPolicies, kWaivers, kQuestions };

Topic TopicOf(std::string_view path) {
  if (!path.starts_with(kApiPath)) return Topic::kNone;
  const std::string_view rest = path.substr(kApiPath.size());
  if (rest == "services") return Topic::kServices;
  if (rest == "policies") return Topic::kPolicies;
  if (rest == "waivers") return Topic::kWaivers;
  if (rest == "questions") return Topic::kQuestions;
  if (rest.starts_with("services/") && Split(rest, '/').size() == 4) return Topic::kService;
  return Topic::kNone;
}

std::string Text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json TimeOf(const std::optional<Timestamp>& time) {
  return time ? Json(FormatTimestamp(*time)) : Json();
}

// ---- services ----

Json WorkloadJson(const WorkloadRecord& record) {
  return {{"namespace", record.workload.namespace_name},
          {"kind", WorkloadKindName(record.workload.kind)},
          {"name", record.workload.name},
          {"state", ReadinessStateName(record.state)}};
}

Json BriefServiceJson(const ServiceStatus& service) {
  Json workloads = Json::array();
  for (const RecordWithHistory* one : service.records) {
    workloads.push_back(WorkloadJson(one->record));
  }
  return ServiceJson(service, std::move(workloads));
}

Json FindingJson(const RecordedFinding& finding) {
  return {{"policy", finding.policy},
          {"rule", finding.rule},
          {"path", finding.path},
          {"container", finding.container},
          {"message", finding.message},
          {"action", ActionName(finding.action)},
          {"waiver", finding.waiver},
          {"firstObserved", FormatTimestamp(finding.first_observed)},
          {"next", UpcomingJson(finding.upcoming)}};
}

Json ToldJson(const ToldFinding& told) {
  return {{"rule", told.rule},
          {"container", told.container},
          {"firstShown", FormatTimestamp(told.first_shown)},
          {"shownBy", SightingName(told.shown_by)},
          {"firstDenied", TimeOf(told.first_denied)},
          {"outcome", FindingOutcomeName(told.outcome)},
          {"ended", TimeOf(told.ended)}};
}

// With all that its record has.
Json WholeWorkloadJson(const RecordWithHistory& one) {
  Json json = WorkloadJson(one.record);
  json["admitted"] = !one.record.uid.empty();
  json["policies"] = one.record.policies;
  json["failing"] = one.record.failing;
  json["waived"] = one.record.waived;
  json["passed"] = one.record.passed;
  json["findings"] = Json::array();
  for (const RecordedFinding& finding : one.record.findings) {
    json["findings"].push_back(FindingJson(finding));
  }
  json["told"] = Json::array();
  for (const ToldFinding& told : one.history.findings) json["told"].push_back(ToldJson(told));
  json["events"] = Json::array();
  for (const HistoryEvent& event : one.history.events) {
    json["events"].push_back({{"at", FormatTimestamp(event.at)},
                              {"type", HistoryEventName(event.type)},
                              {"note", event.note}});
  }
  return json;
}

Json WholeServiceJson(const ServiceStatus& service) {
  Json workloads = Json::array();
  for (const RecordWithHistory* one : service.records) {
    workloads.push_back(WholeWorkloadJson(*one));
  }
  return ServiceJson(service, std::move(workloads));
}

// ---- policies and waivers ----

Json StageJson(const std::vector<Stage>& stages, Action strongest, Timestamp now) {
  Json json = {{"stage", ActionName(std::min(StageAt(stages, now).action, strongest))}};
  const std::optional<Stage> next = NextStage(stages, now);
  json["next"] = next && next->from ? UpcomingJson(Upcoming{next->action, *next->from}) : Json();
  return json;
}

Json PolicyJson(const ReadinessPolicy& policy, const ReportFacts& facts, Timestamp now) {
  Json json = {{"name", policy.name},
               {"description", policy.description},
               {"contact", policy.contact},
               {"documentation", policy.documentation}};
  json.update(StageJson(policy.stages, policy.strongest, now));
  const auto& records = facts.report.records;
  json["workloads"] = std::count_if(records.begin(), records.end(), [&](const auto& one) {
    const auto& names = one.record.policies;
    return std::find(names.begin(), names.end(), policy.name) != names.end();
  });
  json["rules"] = Json::array();
  for (const PolicyRule& rule : policy.rules) {
    Json one = {{"rule", rule.rule->id}};
    one.update(StageJson(rule.stages.empty() ? policy.stages : rule.stages, policy.strongest, now));
    json["rules"].push_back(std::move(one));
  }
  return json;
}

Json WaiverJson(const ReportedWaiver& one) {
  const ReadinessWaiver& waiver = one.waiver;
  Json workloads = Json::array();
  for (const WaivedWorkload& workload : waiver.workloads) {
    workloads.push_back({{"kind", WorkloadKindName(workload.kind)}, {"name", workload.name}});
  }
  return {{"namespace", waiver.namespace_name},
          {"name", waiver.name},
          {"state", one.state ? Json(WaiverStateName(*one.state)) : Json()},
          {"policy", waiver.policy},
          {"rules", waiver.rules},
          {"workloads", std::move(workloads)},
          {"reason", waiver.reason},
          {"requestedBy", waiver.requested_by},
          {"approvedBy", waiver.approved_by},
          {"expires", FormatTimestamp(waiver.expires)}};
}

// ---- pages ----

// Items by `key`, which tells them apart, from behind the last page on.
template <class Item, class Key, class Write>
Json Page(std::vector<const Item*> items, const ApiQuery& query, const Key& key,
          const Write& write) {
  std::sort(items.begin(), items.end(),
            [&](const Item* a, const Item* b) { return key(*a) < key(*b); });
  auto item = items.begin();
  if (!query.after.empty()) {
    item = std::upper_bound(
        items.begin(), items.end(), query.after,
        [&](const std::string& after, const Item* one) { return after < key(*one); });
  }
  Json page = {{"metadata", {{"continue", ""}, {"remainingItemCount", 0}}},
               {"items", Json::array()}};
  for (; item != items.end() && page["items"].size() < query.limit; ++item) {
    page["items"].push_back(write(**item));
  }
  if (item != items.end() && item != items.begin()) {
    page["metadata"] = {{"continue", ContinueAfter(key(**std::prev(item)))},
                        {"remainingItemCount", items.end() - item}};
  }
  return page;
}

bool IsIn(const ServiceStatus& service, const std::string& namespace_name) {
  return std::any_of(service.records.begin(), service.records.end(), [&](const auto* one) {
    return one->record.workload.namespace_name == namespace_name;
  });
}

Json ServicesPage(const ReportFacts& facts, const ApiQuery& query) {
  std::vector<const ServiceStatus*> wanted;
  for (const ServiceStatus& service : facts.services) {
    if (query.owner && service.owner != *query.owner) continue;
    if (query.state && service.state != *query.state) continue;
    if (query.namespace_name && !IsIn(service, *query.namespace_name)) continue;
    wanted.push_back(&service);
  }
  return Page(
      std::move(wanted), query,
      [](const ServiceStatus& one) { return one.service + '\n' + one.owner; }, BriefServiceJson);
}

Json WaiversPage(const ReportFacts& facts, const ApiQuery& query) {
  std::vector<const ReportedWaiver*> wanted;
  for (const ReportedWaiver& one : facts.report.waivers) {
    if (query.namespace_name && one.waiver.namespace_name != *query.namespace_name) continue;
    wanted.push_back(&one);
  }
  return Page(
      std::move(wanted), query,
      [](const ReportedWaiver& one) { return one.waiver.namespace_name + '\n' + one.waiver.name; },
      WaiverJson);
}

Json PoliciesPage(const ReportFacts& facts, const ApiQuestion& question, const ApiQuery& query) {
  std::vector<const ReadinessPolicy*> wanted;
  if (question.policies != nullptr) {
    for (const ReadinessPolicy& policy : question.policies->policies()) wanted.push_back(&policy);
  }
  return Page(
      std::move(wanted), query, [](const ReadinessPolicy& one) { return one.name; },
      [&](const ReadinessPolicy& one) { return PolicyJson(one, facts, question.now); });
}

// The answers of the whole and of each owner, and those of services by page.
Json QuestionsPage(const ReportFacts& facts, const ApiQuery& query) {
  std::vector<const ServiceAnswers*> wanted;
  for (const ServiceAnswers& service : facts.answers.services) {
    if (!query.owner || service.owner == *query.owner) wanted.push_back(&service);
  }
  Json page = Page(
      std::move(wanted), query,
      [](const ServiceAnswers& one) { return one.service + '\n' + one.owner; },
      [](const ServiceAnswers& one) { return QuestionsJson(one); });
  page["total"] = QuestionsJson(facts.answers.total);
  page["total"].erase("owner");
  page["owners"] = Json::array();
  for (const OwnerAnswers& owner : facts.answers.owners) {
    if (!query.owner || owner.owner == *query.owner) page["owners"].push_back(QuestionsJson(owner));
  }
  return page;
}

// The one that has the workload of the path.
const ServiceStatus* ServiceOf(const ReportFacts& facts, std::string_view path) {
  const std::vector<std::string_view> parts = Split(path.substr(kApiPath.size()), '/');
  for (const ServiceStatus& service : facts.services) {
    for (const RecordWithHistory* one : service.records) {
      const WorkloadKey& key = one->record.workload;
      if (key.namespace_name == parts[1] && WorkloadKindName(key.kind) == parts[2] &&
          key.name == parts[3]) {
        return &service;
      }
    }
  }
  return nullptr;
}

}  // namespace

ReportFacts::ReportFacts(HtmlReport from)
    : report(std::move(from)),
      services(ServicesOf(report.records)),
      answers(AnswerQuestions(report.records)) {}

std::vector<std::string_view> ApiResources(std::string_view path) {
  switch (TopicOf(path)) {
    case Topic::kServices:
    case Topic::kService:
    case Topic::kQuestions:
      return {kRecordsResource};
    case Topic::kPolicies:
      return {kPoliciesResource, kRecordsResource};
    case Topic::kWaivers:
      return {kWaiversResource};
    case Topic::kNone:
      break;
  }
  return {};
}

ApiAnswer ApiError(int status, std::string_view reason, std::string_view message) {
  return {status, Text({{"version", kApiVersion},
                        {"code", status},
                        {"reason", reason},
                        {"message", SanitizeLine(message, kMaxMessageBytes)}})};
}

ApiAnswer AnswerApi(const ReportFacts& facts, const ApiQuestion& question) {
  const Topic topic = TopicOf(question.path);
  if (topic == Topic::kNone) return ApiError(404, "NotFound", kServed);
  const Result<ApiQuery> query = ParseApiQuery(question.query);
  if (!query) return ApiError(400, "BadRequest", query.error().message);
  Json json = {{"version", kApiVersion}, {"asOf", FormatTimestamp(facts.report.now)}};
  switch (topic) {
    case Topic::kServices:
      json.update(ServicesPage(facts, *query));
      break;
    case Topic::kService: {
      const ServiceStatus* service = ServiceOf(facts, question.path);
      if (service == nullptr)
        return ApiError(404, "NotFound", "no workload of that name has a record");
      json["service"] = WholeServiceJson(*service);
      break;
    }
    case Topic::kPolicies:
      json.update(PoliciesPage(facts, question, *query));
      break;
    case Topic::kWaivers:
      json.update(WaiversPage(facts, *query));
      break;
    case Topic::kQuestions:
      json.update(QuestionsPage(facts, *query));
      break;
    case Topic::kNone:
      break;
  }
  return {200, Text(json)};
}

}  // namespace plimsoll
