#include "plimsoll/model/alert.h"

#include <algorithm>
#include <utility>

#include "model/alert_labels.h"
#include "plimsoll/base/text.h"
#include "plimsoll/model/promql.h"

namespace plimsoll {
namespace {

// Prometheus has no limits of its own; nobody routes by more labels, or links a longer URL (rules/url.h).
constexpr size_t kMaxKeptLabels = 32;
constexpr size_t kMaxKeptValueBytes = 2048;

// A value that is filled in when the alert fires says nothing now.
bool IsTemplate(std::string_view value) { return value.find("{{") != std::string_view::npos; }

bool MayHoldLink(std::string_view key, std::string_view value) {
  return value.find("://") != std::string_view::npos ||
         ToLowerAscii(key).find("runbook") != std::string::npos;
}

LabelPairs ReadPairs(JsonView map, bool (*kept)(std::string_view, std::string_view)) {
  LabelPairs pairs;
  for (const JsonMember member : map.members()) {
    if (pairs.size() == kMaxKeptLabels) break;
    const std::string_view value = member.value.StringOrEmpty();
    if (!member.value.is_string() || !kept(member.key, value)) continue;
    pairs.emplace_back(member.key, value.substr(0, kMaxKeptValueBytes));
  }
  pairs.shrink_to_fit();
  return pairs;
}

// The labels that a rule gives to what it makes replace those of the series.
void Label(JsonView labels, PromqlSubject& subject) {
  bool named = false;
  PromqlSelection given;
  size_t count = 0;
  for (const JsonMember member : labels.members()) {
    if (++count > kMaxKeptLabels) break;
    if (!member.value.is_string() || IsTemplate(member.value.text())) continue;
    given.matchers.push_back(
        {std::string(member.key), false, ValuePattern::Exactly(member.value.text())});
    named = named || AlertLabelOf(member.key).has_value();
  }
  // What cannot be read, but says by a label whom it is about, is understood as far as that goes.
  if (named && !subject.known) subject = {true, {{}}};
  if (named && subject.alternatives.empty()) subject.alternatives.emplace_back();
  for (PromqlSelection& selection : subject.alternatives) {
    std::erase_if(selection.matchers,
                  [&](const PromqlMatcher& matcher) { return given.Has(matcher.label); });
    selection.matchers.insert(selection.matchers.end(), given.matchers.begin(),
                              given.matchers.end());
  }
}

AlertSubject SubjectOf(PromqlSelection selection) {
  AlertSubject subject;
  for (PromqlMatcher& matcher : selection.matchers) {
    const std::optional<AlertLabel> label = AlertLabelOf(matcher.label);
    if (!label) continue;
    subject.matchers.push_back(
        {label->role, label->kind, matcher.negative, std::move(matcher.pattern)});
  }
  subject.matchers.shrink_to_fit();
  return subject;
}

std::string_view ExpressionOf(JsonView rule) { return rule["expr"].text(); }

PromqlRecords ReadRecords(JsonView groups) {
  PromqlRecords records;
  for (const JsonView group : groups.elements()) {
    for (const JsonView rule : group["rules"].elements()) {
      const std::string_view name = rule["record"].StringOrEmpty();
      if (name.empty() || records.size() == kMaxAlertsPerObject) continue;
      PromqlSubject subject = ReadPromql(ExpressionOf(rule), &records);
      // What a record is called is no longer what its series were called.
      for (PromqlSelection& selection : subject.alternatives) {
        std::erase_if(selection.matchers, [](const PromqlMatcher& matcher) {
          return matcher.label == "__name__" || !AlertLabelOf(matcher.label);
        });
      }
      Label(rule["labels"], subject);
      records.emplace(name, std::move(subject));
    }
  }
  return records;
}

std::shared_ptr<const Alert> ReadAlert(JsonView rule, std::string_view group,
                                       const ObjectKey& object, bool in_file,
                                       const PromqlRecords& records) {
  auto alert = std::make_shared<Alert>();
  alert->name = rule["alert"].StringOrEmpty();
  alert->group = group;
  alert->object = object;
  alert->in_file = in_file;
  alert->labels =
      ReadPairs(rule["labels"], [](std::string_view, std::string_view) { return true; });
  alert->annotations = ReadPairs(rule["annotations"], MayHoldLink);
  PromqlSubject subject = ReadPromql(ExpressionOf(rule), &records);
  Label(rule["labels"], subject);
  alert->known = subject.known;
  for (PromqlSelection& selection : subject.alternatives) {
    alert->subjects.push_back(SubjectOf(std::move(selection)));
  }
  alert->subjects.shrink_to_fit();
  return alert;
}

}  // namespace

std::vector<std::shared_ptr<const Alert>> ReadAlerts(JsonView groups, const ObjectKey& object,
                                                     bool in_file) {
  std::vector<std::shared_ptr<const Alert>> alerts;
  const PromqlRecords records = ReadRecords(groups);
  for (const JsonView group : groups.elements()) {
    for (const JsonView rule : group["rules"].elements()) {
      if (rule["alert"].StringOrEmpty().empty()) continue;
      if (alerts.size() == kMaxAlertsPerObject) return alerts;
      alerts.push_back(ReadAlert(rule, group["name"].StringOrEmpty(), object, in_file, records));
    }
  }
  return alerts;
}

}  // namespace plimsoll
