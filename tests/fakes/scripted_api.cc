#include "tests/fakes/scripted_api.h"

#include <chrono>
#include <utility>

namespace plimsoll::testing {
namespace {

using kube::ApiMethod;
using kube::ApiRequest;
using kube::ApiResponse;
using Json = ScriptedApi::Json;

constexpr std::chrono::minutes kPatience{1};
constexpr std::string_view kStatus = "/status";

std::string_view MethodName(ApiMethod method) {
  switch (method) {
    case ApiMethod::kGet:
      return "GET";
    case ApiMethod::kPost:
      return "POST";
    case ApiMethod::kPut:
      return "PUT";
    case ApiMethod::kPatch:
      return "PATCH";
    case ApiMethod::kDelete:
      return "DELETE";
  }
  return "";
}

tl::unexpected<Error> Refuse(const ApiRequest& request, ErrorCode code, const std::string& words) {
  return plimsoll::Fail(
      code, std::string(MethodName(request.method)) + " " + request.path + ": " + words);
}

std::string PathOf(const ApiRequest& request) {
  std::string path = request.path.substr(0, request.path.find('?'));
  if (path.ends_with(kStatus)) path.resize(path.size() - kStatus.size());
  return path;
}

std::string_view QueryOf(const ApiRequest& request) {
  const size_t mark = request.path.find('?');
  return mark == std::string::npos ? std::string_view()
                                   : std::string_view(request.path).substr(mark + 1);
}

bool IsStatus(const ApiRequest& request) {
  return request.path.substr(0, request.path.find('?')).ends_with(kStatus);
}

std::string VersionOf(const Json& object) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end()) return "";
  return metadata->value("resourceVersion", "");
}

// Without what the server itself puts there: two objects are the same if this is.
Json Essence(Json object) {
  object["metadata"].erase("resourceVersion");
  object["metadata"].erase("uid");
  object["metadata"].erase("creationTimestamp");
  return object;
}

Json ReadBody(const ApiRequest& request) { return Json::parse(request.body, nullptr, false); }

}  // namespace

Result<ApiResponse> ScriptedApi::Call(const ApiRequest& request) {
  std::function<void(const ApiRequest&)> hook;
  {
    const std::lock_guard lock(mutex_);
    calls_.push_back(request);
    hook = hook_;
  }
  changed_.notify_all();
  if (hook) hook(request);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !held_; });
  const std::optional<Trouble> trouble = NextTrouble(request);
  if (trouble && !trouble->applied) return tl::unexpected(trouble->error);
  Result<ApiResponse> answer = Carry(request);
  if (trouble) return tl::unexpected(trouble->error);
  return answer;
}

Status ScriptedApi::Stream(const ApiRequest& request, const StreamLimits& /*limits*/,
                           const std::function<bool(std::string_view piece)>& /*take*/,
                           const std::function<bool()>& /*stop*/) {
  return Refuse(request, ErrorCode::kInternal, "this fake has no streams");
}

Result<ApiResponse> ScriptedApi::Carry(const ApiRequest& request) {
  if (answer_) {
    if (std::optional<Result<ApiResponse>> answer = answer_(request)) return *std::move(answer);
  }
  const std::string path = PathOf(request);
  if (request.method == ApiMethod::kPost) return Create(request, path);
  if (request.method == ApiMethod::kPatch) return Patch(request, path);
  const auto found = objects_.find(path);
  if (found == objects_.end()) return Refuse(request, ErrorCode::kNotFound, "not found");
  if (request.method == ApiMethod::kPut) return Replace(request, path);
  ApiResponse answer{200, found->second.dump()};
  if (request.method == ApiMethod::kDelete) objects_.erase(found);
  return answer;
}

Result<ApiResponse> ScriptedApi::Create(const ApiRequest& request, const std::string& path) {
  Json object = ReadBody(request);
  if (!object.is_object() || request.content_type != "application/json") {
    return Refuse(request, ErrorCode::kInvalidArgument, "the body is no JSON object");
  }
  const std::string name = object["metadata"].value("name", "");
  if (name.empty()) return Refuse(request, ErrorCode::kInvalidArgument, "name is required");
  if (!VersionOf(object).empty()) {
    return Refuse(request, ErrorCode::kInvalidArgument, "resourceVersion on create");
  }
  std::string full = path;
  full.append("/").append(name);
  if (objects_.contains(full)) return Refuse(request, ErrorCode::kAlreadyExists, "already exists");
  return ApiResponse{201, Insert(full, std::move(object)).dump()};
}

Result<ApiResponse> ScriptedApi::Replace(const ApiRequest& request, const std::string& path) {
  Json object = ReadBody(request);
  if (!object.is_object() || request.content_type != "application/json") {
    return Refuse(request, ErrorCode::kInvalidArgument, "the body is no JSON object");
  }
  return Store(request, path, std::move(object));
}

