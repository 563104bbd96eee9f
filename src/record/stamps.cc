#include "plimsoll/record/stamps.h"

#include <algorithm>
#include <utility>

#include "plimsoll/base/text.h"
#include "plimsoll/model/workload_history.h"
#include "plimsoll/model/workload_record.h"

namespace plimsoll {
namespace {

std::optional<Timestamp> PastDate(std::string_view text, Timestamp now) {
  const std::optional<Timestamp> date = ParseTimestamp(Trim(text));
  return date && *date <= now ? date : std::nullopt;
}

CheckedFinding ReadFinding(std::string_view word, Timestamp now) {
  CheckedFinding finding;
  if (const size_t at = word.find('@'); at != std::string_view::npos) {
    finding.at = PastDate(word.substr(at + 1), now);
    word = word.substr(0, at);
  }
  const size_t slash = word.find('/');
  const std::string_view container =
      slash == std::string_view::npos ? std::string_view() : word.substr(slash + 1);
  finding.rule = word.substr(0, slash);
  finding.container = SanitizeLine(container, kMaxRecordedNameBytes);
  return finding;
}

}  // namespace

Stamps ReadStamps(const Workload& workload, Timestamp now) {
  // A rule's id has at most 63 bytes, as the CRD has it.
  constexpr size_t kDateBytes = std::string_view("@2026-11-20T10:00:00Z").size();
  constexpr size_t kMaxWordBytes = 63 + 1 + kMaxRecordedNameBytes + kDateBytes;
  Stamps stamps;
  if (const auto kickoff = workload.Annotation(kKickoffAnnotation)) {
    stamps.kickoff = PastDate(*kickoff, now);
  }
  const std::optional<std::string_view> checked = workload.Annotation(kCheckedAnnotation);
  if (!checked) return stamps;
  const std::string_view text = Trim(*checked);
  const size_t space = text.find(' ');
  stamps.checked = PastDate(text.substr(0, space), now);
  if (!stamps.checked || space == std::string_view::npos) return stamps;
  for (const std::string_view word : Split(text.substr(space + 1), ' ')) {
    if (word.empty() || word.size() > kMaxWordBytes) continue;
    if (stamps.findings.size() == kMaxToldFindings) break;
    stamps.findings.push_back(ReadFinding(word, now));
  }
  return stamps;
}

std::string CheckedStamp(const Stamps& before, Timestamp now,
                         const std::vector<CheckedFinding>& findings) {
  std::vector<CheckedFinding> all = before.findings;
  for (CheckedFinding finding : findings) {
    const bool known = std::any_of(all.begin(), all.end(), [&](const CheckedFinding& one) {
      return one.rule == finding.rule && one.container == finding.container;
    });
    if (known || all.size() == kMaxToldFindings) continue;
    if (before.checked && *before.checked != now) finding.at = now;
    all.push_back(std::move(finding));
  }
  std::string text = FormatTimestamp(before.checked.value_or(now));
  for (const CheckedFinding& finding : all) {
    text += ' ' + finding.rule;
    if (!finding.container.empty()) text += '/' + finding.container;
    if (finding.at) text += '@' + FormatDate(*finding.at);
  }
  return text;
}

}  // namespace plimsoll
