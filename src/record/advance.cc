#include "plimsoll/record/advance.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

using Outcome = FindingOutcome;
using Event = HistoryEventType;
using Key = std::pair<std::string_view, std::string_view>;

// A deployer that applies the same manifest every minute breaks the glass once an hour.
constexpr std::chrono::hours kSameMercy(1);

Key KeyOf(const ToldFinding& finding) { return {finding.rule, finding.container}; }

// "health.readiness-probe (web)".
std::string NameOf(std::string_view rule, std::string_view container) {
  std::string name(rule);
  if (!container.empty()) name.append(" (").append(container).append(")");
  return name;
}

// One step from a history to the next.
class Step {
 public:
  Step(WorkloadHistory& history, Timestamp at) : history_(history), at_(at) {}

  // Those that the manifest says were told by an earlier check. They are told, and not to be told again.
  void TakeStamps(const Stamps& stamps) {
    if (!stamps.checked) return;
    for (const CheckedFinding& finding : stamps.findings) {
      const Timestamp at = finding.at.value_or(*stamps.checked);
      ToldFinding* const known = Find(finding.rule, finding.container);
      if (known == nullptr) {
        if (Insert(finding.rule, finding.container, at, Sighting::kChecked)) {
          Note(Event::kShown, finding.rule, finding.container);
        }
      } else if (at < known->first_shown) {
        known->first_shown = at;
        known->shown_by = Sighting::kChecked;
        effects_.changed = true;
      }
    }
  }

  // `again`: this release was refused before, and what it tells is no news of the workload.
  void Tell(const AnsweredFinding& answered, bool refused, bool again) {
    const bool denies = refused && answered.action == Action::kDeny;
    ToldFinding* finding = Find(answered.rule, answered.container);
    if (finding == nullptr) {
      finding = Insert(answered.rule, answered.container, at_,
                       denies ? Sighting::kDenial : Sighting::kWarning);
      if (finding == nullptr) return;
      if (!refused) Note(Event::kShown, answered.rule, answered.container);
    } else if (!again || (denies && !finding->first_denied)) {
      Reopen(*finding);
    }
    if (denies && !finding->first_denied) {
      finding->first_denied = at_;
      effects_.changed = true;
    }
  }

  // What was fixed and is back has regressed. What was waived or not asked about was there all the time.
  void Reopen(ToldFinding& finding) {
    const Outcome before = std::exchange(finding.outcome, Outcome::kOpen);
    if (before == Outcome::kOpen) return;
    finding.ended.reset();
    effects_.changed = true;
    if (before == Outcome::kFixedBeforeEnforcement || before == Outcome::kFixedAfterBlock) {
      Note(Event::kRegressed, finding.rule, finding.container);
    }
  }

  void End(ToldFinding& finding, Outcome outcome, Event event) {
    finding.outcome = outcome;
    finding.ended = at_;
    effects_.ended.push_back({finding.rule, outcome, finding.shown_by});
    Note(event, finding.rule, finding.container);
  }

  // Events of one kind in one step are one line.
  void Note(Event type, std::string_view rule, std::string_view container) {
    effects_.changed = true;
    auto line = std::find_if(lines_.begin(), lines_.end(),
                             [&](const HistoryEvent& event) { return event.type == type; });
    if (line == lines_.end()) line = lines_.insert(lines_.end(), {at_, type, ""});
    if (!line->note.empty()) line->note += ", ";
    line->note += NameOf(rule, container);
  }

  void Say(Event type, std::string_view note) {
    effects_.changed = true;
    lines_.push_back({at_, type, std::string(note)});
  }

  bool SaidLately(Event type, std::string_view note) const {
    const std::string line = SanitizeLine(note, kMaxEventNoteBytes);
    return std::any_of(
        history_.events.begin(), history_.events.end(), [&](const HistoryEvent& event) {
          return event.type == type && event.note == line && at_ - event.at < kSameMercy;
        });
  }

  HistoryEffects Finish() {
    for (HistoryEvent& line : lines_) {
      line.note = SanitizeLine(line.note, kMaxEventNoteBytes);
      history_.events.push_back(std::move(line));
    }
    KeepLast(history_.events, kMaxHistoryEvents);
    KeepLast(history_.blocked, kMaxBlockedReleases);
    return std::move(effects_);
  }

  HistoryEffects& effects() { return effects_; }

  ToldFinding* Find(std::string_view rule, std::string_view container) {
    return const_cast<ToldFinding*>(std::as_const(history_).Find(rule, container));
  }

 private:
  // Null where there is no room: nobody reads more than that.
  ToldFinding* Insert(std::string_view rule, std::string_view container, Timestamp at,
                      Sighting by) {
    if (history_.findings.size() >= kMaxToldFindings && !ForgetOne()) return nullptr;
    effects_.changed = true;
    ToldFinding finding;
    finding.rule = rule;
    finding.container = container;
    finding.first_shown = at;
    finding.shown_by = by;
    effects_.told.push_back({finding.rule, by});
    const auto place = std::lower_bound(
        history_.findings.begin(), history_.findings.end(), Key(rule, container),
        [](const ToldFinding& one, const Key& wanted) { return KeyOf(one) < wanted; });
    return &*history_.findings.insert(place, std::move(finding));
  }

