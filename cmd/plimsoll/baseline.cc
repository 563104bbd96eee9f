#include "baseline.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "plimsoll/base/text.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/files/manifest_files.h"

namespace plimsoll::cli {
namespace {

constexpr int64_t kVersion = 1;
// A fleet of 10,000 workloads with ten findings each has some 25 MB.
constexpr size_t kMaxBaselineBytes = size_t{64} * 1024 * 1024;

bool IsOpen(const Finding& finding) {
  return finding.result == RuleResult::kFail && finding.waiver.empty();
}

std::string Text(std::string_view text) {
  std::string out;
  AppendJsonString(IsValidUtf8(text) ? text : SanitizeLine(text, std::string::npos), out);
  return out;
}

tl::unexpected<Error> Wrong(const std::string& path, const std::string& what) {
  return Fail(ErrorCode::kInvalidArgument,
              path + ": " + what + "; a baseline is written by `check --write-baseline`");
}

}  // namespace

Result<Baseline> Baseline::Read(const std::string& path) {
  Result<std::string> text = ReadFile(path, kMaxBaselineBytes);
  if (!text) return Fail(text.error().code, path + ": " + text.error().message);
  JsonParser parser;
  const Result<JsonView> root = parser.Parse(*text);
  if (!root) return Wrong(path, root.error().message);
  const std::optional<int64_t> version = (*root)["version"].AsInt();
  if (!version || !(*root)["findings"].is_array()) return Wrong(path, "this is no baseline");
  if (*version != kVersion) {
    return Wrong(path, "version " + std::to_string(*version) + " of baselines is not known here");
  }
  Baseline baseline;
  for (const JsonView finding : (*root)["findings"].elements()) {
    const std::string_view fingerprint = finding["fingerprint"].StringOrEmpty();
    const int64_t count = finding["count"].AsInt().value_or(1);
    if (fingerprint.empty() || count < 1) return Wrong(path, "a finding without a fingerprint");
    Entry& entry = baseline.entries_[std::string(fingerprint)];
    entry.count += static_cast<uint64_t>(count);
    entry.rule = finding["rule"].StringOrEmpty();
    entry.file = finding["file"].StringOrEmpty();
    entry.object = finding["object"].StringOrEmpty();
  }
  return baseline;
}

Baseline Baseline::Of(const CheckReport& report, const ReportSurroundings& surroundings) {
  Baseline baseline;
  for (const CheckedWorkload& workload : report.workloads) {
    const std::string file = surroundings.PathOf(workload.file);
    for (const Finding& finding : workload.findings) {
      if (!IsOpen(finding)) continue;
      Entry& entry = baseline.entries_[FindingFingerprint(workload, finding, file)];
      ++entry.count;
      entry.rule = finding.rule;
      entry.file = file;
      entry.object = workload.kind + ' ' + workload.namespace_name + '/' + workload.name;
    }
  }
  return baseline;
}

std::string Baseline::Write() const {
  std::vector<std::string> lines;
  for (const auto& [fingerprint, entry] : entries_) {
    lines.push_back("{\"file\":" + Text(entry.file) + ",\"object\":" + Text(entry.object) +
                    ",\"rule\":" + Text(entry.rule) + ",\"count\":" + std::to_string(entry.count) +
                    ",\"fingerprint\":" + Text(fingerprint) + "}");
  }
  std::sort(lines.begin(), lines.end());
  std::string out = "{\"version\":" + std::to_string(kVersion) + ",\n\"findings\":[";
  for (size_t i = 0; i < lines.size(); ++i) out += (i == 0 ? "\n" : ",\n") + lines[i];
  return out + "]}\n";
}

uint64_t Baseline::size() const {
  uint64_t size = 0;
  for (const auto& [fingerprint, entry] : entries_) size += entry.count;
  return size;
}

void Baseline::Apply(CheckReport& report, const ReportSurroundings& surroundings) const {
  std::map<std::string, uint64_t, std::less<>> met;
  for (CheckedWorkload& workload : report.workloads) {
    const std::string file = surroundings.PathOf(workload.file);
    report.known += std::erase_if(workload.findings, [&](const Finding& finding) {
      if (!IsOpen(finding)) return false;
      const std::string fingerprint = FindingFingerprint(workload, finding, file);
      const auto entry = entries_.find(fingerprint);
      return entry != entries_.end() && met[fingerprint]++ < entry->second.count;
    });
  }
}

}  // namespace plimsoll::cli
