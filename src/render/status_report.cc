#include "plimsoll/render/status_report.h"

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <ostream>
#include <tuple>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/model/workload.h"
#include "render/service_json.h"
#include "render/terminal_text.h"
#include "render/text_table.h"

namespace plimsoll {
namespace {

using Json = nlohmann::ordered_json;

// Of one service's past; the record has them all.
constexpr size_t kMaxEventsShown = 15;

int Badness(ReadinessState state) {
  switch (state) {
    case ReadinessState::kReady:
      return 0;
    case ReadinessState::kWaived:
      return 1;
    case ReadinessState::kNotReady:
      return 2;
    case ReadinessState::kBlocked:
      return 3;
  }
  return 0;
}

Ink InkOf(ReadinessState state) {
  switch (state) {
    case ReadinessState::kReady:
      return Ink::kGreen;
    case ReadinessState::kWaived:
      return Ink::kBlue;
    case ReadinessState::kNotReady:
      return Ink::kYellow;
    case ReadinessState::kBlocked:
      return Ink::kRed;
  }
  return Ink::kPlain;
}

std::string Next(const std::optional<Upcoming>& upcoming) {
  if (!upcoming) return "-";
  return std::string(ActionName(upcoming->action)) + " " + Day(upcoming->from);
}

TextTable::Cell Number(uint64_t number) {
  return NumberCell(number == 0 ? "-" : std::to_string(number));
}

std::string Where(const WorkloadKey& workload) {
  return CleanLine(workload.namespace_name + "/" + std::string(WorkloadKindName(workload.kind)) +
                   "/" + workload.name);
}

// "checkout" of "checkout (payments)", as record/service.h tells services of two owners apart; here the owner stands beside it.
std::string ServiceName(const WorkloadRecord& record) {
  std::string name = record.service.empty() ? record.workload.name : record.service;
  const std::string owner = " (" + record.owner + ")";
  if (name.size() > owner.size() && name.ends_with(owner)) name.resize(name.size() - owner.size());
  return name;
}

void Take(const RecordWithHistory& one, ServiceStatus& service) {
  const WorkloadRecord& record = one.record;
  if (Badness(record.state) > Badness(service.state)) service.state = record.state;
  if (service.owner.empty()) service.owner = record.owner;
  if (service.tier.empty()) service.tier = record.tier;
  service.first_seen =
      service.workloads == 0 ? record.first_seen : std::min(service.first_seen, record.first_seen);
  ++service.workloads;
  service.failing += record.failing;
  service.waived += record.waived;
  service.blocked_releases += one.history.blocked_releases;
  if (record.upcoming && (!service.upcoming || record.upcoming->from < service.upcoming->from)) {
    service.upcoming = record.upcoming;
  }
  service.records.push_back(&one);
}

void WriteFindings(const WorkloadRecord& record, const TextStyle& style, std::ostream& out) {
  for (const RecordedFinding& finding : record.findings) {
    const bool waived = !finding.waiver.empty();
    const Ink ink = waived                            ? Ink::kBlue
                    : finding.action == Action::kDeny ? Ink::kRed
                                                      : Ink::kYellow;
    out << "    " << Paint(waived ? "waived" : ActionName(finding.action), ink, style.color) << "  "
        << Paint(CleanLine(finding.policy + "/" + finding.rule), Ink::kBold, style.color);
    if (finding.upcoming) out << "  " << Next(finding.upcoming);
    out << '\n';
    WriteWrapped(finding.message, 6, style.width, Ink::kPlain, style.color, out);
  }
}

// What a review has told of a workload that never came in: no audit lists it.
void WriteTold(const RecordWithHistory& one, const TextStyle& style, std::ostream& out) {
  if (!one.record.uid.empty()) return;
  for (const ToldFinding& finding : one.history.findings) {
    if (finding.outcome != FindingOutcome::kOpen) continue;
    out << "    " << Paint(CleanLine(finding.rule), Ink::kBold, style.color);
    if (!finding.container.empty()) out << "  container " << CleanLine(finding.container);
    out << "  told since " << Day(finding.first_shown);
    if (finding.first_denied) out << ", refused since " << Day(*finding.first_denied);
    out << '\n';
  }
}

void WriteEvents(const ServiceStatus& service, const TextStyle& style, std::ostream& out) {
  std::vector<std::pair<const HistoryEvent*, std::string_view>> events;
  for (const RecordWithHistory* one : service.records) {
    for (const HistoryEvent& event : one->history.events) {
      events.emplace_back(&event, one->record.workload.namespace_name);
    }
  }
  std::stable_sort(events.begin(), events.end(),
                   [](const auto& a, const auto& b) { return a.first->at > b.first->at; });
  if (events.empty()) return;
  out << '\n' << Paint("What has happened, the latest first", Ink::kBold, style.color) << '\n';
  for (size_t i = 0; i < std::min(events.size(), kMaxEventsShown); ++i) {
    const auto& [event, home] = events[i];
    out << "  " << FormatTimestamp(event->at) << "  " << HistoryEventName(event->type) << "  "
        << CleanLine(home) << "  " << CleanLine(event->note) << '\n';
  }
  if (events.size() > kMaxEventsShown) {
    out << "  and " << events.size() - kMaxEventsShown << " more (--json has them all)\n";
  }
}

Json JsonOf(const RecordWithHistory& one) {
  const WorkloadRecord& record = one.record;
  Json findings = Json::array();
  for (const RecordedFinding& finding : record.findings) {
    findings.push_back({{"policy", finding.policy},
                        {"rule", finding.rule},
                        {"container", finding.container},
                        {"action", ActionName(finding.action)},
                        {"waiver", finding.waiver},
                        {"message", finding.message},
                        {"firstObserved", FormatTimestamp(finding.first_observed)}});
  }
  Json events = Json::array();
  for (const HistoryEvent& event : one.history.events) {
    events.push_back({{"at", FormatTimestamp(event.at)},
                      {"type", HistoryEventName(event.type)},
                      {"note", event.note}});
  }
  return {{"namespace", record.workload.namespace_name},
          {"kind", WorkloadKindName(record.workload.kind)},
          {"name", record.workload.name},
          {"state", ReadinessStateName(record.state)},
          {"findings", std::move(findings)},
          {"events", std::move(events)}};
}

}  // namespace

std::vector<ServiceStatus> ServicesOf(const std::vector<RecordWithHistory>& records) {
  std::map<std::pair<std::string, std::string>, ServiceStatus> by_name;
  for (const RecordWithHistory& one : records) {
    // Records of before services were known have none: the workload's name is the best there is.
    const std::string name = ServiceName(one.record);
    ServiceStatus& service = by_name[{name, one.record.owner}];
    service.service = name;
    Take(one, service);
  }
  std::vector<ServiceStatus> services;
  for (auto& [name, service] : by_name) {
    std::sort(service.records.begin(), service.records.end(), [](const auto* a, const auto* b) {
      const WorkloadKey& x = a->record.workload;
      const WorkloadKey& y = b->record.workload;
      return std::tie(x.namespace_name, x.kind, x.name) <
             std::tie(y.namespace_name, y.kind, y.name);
    });
    services.push_back(std::move(service));
  }
  std::stable_sort(services.begin(), services.end(), [](const auto& a, const auto& b) {
    return Badness(a.state) > Badness(b.state);
  });
  return services;
}

std::vector<OwnerStatus> OwnersOf(const std::vector<ServiceStatus>& services) {
  std::map<std::string, OwnerStatus> by_name;
  for (const ServiceStatus& service : services) {
    OwnerStatus& owner = by_name[service.owner];
    owner.owner = service.owner;
    ++owner.services;
    ++(service.state == ReadinessState::kReady      ? owner.ready
       : service.state == ReadinessState::kBlocked  ? owner.blocked
       : service.state == ReadinessState::kNotReady ? owner.not_ready
                                                    : owner.waived);
    owner.failing += service.failing;
  }
  std::vector<OwnerStatus> owners;
  for (auto& [name, owner] : by_name) owners.push_back(std::move(owner));
  std::stable_sort(owners.begin(), owners.end(), [](const OwnerStatus& a, const OwnerStatus& b) {
    return std::tie(a.blocked, a.not_ready, a.failing) >
           std::tie(b.blocked, b.not_ready, b.failing);
  });
  return owners;
}

void WriteServicesText(const std::vector<ServiceStatus>& services, const TextStyle& style,
                       std::ostream& out) {
  if (services.empty()) {
    out << "No records yet: a workload has one as soon as an audit or a review has seen it.\n";
    return;
  }
  TextTable table({{"SERVICE"},
                   {"OWNER"},
                   {"TIER"},
                   {"STATE"},
                   NumberCell("FAILING"),
                   NumberCell("WAIVED"),
                   NumberCell("BLOCKED"),
                   {"FIRST SEEN"},
                   {"NEXT"}});
  for (const ServiceStatus& service : services) {
    table.Add({{NameOr(service.service, "-")},
               {NameOr(service.owner, "(nobody)")},
               {NameOr(service.tier, "-")},
               {std::string(ReadinessStateName(service.state)), InkOf(service.state)},
               Number(service.failing),
               Number(service.waived),
               Number(service.blocked_releases),
               {Day(service.first_seen)},
               {Next(service.upcoming)}});
  }
  table.Write(style.color, out);
}

void WriteOwnersText(const std::vector<OwnerStatus>& owners, const TextStyle& style,
                     std::ostream& out) {
  if (owners.empty()) {
    out << "No records yet: a workload has one as soon as an audit or a review has seen it.\n";
    return;
  }
  TextTable table({{"OWNER"},
                   NumberCell("SERVICES"),
                   NumberCell("READY"),
                   NumberCell("WAIVED"),
                   NumberCell("NOT READY"),
                   NumberCell("BLOCKED"),
                   NumberCell("FINDINGS")});
  for (const OwnerStatus& owner : owners) {
    table.Add({{NameOr(owner.owner, "(nobody)")},
               Number(owner.services),
               Number(owner.ready),
               Number(owner.waived),
               Number(owner.not_ready),
               Number(owner.blocked),
               Number(owner.failing)});
  }
  table.Write(style.color, out);
}

void WriteServiceText(const ServiceStatus& service, const TextStyle& style, std::ostream& out) {
  out << Paint(CleanLine(service.service), Ink::kBold, style.color) << "  "
      << Paint(ReadinessStateName(service.state), InkOf(service.state), style.color) << '\n'
      << "  owner " << NameOr(service.owner, "(nobody)") << ", first seen "
      << Day(service.first_seen) << ", " << service.blocked_releases
      << (service.blocked_releases == 1 ? " blocked release" : " blocked releases");
  if (service.upcoming) out << ", next: " << Next(service.upcoming);
  out << '\n';
  for (const RecordWithHistory* one : service.records) {
    out << "\n  " << Where(one->record.workload) << "  "
        << Paint(ReadinessStateName(one->record.state), InkOf(one->record.state), style.color)
        << '\n';
    WriteFindings(one->record, style, out);
    WriteTold(*one, style, out);
  }
  WriteEvents(service, style, out);
}

void WriteStatusJson(const std::vector<ServiceStatus>& services, Timestamp now, std::ostream& out) {
  Json list = Json::array();
  for (const ServiceStatus& service : services) {
    Json workloads = Json::array();
    for (const RecordWithHistory* one : service.records) workloads.push_back(JsonOf(*one));
    list.push_back(ServiceJson(service, std::move(workloads)));
  }
  const Json json = {{"version", kStatusJsonVersion},
                     {"now", FormatTimestamp(now)},
                     {"services", std::move(list)}};
  out << json.dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
}

}  // namespace plimsoll
