// An admission request and its answer, as values: what admission.k8s.io/v1 AdmissionReview carries, without its JSON.
// Semantics: k8s.io/api/admission/v1 types.go.
//
// Ownership: an AdmissionRequest views into the Document of the review it was read from.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/json_view.h"

namespace plimsoll {

enum class Operation : uint8_t { kCreate, kUpdate, kDelete, kConnect };
std::string_view OperationName(Operation operation);  // "CREATE", ...

struct AdmissionRequest {
  std::string_view uid;
  Operation operation = Operation::kCreate;
  // request.kind: group "" for the core group.
  std::string_view group;
  std::string_view version;
  std::string_view kind;
  std::string_view sub_resource;  // "" for the object itself
  std::string_view name;          // may be "" on CREATE with generateName
  std::string_view namespace_name;
  std::string_view username;
  JsonView user_groups;
  JsonView user_info;  // the whole of it: username, uid, groups, extra
  bool dry_run = false;
  JsonView object;      // missing on DELETE
  JsonView old_object;  // missing on CREATE
};

struct StatusCause {
  std::string field;
  std::string message;
  friend bool operator==(const StatusCause&, const StatusCause&) = default;
};

struct AdmissionResponse {
  std::string uid;
  bool allowed = true;
  // Where denied: HTTP-like code, machine reason, text, and details that kubectl prints as bullets.
  int code = 0;
  std::string reason;
  std::string message;
  std::string details_group;
  std::string details_kind;
  std::string details_name;
  std::vector<StatusCause> causes;
  std::vector<std::string> warnings;
  std::vector<std::pair<std::string, std::string>> audit_annotations;

  friend bool operator==(const AdmissionResponse&, const AdmissionResponse&) = default;
};

}  // namespace plimsoll
