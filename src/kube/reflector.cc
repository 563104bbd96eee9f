#include "kube/reflector.h"

#include <algorithm>
#include <utility>

#include "kube/collection.h"
#include "kube/watch_frames.h"

namespace plimsoll::kube {

Reflector::Reflector(ApiCaller& api, ObjectHandler& handler, const InformerOptions& options,
                     InformerFigures& figures, std::function<bool()> stopped)
    : api_(api),
      handler_(handler),
      options_(options),
      figures_(figures),
      stopped_(std::move(stopped)),
      random_(std::random_device()()),
      page_size_(std::max<size_t>(1, options.page_size)) {}

Reflector::Outcome Reflector::Run() {
  Outcome outcome;
  if (!list_needed_) {
    outcome = Watch(false);
  } else if (options_.streaming_list && !streaming_refused_ &&
             streamed_list_failures_ < kStreamedListFailures) {
    outcome = Watch(true);
  } else {
    outcome = ListByPages();
    streamed_list_failures_ = 0;
  }
  failures_ = outcome.error ? failures_ + 1 : 0;
  if (failures_ >= kFailuresBeforeList) {
    list_needed_ = true;
    failures_ = 0;
  }
  return outcome;
}

void Reflector::Heard() {
  figures_.last_heard = std::chrono::steady_clock::now().time_since_epoch().count();
  figures_.objects = known_.size();
  if (options_.observer != nullptr) options_.observer->Heard(options_.type);
}

Error Reflector::Named(const Error& error) const {
  return {error.code, std::string(options_.type.plural) + ": " + error.message, {}};
}

// ---- what is handed over ----

Status Reflector::Upsert(JsonView object) {
  const Result<ObjectIdentity> identity = IdentityOf(object);
  if (!identity) return tl::unexpected(identity.error());
  const KnownObjects::Change change =
      known_.Note(identity->key, identity->uid, identity->resource_version);
  if (!change.replaced_uid.empty()) handler_.Remove(identity->key, change.replaced_uid);
  if (change.changed) handler_.Upsert(identity->key, object);
  return {};
}

Status Reflector::Delete(JsonView object) {
  const Result<ObjectIdentity> identity = IdentityOf(object);
  if (!identity) return tl::unexpected(identity.error());
  const std::string uid = known_.Forget(identity->key);
  if (!uid.empty()) handler_.Remove(identity->key, uid);
  return {};
}

void Reflector::EndList() {
  for (const KnownObjects::Gone& gone : known_.EndPass()) handler_.Remove(gone.key, gone.uid);
  list_needed_ = false;
  absent_ = false;
  absent_answers_ = 0;
  streamed_list_failures_ = 0;
  page_size_ = std::max<size_t>(1, options_.page_size);
  Heard();
  figures_.refused = false;
  figures_.synced = true;
  handler_.Synced();
}

// ---- lists by pages ----

Reflector::Outcome Reflector::ListByPages() {
  known_.BeginPass();
  std::string token;
  do {
    Result<std::string> body = ReadPage(PageRequest(options_, page_size_, token));
    if (stopped_()) return {};
    Result<std::string> next = body ? TakePage(*body) : body;
    if (!next) {
      // Objects of several MiB: fewer of them.
      if (next.error().code == ErrorCode::kLimitExceeded) {
        page_size_ = std::max<size_t>(1, page_size_ / 10);
      }
      return Failed(next.error(), true);
    }
    if (!next->empty() && *next == token) {
      return Failed({ErrorCode::kUnavailable, "the list has no end: the same page again", {}},
                    true);
    }
    token = *std::move(next);
    Heard();
  } while (!token.empty());
  EndList();
  return {};
}

Result<std::string> Reflector::ReadPage(const ApiRequest& request) {
  std::string body;
  bool too_large = false;
  const Status status = api_.Stream(
      request, {kPageSilence, kPageTotal},
      [&](std::string_view piece) {
        too_large = piece.size() > kMaxResponseBytes - body.size();
        if (!too_large) body += piece;
        return !too_large;
      },
      stopped_);
  if (!status) return tl::unexpected(status.error());
  if (!too_large) return body;
  return Fail(ErrorCode::kLimitExceeded,
              "a page is larger than " + std::to_string(kMaxResponseBytes >> 20U) + " MiB");
}

Result<std::string> Reflector::TakePage(std::string& body) {
  const Result<JsonView> page = parser_.Parse(body, DuplicateKeys::kNote);
  if (!page) return Fail(ErrorCode::kUnavailable, "a page is no JSON: " + page.error().message);
  const JsonView metadata = (*page)["metadata"];
  const JsonView items = (*page)["items"];
  const std::string_view version = metadata["resourceVersion"].StringOrEmpty();
  if (version.empty() || (items.present() && !items.is_array())) {
    return Fail(ErrorCode::kUnavailable, "expected a list with metadata.resourceVersion and items");
  }
  for (const JsonView item : items.elements()) {
    if (const Status status = Upsert(item); !status) return tl::unexpected(status.error());
  }
  resource_version_ = version;
  return std::string(metadata["continue"].StringOrEmpty());
}

// ---- watches, and lists that are streamed as one ----

Reflector::Outcome Reflector::Watch(bool list) {
  const std::chrono::seconds timeout(std::uniform_int_distribution<std::chrono::seconds::rep>(
      options_.watch_timeout.count(), 2 * options_.watch_timeout.count())(random_));
  const ApiRequest request = list ? StreamedListRequest(options_, timeout)
                                  : WatchRequest(options_, timeout, resource_version_);
  const std::chrono::milliseconds patience = timeout + options_.silence_grace;
  Frames frames;
  frames.listing = list;
  if (list) known_.BeginPass();
  WatchFrames lines(kMaxWatchFrameBytes,
                    [&](std::string& frame) { return TakeFrame(frame, frames); });
  const auto begin = std::chrono::steady_clock::now();
  const Status status = api_.Stream(
      request, {patience, patience}, [&](std::string_view piece) { return lines.Add(piece); },
      stopped_);
  if (lines.too_long()) {
    frames.broken = Error{ErrorCode::kLimitExceeded,
                          "a frame of the watch is longer than " +
                              std::to_string(kMaxWatchFrameBytes >> 20U) + " MiB",
                          {}};
  }
  if (stopped_()) return {};
  return AfterFrames(frames, status, lines.unfinished_bytes(),
                     std::chrono::steady_clock::now() - begin);
}

bool Reflector::TakeFrame(std::string& frame, Frames& frames) {
  if (stopped_()) return false;
  const Result<JsonView> root = parser_.Parse(frame, DuplicateKeys::kNote);
  if (!root) {
    frames.broken = Error{
        ErrorCode::kUnavailable, "a frame of the watch is no JSON: " + root.error().message, {}};
    return false;
  }
  const Result<WatchEvent> event = ReadWatchEvent(*root);
  const Status status = event ? TakeEvent(*event, frames) : Status(tl::unexpected(event.error()));
  if (!status) frames.broken = status.error();
  return !frames.broken && !frames.status;
}

Status Reflector::TakeEvent(const WatchEvent& event, Frames& frames) {
  Status status;
  switch (event.kind) {
    case WatchEvent::Kind::kUpsert:
      status = Upsert(event.object);
      break;
    case WatchEvent::Kind::kDelete:
      status = Delete(event.object);
      break;
    case WatchEvent::Kind::kBookmark:
      break;
    case WatchEvent::Kind::kError:
      frames.status = ReadApiStatus(event.object);
      return {};
  }
  if (!status) return status;
  ++frames.events;
  failures_ = 0;
  // Until a streamed list is complete its frames come in any order: only its end says where the watch goes on.
  if (!frames.listing || event.initial_events_end) {
    resource_version_ = event.object["metadata"]["resourceVersion"].StringOrEmpty();
  }
  if (frames.listing && event.initial_events_end) {
    frames.listing = false;
    EndList();
  }
  Heard();
  return {};
}

Reflector::Outcome Reflector::AfterFrames(const Frames& frames, const Status& stream,
                                          size_t unfinished_bytes,
                                          std::chrono::steady_clock::duration lasted) {
  if (frames.broken) {
    // Whatever it said is lost: only a list can tell.
    list_needed_ = true;
    return Failed(*frames.broken, frames.listing);
  }
  if (frames.status) return FailedByStatus(*frames.status, frames.listing);
  if (!stream) return Failed(stream.error(), frames.listing);
  if (frames.listing) {
    return Failed({ErrorCode::kUnavailable, "the streamed list ended before it was complete", {}},
                  true);
  }
  if (unfinished_bytes > 0) {
    return Failed({ErrorCode::kUnavailable, "the watch ended inside a frame", {}}, false);
  }
  if (frames.events == 0 && lasted < kShortWatch) {
    return Failed({ErrorCode::kUnavailable, "the watch ended at once and without a word", {}},
                  false);
  }
  return {};
}

Reflector::Outcome Reflector::Failed(const Error& error, bool listing) {
  const bool streamed = listing && options_.streaming_list && !streaming_refused_ &&
                        streamed_list_failures_ < kStreamedListFailures;
  if (streamed && error.code == ErrorCode::kInvalidArgument) {
    // An older server, or one that has it switched off. If something else is wrong, the pages will say it.
    streaming_refused_ = true;
    return {};
  }
  if (streamed) ++streamed_list_failures_;
  if (listing && error.code == ErrorCode::kForbidden && !figures_.refused.exchange(true)) {
    handler_.Refused();
  }
  Outcome outcome;
  outcome.expired = error.code == ErrorCode::kConflict;
  // What the server will not take from us it will not take the next time.
  if (outcome.expired || error.code == ErrorCode::kInvalidArgument ||
      error.code == ErrorCode::kNotFound) {
    list_needed_ = true;
  }
  outcome.error = Named(error);
  if (!listing || error.code != ErrorCode::kNotFound) {
    absent_answers_ = 0;
  } else if (++absent_answers_ >= kAbsentAnswers || known_.size() == 0) {
    Absent(outcome);
  } else {
    // Somebody between us and the server may have said it: what is known is not given up in a hurry.
    outcome.retry_after = options_.absent_retry;
  }
  return outcome;
}

void Reflector::Absent(Outcome& outcome) {
  outcome.retry_after = options_.absent_retry;
  outcome.quiet = absent_;
  if (absent_) return Heard();  // as empty as it was: no watch that has gone silent
  absent_ = true;
  outcome.absent = true;
  known_.BeginPass();
  for (const KnownObjects::Gone& gone : known_.EndPass()) handler_.Remove(gone.key, gone.uid);
  Heard();
  figures_.refused = false;
  figures_.synced = true;
  handler_.NotInstalled();
}

Reflector::Outcome Reflector::FailedByStatus(const ApiStatus& status, bool listing) {
  Error error = ApiError(status, "the watch ended with an error");
  // The code is what the API server sends, the reason what some before it do.
  if (status.reason == "Expired" || status.reason == "Gone") error.code = ErrorCode::kConflict;
  if (status.resource_version_too_large) error.code = ErrorCode::kUnavailable;
  Outcome outcome = Failed(error, listing);
  if (status.retry_after) outcome.retry_after = status.retry_after;
  return outcome;
}

}  // namespace plimsoll::kube
