// ScriptedCaller: an ApiCaller whose streams are written down beforehand; and listeners that remember what an informer told
// them and let a test wait for it.
//
// Thread-safety: all methods from any thread.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/kube/api_client.h"
#include "plimsoll/kube/informer.h"

namespace plimsoll::testing {

// What one stream gives: pieces, and then its end.
struct StreamScript {
  std::vector<std::string> pieces;
  Status end;          // an error, or a clean end
  bool hangs = false;  // after the pieces, until it is stopped
};

inline StreamScript Frames(std::vector<std::string> pieces) {
  return {std::move(pieces), {}, false};
}
inline StreamScript FramesThenHang(std::vector<std::string> pieces) {
  return {std::move(pieces), {}, true};
}
inline StreamScript Failing(ErrorCode code, std::string message) {
  return {{}, tl::unexpected(Error{code, std::move(message), {}}), false};
}

class ScriptedCaller final : public kube::ApiCaller {
 public:
  explicit ScriptedCaller(std::deque<StreamScript> scripts) : scripts_(std::move(scripts)) {}

  Result<kube::ApiResponse> Call(const kube::ApiRequest& request) override {
    ADD_FAILURE() << "an informer streams, it does not call " << request.path;
    return Fail(ErrorCode::kInternal, "not scripted");
  }

  // Beyond the last script: hangs until it is stopped.
  Status Stream(const kube::ApiRequest& request, const StreamLimits& limits,
                const std::function<bool(std::string_view)>& take,
                const std::function<bool()>& stop) override {
    StreamScript script;
    script.hangs = true;
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
      limits_.push_back(limits);
      if (!scripts_.empty()) {
        script = std::move(scripts_.front());
        scripts_.pop_front();
      }
      changed_.notify_all();
    }
    for (const std::string& piece : script.pieces) {
      if (stop() || !take(piece)) return {};
    }
    std::unique_lock lock(mutex_);
    while (script.hangs && !stop()) changed_.wait_for(lock, std::chrono::milliseconds(1));
    return script.end;
  }

  std::vector<kube::ApiRequest> requests() const {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  std::vector<StreamLimits> limits() const {
    const std::lock_guard lock(mutex_);
    return limits_;
  }
  bool WaitForRequests(size_t count) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30),
                             [&] { return requests_.size() >= count; });
  }

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::deque<StreamScript> scripts_;
  std::vector<kube::ApiRequest> requests_;
  std::vector<StreamLimits> limits_;
};

// "+ns/name@1", "-ns/name(uid)", "synced", "refused".
class RecordingHandler final : public kube::ObjectHandler {
 public:
  void Upsert(const ObjectKey& key, JsonView object) override {
    Note("+" + key.namespace_name + "/" + key.name + "@" +
         std::string(object["metadata"]["resourceVersion"].StringOrEmpty()));
  }
  void Remove(const ObjectKey& key, std::string_view uid) override {
    Note("-" + key.namespace_name + "/" + key.name + "(" + std::string(uid) + ")");
  }
  void Synced() override { Note("synced"); }
  void Refused() override { Note("refused"); }

  std::vector<std::string> told() const {
    const std::lock_guard lock(mutex_);
    return told_;
  }
  // False after half a minute.
  bool WaitFor(size_t count) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30), [&] { return told_.size() >= count; });
  }

 private:
  void Note(std::string what) {
    const std::lock_guard lock(mutex_);
    told_.push_back(std::move(what));
    changed_.notify_all();
  }
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<std::string> told_;
};

class RecordingInformerObserver final : public kube::InformerObserver {
 public:
  struct Failure {
    Error error;
    std::chrono::milliseconds wait;
  };
  void Failed(const kube::ResourceType&, const Error& error,
              std::chrono::milliseconds wait) override {
    const std::lock_guard lock(mutex_);
    failures_.push_back({error, wait});
    changed_.notify_all();
  }
  void Began(const kube::ResourceType&) override { Tell("began"); }
  void Heard(const kube::ResourceType&) override { Tell("heard"); }
  void Ended(const kube::ResourceType&) override { Tell("ended"); }
  // Began, heard and ended, in their order.
  std::vector<std::string> life() const {
    const std::lock_guard lock(mutex_);
    return life_;
  }
  void Relisted(const kube::ResourceType&) override {
    const std::lock_guard lock(mutex_);
    ++relisted_;
  }
  void Absent(const kube::ResourceType&) override {
    const std::lock_guard lock(mutex_);
    ++absent_;
  }
  std::vector<Failure> failures() const {
    const std::lock_guard lock(mutex_);
    return failures_;
  }
  int relisted() const {
    const std::lock_guard lock(mutex_);
    return relisted_;
  }
  int absent() const {
    const std::lock_guard lock(mutex_);
    return absent_;
  }
  bool WaitFor(size_t failures) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(30),
                             [&] { return failures_.size() >= failures; });
  }

 private:
  void Tell(const char* what) {
    const std::lock_guard lock(mutex_);
    life_.emplace_back(what);
  }

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::vector<Failure> failures_;
  std::vector<std::string> life_;
  int relisted_ = 0;
  int absent_ = 0;
};

}  // namespace plimsoll::testing
