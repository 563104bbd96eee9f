// Bytes from the network to an admission request, and an answer made of whatever text they hold.
#include "plimsoll/codec/admission_review.h"
#include "plimsoll/codec/json_parser.h"
#include "tests/fuzz/fuzz.h"

namespace plimsoll {
namespace {

void Answer(const AdmissionRequest& request, std::string_view bytes) {
  AdmissionResponse response;
  response.uid = request.uid;
  response.allowed = false;
  response.message = bytes;
  response.details_name = request.name;
  response.causes = {{std::string(request.kind), std::string(bytes)}};
  response.warnings = {std::string(request.namespace_name)};
  response.audit_annotations = {{"text", std::string(bytes)}};
  std::string out;
  WriteAdmissionReview(response, out);
  JsonParser parser;
  const Result<JsonView> answer = parser.Parse(out);
  FuzzExpect(answer.has_value(), "the answer is valid JSON");
  FuzzExpect((*answer)["response"]["uid"].AsString() == request.uid, "the uid is echoed");
}

}  // namespace
}  // namespace plimsoll

int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace plimsoll;
  static JsonParser parser;
  std::string bytes(FuzzText(data, size));
  const Result<JsonView> root = parser.Parse(bytes);
  if (!root) {
    FuzzExpect(!root.error().message.empty() && root.error().position.known(),
               "an error says what and where");
    return 0;
  }
  ReviewUid(*root);
  const Result<AdmissionRequest> request = ReadAdmissionReview(*root);
  if (request) {
    FuzzExpect(request->operation != Operation::kUpdate || request->old_object.is_object(),
               "an update has both objects");
    Answer(*request, FuzzText(data, size));
  } else {
    FuzzExpect(!request.error().message.empty(), "an error says what is wrong");
  }
  return 0;
}
