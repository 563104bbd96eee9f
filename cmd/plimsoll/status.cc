// plimsoll status: records of a cluster to where every service stands.
#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "cluster.h"
#include "commands.h"
#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "plimsoll/kube/history_codec.h"
#include "plimsoll/kube/list.h"
#include "plimsoll/kube/record_codec.h"
#include "plimsoll/render/status_report.h"
#include "terminal.h"
#include "waiver_commands.h"

namespace plimsoll::cli {
namespace {

using Records = std::vector<RecordWithHistory>;

// How often --watch looks again: records are written within seconds, and each look lists them all.
constexpr std::chrono::seconds kLookAgain(5);
constexpr std::string_view kClearScreen = "\x1b[H\x1b[2J";

std::string WordFor(const Error& error) {
  return InWords(error, "list workloadreadinesses.plimsoll.dev",
                 "is Plimsoll installed there? `plimsoll scan` needs nothing installed");
}

Status Read(kube::ApiCaller& api, const StatusOptions& options, Records& records) {
  kube::ListOptions list;
  list.namespace_name = options.cluster.namespace_name;
  return kube::ListObjects(api, kube::kRecords, list, [&](JsonView object) {
    records.push_back({kube::ReadWorkloadRecord(object), kube::ReadWorkloadHistory(object)});
  });
}

// Services that are named after nothing but their workload are called "Deployment/web in shop", others "web (payments)"; who
// asks says web, Deployment/web, deploy/web or shop/web.
bool IsMeant(const std::string& wanted, const ServiceStatus& service) {
  if (service.service.starts_with(wanted + " (")) return true;
  const std::optional<WaivedWorkload> typed = ParseWaivedWorkload(wanted);
  return std::any_of(service.records.begin(), service.records.end(),
                     [&](const RecordWithHistory* one) {
                       const WorkloadKey& key = one->record.workload;
                       if (typed) return typed->kind == key.kind && typed->name == key.name;
                       return wanted == key.name || wanted == key.namespace_name + '/' + key.name;
                     });
}

// By its own name; else by that of one of its workloads.
std::vector<ServiceStatus> Meant(const std::string& wanted,
                                 const std::vector<ServiceStatus>& services) {
  std::vector<ServiceStatus> meant;
  std::copy_if(services.begin(), services.end(), std::back_inserter(meant),
               [&](const auto& service) { return service.service == wanted; });
  if (!meant.empty()) return meant;
  std::copy_if(services.begin(), services.end(), std::back_inserter(meant),
               [&](const auto& service) { return IsMeant(wanted, service); });
  return meant;
}

// What the service is called that was meant, for whoever misspells it.
std::string NotThere(const std::string& wanted, const std::vector<ServiceStatus>& services) {
  std::vector<std::string_view> names;
  for (const ServiceStatus& service : services) {
    names.push_back(service.service);
    for (const RecordWithHistory* one : service.records) {
      names.push_back(one->record.workload.name);
    }
  }
  const std::string_view nearest = NearestName(wanted, names);
  return "there is no record of a service \"" + wanted + "\"" +
         (nearest.empty() ? std::string() : "; did you mean " + std::string(nearest) + "?");
}

// "", or what is wrong.
std::string Write(const StatusOptions& options, std::vector<ServiceStatus> services, Timestamp now,
                  std::ostream& out) {
  if (!options.owner.empty()) {
    std::erase_if(services, [&](const auto& service) { return service.owner != options.owner; });
  }
  if (!options.service.empty()) {
    std::vector<ServiceStatus> meant = Meant(options.service, services);
    if (meant.empty()) return NotThere(options.service, services);
    services = std::move(meant);
  }
  const TextStyle style = StyleFor(options.color);
  if (options.json) {
    WriteStatusJson(services, now, out);
  } else if (!options.service.empty()) {
    for (const ServiceStatus& service : services) WriteServiceText(service, style, out);
  } else if (options.owners) {
    WriteOwnersText(OwnersOf(services), style, out);
  } else {
    WriteServicesText(services, style, out);
  }
  return {};
}

int Once(kube::ApiCaller& api, const StatusOptions& options, Timestamp now, std::ostream& out) {
  Records records;
  if (const Status read = Read(api, options, records); !read)
    return SayUnable(WordFor(read.error()));
  const std::string problem = Write(options, ServicesOf(records), now, out);
  return problem.empty() ? kExitOk : SayUnable(problem);
}

// Until its reader goes or Ctrl-C ends it. What cannot be read now may be there the next time.
int AgainAndAgain(kube::ApiCaller& api, const StatusOptions& options, std::ostream& out) {
  while (true) {
    const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
    std::ostringstream text;
    const int code = Once(api, options, now, text);
    if (code == kExitOk) out << (IsTerminal() ? kClearScreen : "") << text.str();
    out.flush();
    if (!out) return code;
    std::this_thread::sleep_for(kLookAgain);
  }
}

}  // namespace

int RunStatus(const StatusOptions& options, Timestamp now, std::ostream& out) {
  const auto api = ConnectTo(options.cluster);
  if (!api) return SayUnable(api.error().message);
  return options.watch ? AgainAndAgain(**api, options, out) : Once(**api, options, now, out);
}

}  // namespace plimsoll::cli
