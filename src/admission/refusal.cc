#include "admission/refusal.h"

#include <algorithm>
#include <utility>

#include "plimsoll/admission/handler.h"
#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr int kUnprocessable = 422;
// Texts in problems can come from the object; no single one may push out the others.
constexpr size_t kMaxProblemBytes = 300;
constexpr size_t kMaxProblemPathBytes = 200;
constexpr size_t kHalfAnswer = kMaxMessageBytes / 2;

}  // namespace

std::string FieldOf(const Diagnostic& problem) {
  return problem.path.empty() ? "spec" : SanitizeLine(problem.path, kMaxProblemPathBytes);
}

void Refuse(const AdmissionRequest& request, std::string_view kind, std::string_view headline,
            const std::vector<Diagnostic>& problems, AdmissionResponse& response) {
  response.allowed = false;
  response.code = kUnprocessable;
  response.reason = "Invalid";
  response.details_group = "plimsoll.dev";
  response.details_kind = kind;
  response.details_name = request.name;
  response.message = std::string(headline) + ":";
  size_t causes_bytes = 0;
  size_t told = 0;
  for (const Diagnostic& problem : problems) {
    StatusCause cause{FieldOf(problem), SanitizeLine(problem.message, kMaxProblemBytes)};
    const std::string line = "\n* " + cause.field + ": " + cause.message;
    causes_bytes += line.size();
    if (causes_bytes > kHalfAnswer) break;
    response.message += line;
    response.causes.push_back(std::move(cause));
    ++told;
  }
  if (told == problems.size()) return;
  const std::string rest = std::to_string(problems.size() - told) + " more problems";
  response.causes.push_back({"spec", rest});
  response.message += "\n" + rest;
}

void AddWarning(std::string_view text, AdmissionResponse& response) {
  std::string line = SanitizeLine(text, kMaxWarningBytes);
  std::vector<std::string>& warnings = response.warnings;
  if (warnings.size() < kMaxWarnings &&
      std::find(warnings.begin(), warnings.end(), line) == warnings.end()) {
    warnings.push_back(std::move(line));
  }
}

}  // namespace plimsoll
