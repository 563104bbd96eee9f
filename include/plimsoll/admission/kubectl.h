// Prints an answer the way kubectl 1.37 prints it for a single object on its error output, so that texts can be judged
// as their reader sees them: in golden tests and in demonstrations.
//
// Semantics: kubernetes pkg/kubectl cmd/util/helpers.go (StandardErrorMessage, checkErr, MultilineError) and
// apiserver admission/plugin/webhook/errors/statuserror.go.
//
// Pure. Thread-safety: functions.
#pragma once

#include <string>
#include <string_view>

#include "plimsoll/model/admission.h"

namespace plimsoll {

struct KubectlContext {
  // Printed where the request is let through: "deployment.apps/web".
  std::string_view resource = "resource";
  // What kubectl did: "created", "configured".
  std::string_view done = "created";
  // The webhook's name in its configuration.
  std::string_view webhook = "validate.plimsoll.dev";
};

// "Warning: ..." lines, then what was done or why not. Ends in a newline.
std::string RenderAsKubectl(const AdmissionResponse& response, const KubectlContext& context = {});

}  // namespace plimsoll
