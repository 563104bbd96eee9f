// Refuses an object of ours with every problem it has, told twice: kubectl prints the causes, other clients the message.
//
// Pure. Thread-safety: functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/position.h"
#include "plimsoll/model/admission.h"

namespace plimsoll {

// `headline`: the message's first line, without its colon.
void Refuse(const AdmissionRequest& request, std::string_view kind, std::string_view headline,
            const std::vector<Diagnostic>& problems, AdmissionResponse& response);

// The field that a problem is about: "spec" where it is about none.
std::string FieldOf(const Diagnostic& problem);

// One line of at most kMaxWarningBytes; each once, at most kMaxWarnings of them.
void AddWarning(std::string_view text, AdmissionResponse& response);

}  // namespace plimsoll
