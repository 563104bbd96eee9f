#include "plimsoll/admission/kubectl.h"

#include <algorithm>
#include <vector>

namespace plimsoll {
namespace {

// kubectl leaves out a cause whose text it has printed already.
std::vector<std::string> CauseLines(const AdmissionResponse& response) {
  std::vector<std::string> lines;
  for (const StatusCause& cause : response.causes) {
    std::string line = cause.field + ": " + cause.message;
    if (std::find(lines.begin(), lines.end(), line) == lines.end()) {
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

void AppendInvalid(const AdmissionResponse& response, std::string& out) {
  out += "The " + response.details_kind + " \"" + response.details_name + "\" is invalid";
  const std::vector<std::string> lines = CauseLines(response);
  if (lines.empty()) {
    out += "\n";
  } else if (lines.size() == 1) {
    out += ": " + lines.front() + "\n";
  } else {
    out += ": \n";
    for (const std::string& line : lines) out += "* " + line + "\n";
  }
}

}  // namespace

std::string RenderAsKubectl(const AdmissionResponse& response, const KubectlContext& context) {
  std::string out;
  for (const std::string& warning : response.warnings) out += "Warning: " + warning + "\n";
  if (response.allowed) {
    out += std::string(context.resource) + " " + std::string(context.done) + "\n";
  } else if (response.reason == "Invalid" &&
             !(response.details_kind.empty() && response.details_name.empty())) {
    AppendInvalid(response, out);
  } else {
    out += "Error from server" + (response.reason.empty() ? "" : " (" + response.reason + ")");
    out += ": admission webhook \"" + std::string(context.webhook) + "\" denied the request";
    out += response.message.empty() ? " without explanation" : ": " + response.message;
    out += "\n";
  }
  return out;
}

}  // namespace plimsoll
