#include "plimsoll/codec/admission_review.h"

#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "codec/source.h"
#include "plimsoll/base/text.h"

namespace plimsoll {
namespace {

constexpr std::string_view kReviewApiVersion = "admission.k8s.io/v1";
constexpr std::string_view kReviewKind = "AdmissionReview";
// The API server sends a UUID of 36 characters; what is much longer is none, and would be echoed.
constexpr size_t kMaxUidBytes = 128;
constexpr size_t kShownValueBytes = 64;  // of a wrong value in a message

bool IsPlausibleUid(std::string_view uid) {
  if (uid.empty() || uid.size() > kMaxUidBytes) return false;
  for (const char c : uid) {
    if (c <= 0x20 || c > 0x7E || c == '"' || c == '\\') return false;
  }
  return true;
}

// The value as a message shows it: a short scalar as it is, else its kind.
std::string Got(JsonView value) {
  switch (value.kind()) {
    case JsonKind::kString:
      return "\"" + SanitizeLine(value.text(), kShownValueBytes) + "\"";
    case JsonKind::kMissing:
      return "nothing";
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBool:
    case JsonKind::kNumber:
      return SanitizeLine(value.text(), kShownValueBytes);
    default:
      return "an " + std::string(JsonKindName(value.kind()));
  }
}

// Reads the fields of one review and keeps the first thing that is wrong.
class ReviewReader {
 public:
  explicit ReviewReader(JsonView review) : review_(review) {}

  Result<AdmissionRequest> Read() {
    AdmissionRequest request;
    if (!review_.is_object()) {
      Expect("", review_, "an AdmissionReview object");
    } else {
      ReadEnvelope();
      const JsonView body = review_["request"];
      if (!body.is_object()) {
        Expect("request", body, "an object");
      } else {
        ReadIdentity(body, request);
        ReadUser(body["userInfo"], request);
        ReadObjects(body, request);
      }
    }
    if (error_) return tl::unexpected<Error>(std::move(*error_));
    return request;
  }

 private:
  void Expect(std::string_view path, JsonView value, std::string_view expected) {
    if (error_) return;
    std::string message;
    if (!path.empty()) message.append(path).append(": ");
    message.append("expected ").append(expected).append(", got ").append(Got(value));
    error_ = Error{ErrorCode::kInvalidArgument, std::move(message),
                   value.exists() ? value.position() : review_.position()};
  }

  void ReadEnvelope() {
    if (review_["apiVersion"].AsString() != kReviewApiVersion) {
      Expect("apiVersion", review_["apiVersion"], "\"admission.k8s.io/v1\"");
    }
    if (review_["kind"].AsString() != kReviewKind) {
      Expect("kind", review_["kind"], "\"AdmissionReview\"");
    }
  }

  std::string_view Text(std::string_view path, JsonView value) {
    if (value.present() && !value.is_string()) Expect(path, value, "a string");
    return value.StringOrEmpty();
  }

  void ReadIdentity(JsonView body, AdmissionRequest& request) {
    request.uid = Text("request.uid", body["uid"]);
    if (!IsPlausibleUid(request.uid)) {
      Expect("request.uid", body["uid"], "the uid of the request");
    }
    const JsonView kind = body["kind"];
    if (!kind.is_object()) Expect("request.kind", kind, "an object");
    request.group = Text("request.kind.group", kind["group"]);
    request.version = Text("request.kind.version", kind["version"]);
    request.kind = Text("request.kind.kind", kind["kind"]);
    if (request.version.empty()) Expect("request.kind.version", kind["version"], "a version");
    if (request.kind.empty()) Expect("request.kind.kind", kind["kind"], "a kind");
    request.sub_resource = Text("request.subResource", body["subResource"]);
    request.name = Text("request.name", body["name"]);
    request.namespace_name = Text("request.namespace", body["namespace"]);
    const JsonView dry_run = body["dryRun"];
    if (dry_run.present() && !dry_run.AsBool()) Expect("request.dryRun", dry_run, "a boolean");
    request.dry_run = dry_run.AsBool().value_or(false);
  }

  void ReadUser(JsonView user, AdmissionRequest& request) {
    if (user.present() && !user.is_object()) Expect("request.userInfo", user, "an object");
    request.username = Text("request.userInfo.username", user["username"]);
    request.user_info = user;
    request.user_groups = user["groups"];
    if (request.user_groups.present() && !request.user_groups.is_array()) {
      Expect("request.userInfo.groups", request.user_groups, "an array");
    }
    for (const JsonView group : request.user_groups.elements()) {
      if (!group.is_string()) Expect("request.userInfo.groups", group, "strings");
    }
  }