Result<ApiResponse> ScriptedApi::Patch(const ApiRequest& request, const std::string& path) {
  const Json patch = ReadBody(request);
  if (patch.is_discarded()) return Refuse(request, ErrorCode::kInvalidArgument, "no JSON");
  const auto found = objects_.find(path);
  const bool apply = request.content_type == "application/apply-patch+yaml";
  if (apply && QueryOf(request).find("fieldManager=") == std::string_view::npos) {
    return Refuse(request, ErrorCode::kInvalidArgument, "fieldManager is required for apply patch");
  }
  if (found == objects_.end()) {
    if (!apply || IsStatus(request)) return Refuse(request, ErrorCode::kNotFound, "not found");
    return ApiResponse{201, Insert(path, patch).dump()};
  }
  Json object = found->second;
  if (request.content_type == "application/json-patch+json") {
    try {
      object = object.patch(patch);
    } catch (const Json::exception& problem) {
      return Refuse(request, ErrorCode::kInvalidArgument, problem.what());
    }
  } else if (apply || request.content_type == "application/merge-patch+json") {
    object.merge_patch(patch);
  } else {
    return Refuse(request, ErrorCode::kInvalidArgument, "415: " + request.content_type);
  }
  return Store(request, path, std::move(object));
}

Result<ApiResponse> ScriptedApi::Store(const ApiRequest& request, const std::string& path,
                                       Json object) {
  Json& present = objects_.at(path);
  const std::string version = VersionOf(object);
  if (!version.empty() && version != VersionOf(present)) {
    return Refuse(request, ErrorCode::kConflict, "the object has been modified");
  }
  if (IsStatus(request)) {
    // Of a write to /status only the status counts.
    Json changed = present;
    changed["status"] = object.contains("status") ? object["status"] : Json();
    object = std::move(changed);
  }
  if (Essence(object) == Essence(present)) return ApiResponse{200, present.dump()};
  object["metadata"]["uid"] = present["metadata"]["uid"];
  return ApiResponse{200, Insert(path, std::move(object)).dump()};
}

Json& ScriptedApi::Insert(const std::string& path, Json object) {
  Json& metadata = object["metadata"];
  metadata["resourceVersion"] = std::to_string(++version_);
  if (!metadata.contains("uid")) metadata["uid"] = "uid-" + std::to_string(++uid_);
  Json& kept = objects_[path];
  kept = std::move(object);
  return kept;
}

std::optional<ScriptedApi::Trouble> ScriptedApi::NextTrouble(const ApiRequest& request) {
  for (auto trouble = troubles_.begin(); trouble != troubles_.end(); ++trouble) {
    if (trouble->method && *trouble->method != request.method) continue;
    if (request.path.find(trouble->path_part) == std::string::npos) continue;
    Trouble found = *trouble;
    if (--trouble->times == 0) troubles_.erase(trouble);
    return found;
  }
  return std::nullopt;
}

void ScriptedApi::Put(const std::string& path, Json object) {
  const std::lock_guard lock(mutex_);
  Insert(path, std::move(object));
}

void ScriptedApi::Remove(const std::string& path) {
  const std::lock_guard lock(mutex_);
  objects_.erase(path);
}

std::optional<Json> ScriptedApi::Find(const std::string& path) const {
  const std::lock_guard lock(mutex_);
  const auto found = objects_.find(path);
  if (found == objects_.end()) return std::nullopt;
  return found->second;
}

std::vector<std::string> ScriptedApi::paths() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> paths;
  for (const auto& [path, object] : objects_) paths.push_back(path);
  return paths;
}

void ScriptedApi::Fail(Trouble trouble) {
  const std::lock_guard lock(mutex_);
  troubles_.push_back(std::move(trouble));
}

void ScriptedApi::NoMoreTrouble() {
  const std::lock_guard lock(mutex_);
  troubles_.clear();
}

void ScriptedApi::AnswerBy(Answer answer) {
  const std::lock_guard lock(mutex_);
  answer_ = std::move(answer);
}

void ScriptedApi::OnCall(std::function<void(const ApiRequest&)> hook) {
  const std::lock_guard lock(mutex_);
  hook_ = std::move(hook);
}

void ScriptedApi::Hold() {
  const std::lock_guard lock(mutex_);
  held_ = true;
}

void ScriptedApi::LetGo() {
  {
    const std::lock_guard lock(mutex_);
    held_ = false;
  }
  changed_.notify_all();
}

bool ScriptedApi::WaitForCalls(size_t count) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] { return calls_.size() >= count; });
}

std::vector<ApiRequest> ScriptedApi::calls() const {
  const std::lock_guard lock(mutex_);
  return calls_;
}

}  // namespace plimsoll::testing
