#include "plimsoll/admission/kubectl.h"

#include <gtest/gtest.h>

namespace plimsoll {
namespace {

AdmissionResponse Denied() {
  AdmissionResponse response;
  response.allowed = false;
  response.code = 422;
  response.reason = "Invalid";
  response.message = "the message";
  response.details_kind = "Deployment";
  response.details_name = "web";
  return response;
}

TEST(RenderAsKubectl, AllowedPrintsWarningsAndWhatWasDone) {
  AdmissionResponse response;
  response.warnings = {"one", "two"};
  EXPECT_EQ(RenderAsKubectl(response, {.resource = "deployment.apps/web", .done = "configured"}),
            "Warning: one\nWarning: two\ndeployment.apps/web configured\n");
}

TEST(RenderAsKubectl, InvalidPrintsCausesAndNotTheMessage) {
  AdmissionResponse response = Denied();
  response.causes = {{"a", "1"}, {"b", "2"}, {"a", "1"}};
  EXPECT_EQ(RenderAsKubectl(response), "The Deployment \"web\" is invalid: \n* a: 1\n* b: 2\n");
  response.causes = {{"a", "1"}};
  EXPECT_EQ(RenderAsKubectl(response), "The Deployment \"web\" is invalid: a: 1\n");
  response.causes.clear();
  EXPECT_EQ(RenderAsKubectl(response), "The Deployment \"web\" is invalid\n");
}

TEST(RenderAsKubectl, OtherReasonsPrintTheMessage) {
  AdmissionResponse response = Denied();
  response.reason = "Forbidden";
  EXPECT_EQ(RenderAsKubectl(response),
            "Error from server (Forbidden): admission webhook \"validate.plimsoll.dev\" denied the "
            "request: the message\n");
  response.message.clear();
  EXPECT_EQ(RenderAsKubectl(response, {.webhook = "w"}),
            "Error from server (Forbidden): admission webhook \"w\" denied the request without "
            "explanation\n");
}

}  // namespace
}  // namespace plimsoll
