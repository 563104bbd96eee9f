#include "plimsoll/record/stamps.h"

#include "plimsoll/base/text.h"
#include "plimsoll/model/workload_history.h"
#include "plimsoll/model/workload_record.h"

namespace plimsoll {
namespace {

std::optional<Timestamp> PastDate(std::string_view text, Timestamp now) {
  const std::optional<Timestamp> date = ParseTimestamp(Trim(text));
  return date && *date <= now ? date : std::nullopt;
}

CheckedFinding ReadFinding(std::string_view word) {
  const size_t slash = word.find('/');
  const std::string_view container =
      slash == std::string_view::npos ? std::string_view() : word.substr(slash + 1);
  return {std::string(word.substr(0, slash)), SanitizeLine(container, kMaxRecordedNameBytes)};
}

}  // namespace

Stamps ReadStamps(const Workload& workload, Timestamp now) {
  // A rule's id has at most 63 bytes, as the CRD has it.
  constexpr size_t kMaxWordBytes = 63 + 1 + kMaxRecordedNameBytes;
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
    stamps.findings.push_back(ReadFinding(word));
  }
  return stamps;
}

std::string CheckedStamp(Timestamp now, const std::vector<CheckedFinding>& findings) {
  std::string text = FormatTimestamp(now);
  size_t listed = 0;
  for (const CheckedFinding& finding : findings) {
    if (listed++ == kMaxToldFindings) break;
    text += ' ';
    text += finding.rule;
    if (!finding.container.empty()) text += '/' + finding.container;
  }
  return text;
}

}  // namespace plimsoll