  template <typename T>
  static void KeepLast(std::vector<T>& list, size_t count) {
    if (list.size() > count) list.erase(list.begin(), list.end() - static_cast<ptrdiff_t>(count));
  }

  // The one that ended longest ago. False where none has.
  bool ForgetOne() {
    const auto sooner = [](const ToldFinding& a, const ToldFinding& b) {
      return a.ended.value_or(Timestamp::max()) < b.ended.value_or(Timestamp::max());
    };
    const auto first = std::min_element(history_.findings.begin(), history_.findings.end(), sooner);
    if (!first->ended) return false;
    history_.findings.erase(first);
    return true;
  }

  WorkloadHistory& history_;
  Timestamp at_;
  std::vector<HistoryEvent> lines_;
  HistoryEffects effects_;
};

bool RefusedBefore(const WorkloadHistory& history, const std::string& release) {
  return std::any_of(history.blocked.begin(), history.blocked.end(),
                     [&](const BlockedRelease& blocked) { return blocked.release == release; });
}

// Of the findings that deny, each policy or each rule once.
std::vector<std::string> Denying(const Attempt& attempt, std::string AnsweredFinding::* name) {
  std::vector<std::string> names;
  for (const AnsweredFinding& finding : attempt.findings) {
    if (finding.action == Action::kDeny) names.push_back(finding.*name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

void Block(const Attempt& attempt, bool surprise, WorkloadHistory& history, Step& step) {
  ++history.blocked_releases;
  if (surprise) ++history.surprises;
  history.blocked.push_back({attempt.release, attempt.at, surprise});
  step.effects().blocked =
      HistoryEffects::Blocked{Denying(attempt, &AnsweredFinding::policy),
                              Denying(attempt, &AnsweredFinding::rule), surprise};
  for (const AnsweredFinding& finding : attempt.findings) {
    if (finding.action == Action::kDeny) {
      step.Note(Event::kDenied, finding.rule, finding.container);
    }
  }
}

void TakeMercy(const Attempt& attempt, Step& step) {
  if (attempt.mercy == Mercy::kNone) return;
  const Event type = attempt.mercy == Mercy::kRollback ? Event::kRollback : Event::kBreakGlass;
  if (!step.SaidLately(type, attempt.mercy_detail)) step.Say(type, attempt.mercy_detail);
}

}  // namespace

bool ToldBefore(const WorkloadHistory& history, const Attempt& attempt) {
  const auto stamped = [&](const AnsweredFinding& finding) {
    return std::any_of(attempt.stamps.findings.begin(), attempt.stamps.findings.end(),
                       [&](const CheckedFinding& checked) {
                         return checked.rule == finding.rule &&
                                checked.container == finding.container;
                       });
  };
  return std::any_of(
      attempt.findings.begin(), attempt.findings.end(), [&](const AnsweredFinding& finding) {
        return finding.action == Action::kDeny &&
               (history.Find(finding.rule, finding.container) != nullptr || stamped(finding));
      });
}

HistoryEffects Advance(WorkloadHistory& history, const Attempt& attempt) {
  Step step(history, attempt.at);
  const bool surprise = !attempt.told_elsewhere && !ToldBefore(history, attempt);
  const bool again = attempt.denied && RefusedBefore(history, attempt.release);
  step.TakeStamps(attempt.stamps);
  for (const AnsweredFinding& finding : attempt.findings) {
    step.Tell(finding, attempt.denied, again);
  }
  if (attempt.denied && !again) Block(attempt, surprise, history, step);
  if (!attempt.denied) TakeMercy(attempt, step);
  if (attempt.enforced && !attempt.release.empty() && !history.first_enforced) {
    history.first_enforced = attempt.at;
    step.effects().first_enforced = attempt.at;
    step.effects().changed = true;
  }
  return step.Finish();
}

HistoryEffects Advance(WorkloadHistory& history, const Observation& observation) {
  Step step(history, observation.at);
  step.TakeStamps(observation.stamps);
  for (ToldFinding& finding : history.findings) {
    // Of the workload as it was before it was told of this.
    if (observation.at < finding.first_shown) continue;
    const auto found =
        std::find_if(observation.findings.begin(), observation.findings.end(),
                     [&](const Observation::Found& one) {
                       return one.rule == finding.rule && one.container == finding.container;
                     });
    const bool there = found != observation.findings.end();
    if (there && !found->waived) {
      step.Reopen(finding);
    } else if (there && finding.outcome == Outcome::kOpen) {
      step.End(finding, Outcome::kWaived, Event::kWaived);
    } else if (!there &&
               (finding.outcome == Outcome::kOpen || finding.outcome == Outcome::kWaived)) {
      if (observation.asked_differently) {
        step.End(finding, Outcome::kRemoved, Event::kRemoved);
      } else {
        step.End(
            finding,
            finding.first_denied ? Outcome::kFixedAfterBlock : Outcome::kFixedBeforeEnforcement,
            Event::kFixed);
      }
    }
  }
  return step.Finish();
}

}  // namespace plimsoll
