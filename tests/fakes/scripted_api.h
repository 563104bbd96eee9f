// ScriptedApi: an API server in memory, for what talks to one through kube::ApiCaller. It knows objects by path, counts
// resource versions, and answers POST, GET, PUT, PATCH and DELETE as the API server does, errors as ApiClient gives them. A
// test puts objects there, makes calls fail, and holds answers back.
//
// Not there: admission, validation, defaults, lists, watches, field ownership (server-side apply merges as a merge patch).
//
// Thread-safety: all methods from any thread.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::testing {

class ScriptedApi final : public kube::ApiCaller {
 public:
  using Json = nlohmann::json;

  // A call that goes wrong.
  struct Trouble {
    Error error{ErrorCode::kUnavailable, "cut off", {}};
    bool applied = false;  // the server did it, and only the answer was lost
    // Which calls; nothing for all.
    std::optional<kube::ApiMethod> method;
    std::string path_part;
    size_t times = 1;
  };

  Result<kube::ApiResponse> Call(const kube::ApiRequest& request) override;
  Status Stream(const kube::ApiRequest& request, const StreamLimits& limits,
                const std::function<bool(std::string_view piece)>& take,
                const std::function<bool()>& stop) override;

  // ---- what is there ----
  // As somebody else would: creates or replaces, with a new resource version.
  void Put(const std::string& path, Json object);
  void Remove(const std::string& path);
  std::optional<Json> Find(const std::string& path) const;
  std::vector<std::string> paths() const;

  // ---- trouble ----
  void Fail(Trouble trouble);
  void NoMoreTrouble();
  // Answers instead of the model where it returns something: resources that are no objects.
  using Answer =
      std::function<std::optional<Result<kube::ApiResponse>>(const kube::ApiRequest& request)>;
  void AnswerBy(Answer answer);
  // Called with each request before it is answered, without any lock.
  void OnCall(std::function<void(const kube::ApiRequest& request)> hook);

  // ---- delay ----
  // From now on calls wait, already noted but not yet carried out, until LetGo.
  void Hold();
  void LetGo();
  // Waits until so many calls have come in since the beginning; false after a minute.
  bool WaitForCalls(size_t count) const;

  std::vector<kube::ApiRequest> calls() const;

 private:
  Result<kube::ApiResponse> Carry(const kube::ApiRequest& request);
  Result<kube::ApiResponse> Create(const kube::ApiRequest& request, const std::string& path);
  Result<kube::ApiResponse> Replace(const kube::ApiRequest& request, const std::string& path);
  Result<kube::ApiResponse> Patch(const kube::ApiRequest& request, const std::string& path);
  Result<kube::ApiResponse> Store(const kube::ApiRequest& request, const std::string& path,
                                  Json object);
  Json& Insert(const std::string& path, Json object);
  std::optional<Trouble> NextTrouble(const kube::ApiRequest& request);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::map<std::string, Json> objects_;
  uint64_t version_ = 100;
  uint64_t uid_ = 0;
  std::deque<Trouble> troubles_;
  Answer answer_;
  std::function<void(const kube::ApiRequest&)> hook_;
  bool held_ = false;
  std::vector<kube::ApiRequest> calls_;
};

}  // namespace plimsoll::testing
