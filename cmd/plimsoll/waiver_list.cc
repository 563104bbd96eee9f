// plimsoll waiver list.
#include <algorithm>
#include <memory>
#include <ostream>
#include <utility>

#include "exit_code.h"
#include "plimsoll/base/text.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/kube/list.h"
#include "plimsoll/kube/resources.h"
#include "plimsoll/policy/waiver_set.h"
#include "terminal.h"
#include "waiver_commands.h"
#include "waiver_session.h"

namespace plimsoll::cli {
namespace {

std::string Until(Timestamp expires, Timestamp now) {
  const auto left = std::chrono::ceil<std::chrono::days>(expires - now).count();
  return FormatTimestamp(expires).substr(0, kDateBytes) +
         (left > 0 ? " (" + std::to_string(left) + (left == 1 ? " day)" : " days)") : " (over)");
}

// Columns as wide as their widest cell.
void WriteTable(const std::vector<std::vector<std::string>>& rows, std::ostream& out) {
  std::vector<size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line += std::string(widths[i] - row[i].size() + 3, ' ');
    }
    out << line << '\n';
  }
}

struct Listed {
  ReadinessWaiver waiver;
  std::string state;
};

void WriteJson(const std::vector<Listed>& waivers, std::ostream& out) {
  std::string text = "{\"version\": 1, \"waivers\": [";
  const auto member = [&text](std::string_view name, std::string_view value, bool last = false) {
    text += '"' + std::string(name) + "\": ";
    AppendJsonString(SanitizeLine(value, std::string::npos), text);
    text += last ? "}" : ", ";
  };
  for (const Listed& one : waivers) {
    text += &one == waivers.data() ? "\n  {" : ",\n  {";
    member("namespace", one.waiver.namespace_name);
    member("name", one.waiver.name);
    member("state", one.state);
    member("policy", one.waiver.policy);
    member("rules", Join(one.waiver.rules, ","));
    member("expires", FormatTimestamp(one.waiver.expires));
    member("requestedBy", one.waiver.requested_by);
    member("approvedBy", one.waiver.approved_by);
    member("reason", one.waiver.reason, true);
  }
  out << text << "\n]}\n";
}

void WriteList(const std::vector<Listed>& waivers, Timestamp now, std::ostream& out) {
  std::vector<std::vector<std::string>> rows = {
      {"NAMESPACE", "NAME", "STATE", "EXPIRES", "POLICY", "RULES", "REQUESTED BY", "APPROVED BY"}};
  for (const Listed& one : waivers) {
    const ReadinessWaiver& waiver = one.waiver;
    std::vector<std::string> row = {
        waiver.namespace_name,      waiver.name,       one.state,
        Until(waiver.expires, now), waiver.policy,     Join(waiver.rules, ","),
        waiver.requested_by,        waiver.approved_by};
    for (std::string& cell : row) cell = cell.empty() ? "-" : SanitizeLine(cell, 80);
    rows.push_back(std::move(row));
  }
  WriteTable(rows, out);
}

}  // namespace

int ListWaivers(const WaiverOptions& options, Timestamp now, std::ostream& out) {
  const Result<Session> session = Begin(options.cluster);
  if (!session) return SayUnable(session.error().message);
  kube::ListOptions list;
  if (!options.all_namespaces) list.namespace_name = session->namespace_name;
  std::vector<Listed> waivers;
  size_t unreadable = 0;
  const Status read = kube::ListObjects(*session->api, kube::kWaivers, list, [&](JsonView object) {
    // Items of a list do not say their kind; the parser wants it.
    std::string text =
        R"({"apiVersion":"plimsoll.dev/v1alpha1","kind":"ReadinessWaiver","metadata":)" +
        ToJson(object["metadata"]) + ",\"spec\":" + ToJson(object["spec"]) + '}';
    const std::unique_ptr<Manifests> one = ParseManifests(std::move(text));
    ParsedWaiver parsed =
        one->objects.empty() ? ParsedWaiver{} : ParseReadinessWaiver(one->objects.front());
    if (!parsed.waiver) {
      ++unreadable;
      return;
    }
    const bool over = parsed.waiver->expires <= now;
    if (over && !options.expired) return;
    std::string state(object["status"]["state"].StringOrEmpty());
    if (over) state = "Expired";
    waivers.push_back({*std::move(parsed.waiver), std::move(state)});
  });
  if (!read) return SayUnable(WordFor(read.error(), "list"));
  std::stable_sort(waivers.begin(), waivers.end(), [](const Listed& a, const Listed& b) {
    return a.waiver.expires < b.waiver.expires;
  });
  if (options.json) {
    WriteJson(waivers, out);
  } else if (!waivers.empty()) {
    WriteList(waivers, now, out);
  } else {
    out << "no waivers"
        << (options.all_namespaces ? std::string() : " in " + session->namespace_name) << '\n';
  }
  if (unreadable == 0) return kExitOk;
  return SayUnable(std::to_string(unreadable) + " waivers could not be read");
}

}  // namespace plimsoll::cli