  void ReadObjects(JsonView body, AdmissionRequest& request) {
    constexpr std::array kOperations = {Operation::kCreate, Operation::kUpdate, Operation::kDelete,
                                        Operation::kConnect};
    const JsonView written = body["operation"];
    std::optional<Operation> operation;
    for (const Operation candidate : kOperations) {
      if (written.AsString() == OperationName(candidate)) operation = candidate;
    }
    if (!operation) {
      Expect("request.operation", written, "CREATE, UPDATE, DELETE or CONNECT");
      return;
    }
    request.operation = *operation;
    const bool creates = operation == Operation::kCreate;
    const bool updates = operation == Operation::kUpdate;
    const bool deletes = operation == Operation::kDelete;
    // On CONNECT both may be there: `object` then holds the options of the connection.
    request.object = Object("request.object", body["object"], creates || updates, deletes);
    request.old_object = Object("request.oldObject", body["oldObject"], updates, creates);
  }

  // `required`: there must be an object. `ignored`: what is there means nothing for this operation.
  JsonView Object(std::string_view path, JsonView value, bool required, bool ignored) {
    if (value.is_object()) return ignored ? JsonView() : value;
    if (required || value.present()) {
      Expect(path, value, required ? "an object" : "an object or null");
    }
    return {};
  }

  JsonView review_;
  std::optional<Error> error_;
};

// As AppendJsonString, for text that may hold anything: what is not valid UTF-8 becomes U+FFFD, for the API server
// takes no other JSON.
void AppendText(std::string_view text, std::string& out) {
  if (IsValidUtf8(text)) {
    AppendJsonString(text, out);
    return;
  }
  std::string repaired;
  repaired.reserve(text.size() + 16);
  while (!text.empty()) {
    const size_t length = Utf8Length(text);
    if (length == 0) {
      repaired += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      repaired += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  AppendJsonString(repaired, out);
}

void AppendMember(std::string_view key, std::string_view text, bool& first, std::string& out) {
  if (text.empty()) return;
  if (!first) out += ',';
  first = false;
  out.append("\"").append(key).append("\":");
  AppendText(text, out);
}

void AppendDetails(const AdmissionResponse& response, std::string& out) {
  out += ",\"details\":{";
  bool first = true;
  AppendMember("name", response.details_name, first, out);
  AppendMember("group", response.details_group, first, out);
  AppendMember("kind", response.details_kind, first, out);
  if (!response.causes.empty()) {
    out += first ? "\"causes\":[" : ",\"causes\":[";
    bool first_cause = true;
    for (const StatusCause& cause : response.causes) {
      out += first_cause ? "{" : ",{";
      first_cause = false;
      // metav1.CauseTypeFieldValueInvalid: how the API server itself words a field that fails validation.
      bool first_member = true;
      AppendMember("reason", "FieldValueInvalid", first_member, out);
      AppendMember("message", cause.message, first_member, out);
      AppendMember("field", cause.field, first_member, out);
      out += '}';
    }
    out += ']';
  }
  out += '}';
}

void AppendStatus(const AdmissionResponse& response, std::string& out) {
  out += ",\"status\":{\"status\":\"Failure\"";
  bool first = false;
  AppendMember("message", response.message, first, out);
  AppendMember("reason", response.reason, first, out);
  if (!response.details_name.empty() || !response.details_group.empty() ||
      !response.details_kind.empty() || !response.causes.empty()) {
    AppendDetails(response, out);
  }
  if (response.code != 0) {
    std::array<char, 16> digits{};
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), response.code).ptr;
    out.append(",\"code\":").append(digits.data(), end);
  }
  out += '}';
}

}  // namespace

Result<AdmissionRequest> ReadAdmissionReview(JsonView review) {
  return ReviewReader(review).Read();
}

std::string_view ReviewUid(JsonView review) {
  const std::string_view uid = review["request"]["uid"].StringOrEmpty();
  return IsPlausibleUid(uid) ? uid : std::string_view();
}

void WriteAdmissionReview(const AdmissionResponse& response, std::string& out) {
  out +=
      "{\"apiVersion\":\"admission.k8s.io/v1\",\"kind\":\"AdmissionReview\",\"response\":{\"uid\":";
  AppendText(response.uid, out);
  out += response.allowed ? ",\"allowed\":true" : ",\"allowed\":false";
  // The API server ignores the status of what is allowed.
  if (!response.allowed) AppendStatus(response, out);
  if (!response.audit_annotations.empty()) {
    char separator = '{';
    out += ",\"auditAnnotations\":";
    for (const auto& [key, value] : response.audit_annotations) {
      out += separator;
      separator = ',';
      AppendText(key, out);
      out += ':';
      AppendText(value, out);
    }
    out += '}';
  }
  if (!response.warnings.empty()) {
    char separator = '[';
    out += ",\"warnings\":";
    for (const std::string& warning : response.warnings) {
      out += separator;
      separator = ',';
      AppendText(warning, out);
    }
    out += ']';
  }
  out += "}}";
}

}  // namespace plimsoll
