// Words a verdict for the person and the machines that read the answer: status, warnings, audit annotations.
//
// Pure. Thread-safety: functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/model/admission.h"
#include "plimsoll/model/finding.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {

// Below the findings: whom to ask, what to try.
struct HelpLine {
  std::string_view label;
  std::string text;
};

// What the answer is about.
struct Subject {
  std::string_view group;
  std::string_view kind;
  std::string_view name;  // as shown to people: "web", "web-*" with generateName
  std::string_view namespace_name;
};

// Findings in an audit annotation are for machines that follow one event; the whole list is on the command line.
inline constexpr size_t kMaxAnnotationBytes = 4 * 1024;
// Texts inside findings can come from the judged object; no single one may push out the others.
inline constexpr size_t kMaxSentenceBytes = 300;
inline constexpr size_t kMaxReasonBytes = 200;
inline constexpr size_t kMaxPathBytes = 200;
inline constexpr size_t kMaxContactBytes = 120;
inline constexpr size_t kMaxUrlBytes = 250;
// Names of policies and of objects; DNS names are no longer, policies' names no longer than this either.
inline constexpr size_t kMaxNameBytes = 253;

// Fills everything of the response but its uid. `more`: what a denial says besides, before all other help.
void WriteAnswer(const Subject& subject, const Verdict& verdict, const PolicySnapshot& policies,
                 const std::vector<HelpLine>& more, AdmissionResponse& response);

// Status and causes of a denied request (denial.cc).
void WriteDenial(const Subject& subject, const Verdict& verdict, const PolicySnapshot& policies,
                 const std::vector<HelpLine>& more, AdmissionResponse& response);

// "production/health.readiness-probe".
std::string RuleName(const Finding& finding);
// The finding's sentence in one clean line without its full stop.
std::string Sentence(const Finding& finding);

}  // namespace plimsoll
