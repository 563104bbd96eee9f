// FieldReader: takes values out of a document that is read as a whole, and keeps the first thing that is wrong with it.
//
// Thread-safety: one thread. Ownership: the document must outlive it. Messages name field, position and what was expected,
// never the value: it may be a credential.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/position.h"

namespace plimsoll::kube {

class FieldReader {
 public:
  // `file` begins every message.
  explicit FieldReader(std::string file) : file_(std::move(file)) {}

  // The member's value; "" or false where it is missing or null. `path` names `object` in messages: "users[2].user".
  std::string String(JsonView object, std::string_view path, std::string_view key);
  bool Bool(JsonView object, std::string_view path, std::string_view key);
  // The same, decoded from base64.
  std::string Base64(JsonView object, std::string_view path, std::string_view key);
  // The member as it is where it has that kind; missing where it is missing, null or something else.
  JsonView Member(JsonView object, std::string_view path, std::string_view key, JsonKind kind);

  // "file:line:column: path: message".
  void Fail(JsonView value, std::string_view path, std::string_view key, std::string_view message);

  const std::optional<Diagnostic>& problem() const { return problem_; }

 private:
  std::string file_;
  std::optional<Diagnostic> problem_;
};

}  // namespace plimsoll::kube
