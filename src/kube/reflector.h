// Reflector: one attempt at a time to bring an informer's handler up to date: a list where one is needed, else a watch from
// where the last one ended. When to try again is the informer's affair.
//
// Thread-safety: one thread. Ownership: everything given must outlive it. Semantics: client-go tools/cache/reflector.go.
#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <random>
#include <string>
#include <string_view>

#include "kube/api_status.h"
#include "kube/known_objects.h"
#include "kube/watch_event.h"
#include "plimsoll/base/result.h"
#include "plimsoll/codec/json_parser.h"
#include "plimsoll/kube/informer.h"

namespace plimsoll::kube {

// After so many attempts in a row that brought nothing, some four minutes, what we know may be from another world (an etcd
// that was restored from a backup): it is listed anew.
inline constexpr int kFailuresBeforeList = 10;
// Streamed lists that fail so often in a row are replaced by pages once.
inline constexpr int kStreamedListFailures = 2;
// A load balancer in front of the API server may say 404, too, once: what is known is not thrown away for that.
inline constexpr int kAbsentAnswers = 3;
// A watch that ends sooner without a word is a fault of the server's; without waiting we would ask in a circle.
inline constexpr std::chrono::seconds kShortWatch{1};
// From one byte of a page to the next, and of a whole page.
inline constexpr std::chrono::milliseconds kPageSilence{30'000};
inline constexpr std::chrono::milliseconds kPageTotal{60'000};

// What others may look at while it works.
struct InformerFigures {
  std::atomic<bool> synced{false};
  std::atomic<bool> refused{false};
  std::atomic<size_t> objects{0};
  std::atomic<std::chrono::steady_clock::rep> last_heard{0};
};

class Reflector {
 public:
  Reflector(ApiCaller& api, ObjectHandler& handler, const InformerOptions& options,
            InformerFigures& figures, std::function<bool()> stopped);

  struct Outcome {
    std::optional<Error> error;  // none: go on at once
    std::optional<std::chrono::seconds> retry_after;
    bool expired = false;  // the server no longer has what comes after our last event
    bool absent = false;   // the server does not know the resource, which was not so before
    bool quiet = false;    // the error is known already
  };
  Outcome Run();

 private:
  // What one stream of frames has led to, besides what it has changed.
  struct Frames {
    bool listing = false;  // until the bookmark that ends a streamed list
    size_t events = 0;
    std::optional<Error> broken;      // a frame that cannot be read
    std::optional<ApiStatus> status;  // of an ERROR frame
  };

  Outcome ListByPages();
  Result<std::string> ReadPage(const ApiRequest& request);
  // The token of the next page, "" after the last.
  Result<std::string> TakePage(std::string& body);
  Outcome Watch(bool list);
  bool TakeFrame(std::string& frame, Frames& frames);
  Status TakeEvent(const WatchEvent& event, Frames& frames);
  Status Upsert(JsonView object);
  Status Delete(JsonView object);
  void EndList();
  Outcome AfterFrames(const Frames& frames, const Status& stream, size_t unfinished_bytes,
                      std::chrono::steady_clock::duration lasted);
  Outcome Failed(const Error& error, bool listing);
  void Absent(Outcome& outcome);
  Outcome FailedByStatus(const ApiStatus& status, bool listing);
  Error Named(const Error& error) const;
  void Heard();

  ApiCaller& api_;
  ObjectHandler& handler_;
  const InformerOptions& options_;
  InformerFigures& figures_;
  const std::function<bool()> stopped_;

  JsonParser parser_;
  KnownObjects known_;
  std::mt19937_64 random_;
  std::string resource_version_;
  bool list_needed_ = true;
  bool streaming_refused_ = false;
  int streamed_list_failures_ = 0;
  int failures_ = 0;        // in a row
  int absent_answers_ = 0;  // in a row
  bool absent_ = false;
  size_t page_size_;
};

}  // namespace plimsoll::kube
