// One look at an object or a list of the API server.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plimsoll/base/json_view.h"
#include "plimsoll/base/result.h"
#include "plimsoll/codec/manifest.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::cli {

// What was answered; views live as long as this.
class Look {
 public:
  static Look At(kube::ApiCaller& api, const std::string& path);
  // A question that is posed with POST and stores nothing.
  static Look Ask(kube::ApiCaller& api, const std::string& path, std::string body);

  bool ok() const { return !error_; }
  bool missing() const { return error_ && error_->code == ErrorCode::kNotFound; }
  bool forbidden() const { return error_ && error_->code == ErrorCode::kForbidden; }
  std::string why() const { return error_ ? error_->message : std::string(); }
  Error error() const { return error_.value_or(Error{}); }
  // The object; of a list its first item.
  JsonView object() const { return objects().empty() ? JsonView() : objects().front(); }
  // The items of a list.
  const std::vector<JsonView>& objects() const;

 private:
  explicit Look(Result<kube::ApiResponse> answer);

  std::optional<Error> error_;
  std::unique_ptr<Manifests> answer_;
};

}  // namespace plimsoll::cli
