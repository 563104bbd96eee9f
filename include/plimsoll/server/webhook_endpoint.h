// WebhookEndpoint: POST /validate, POST /validate-policies and POST /validate-waivers. Bytes of an AdmissionReview in, bytes
// of an AdmissionReview out, with the verdict of admission/handler.h (workloads), admission/policy_review.h (policies) or
// admission/waiver_review.h (waivers) between.
//
// Where there is no verdict there is no made-up one: 400 for what is no review (the text says what is wrong and where, with
// the review's uid where it can be read), 503 with Retry-After where we cannot decide now (the API server tries again
// within its timeout and then applies failurePolicy), 500 for a fault of ours.
//
// "Not now" (kUnavailable) is mostly a fact that is being asked for and will be there in a few milliseconds, while the API
// server's shortest Retry-After is a second. So the review is judged again from its bytes, after kFirstReviewWait, twice
// that and so on, until ServerTimeouts::wait is over; then it is 503. It is observed once.
//
// Thread-safety: each serving thread has a parser and a handler of its own; the ports are called from all of them.
// Ownership: what the ports point to must outlive the server. Semantics: admission.k8s.io/v1.
#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include "plimsoll/admission/access_source.h"
#include "plimsoll/admission/handler.h"
#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/policy/policy_snapshot.h"
#include "plimsoll/policy/verdict_observer.h"
#include "plimsoll/policy/waiver_set.h"
#include "plimsoll/server/http.h"

namespace plimsoll {

struct WebhookPorts {
  using Judge = std::function<Result<ReviewOutcome>(const AdmissionRequest&, const PolicySnapshot&,
                                                    const NamespaceSource*, Timestamp)>;

  // The policies in force; null while none are loaded (503). Must not block.
  std::function<std::shared_ptr<const PolicySnapshot>()> policies;
  const NamespaceSource* namespaces = nullptr;  // may be null
  const OwnerSource* owners = nullptr;          // may be null
  // Whom to ask before a denial, and about who approves a waiver; each may be null: then nobody may.
  MercySources mercy;
  // The directory of teams; empty, or null: there is none. Must not block.
  std::function<std::shared_ptr<const TeamDirectory>()> directory;
  const RelatedSource* related = nullptr;  // may be null
  // The waivers that are known; null while they are not (503). Empty: there are none. Must not block.
  std::function<std::shared_ptr<const WaiverSet>()> waivers;
  const Clock* clock = nullptr;         // needed
  VerdictObserver* observer = nullptr;  // may be null
  // Makes one judge per serving thread; empty: AdmissionHandler.
  std::function<Judge()> make_judge;
};

// A GET to the API server takes 2 to 5 ms; the first of these waits is mostly the only one.
inline constexpr std::chrono::milliseconds kFirstReviewWait{10};
// Longer ones would keep a review waiting that could be judged; shorter ones judge a 7 MiB review more than 15 times.
inline constexpr std::chrono::milliseconds kLongestReviewWait{200};

// After this many seconds the API server shall ask again; its shortest is one, its timeout ten by default.
inline constexpr int kRetryAfterSeconds = 1;

// POST /validate: workloads.
Route WebhookRoute(WebhookPorts ports);
// POST /validate-waivers: ReadinessWaiver objects.
Route WaiverWebhookRoute(WebhookPorts ports);
// POST /validate-policies: ReadinessPolicy objects. Of the ports it needs `clock`, and tells `observer`.
Route PolicyWebhookRoute(WebhookPorts ports);

}  // namespace plimsoll
