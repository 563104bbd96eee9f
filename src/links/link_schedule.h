// LinkSchedule: which request is to be made next, and what is known of each link. All decisions of the link checker that need
// no socket: when a link is looked at again, how much a host is asked, where a redirect may lead, what counts as dead.
//
// A look at a link is one request, or several: each redirect is a request of its own (checked, counted and paced like any
// other), and a page that seems to be there is compared with what its host answers for an address that cannot exist.
//
// A link is dead after one answer that says so, or after kTroublesUntilDead looks in a row that got none: a wiki may be down
// for an hour.
//
// Time is an argument. Thread-safety: one thread at a time; Results may be read by any.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "links/page_judge.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/link.h"
#include "plimsoll/rules/runbook_link.h"

namespace plimsoll::links {

// Links of a large cluster; what comes beyond is not looked at. A result takes some 300 bytes.
inline constexpr size_t kMaxLinks = 10'000;
// A browser follows 20; a runbook that has moved five times needs a new link.
inline constexpr int kMaxRedirects = 5;
inline constexpr int kTroublesUntilDead = 3;
// After the first trouble, then three times as long.
inline constexpr std::chrono::minutes kFirstRetry{5};
// Policies are edited, deleted and made again: what is known of their links stays for so long.
inline constexpr std::chrono::hours kUnwantedKept{24};
// What hosts answer for addresses that cannot exist. They change it when they are replaced.
inline constexpr std::chrono::hours kProbeMaxAge{24};
inline constexpr size_t kMaxProbes = 1000;

struct ScheduleOptions {
  uint64_t seed = 0;  // of jitter and of addresses that cannot exist
  // New links are spread over this, so that a leader which begins asks nobody for everything at once.
  std::chrono::seconds first_spread{60};
  // Between two requests to one host.
  std::chrono::seconds host_gap{1};
};

// One request that is due.
struct LinkStep {
  std::string link;  // whose look it belongs to
  LinkParts asked;
  std::vector<IpNetwork> networks;
  std::string etag;  // conditional where one of them is given
  std::string last_modified;
};

struct LinkCounts {
  // Looks that have ended, by outcome.
  uint64_t alive = 0;
  uint64_t dead = 0;
  uint64_t trouble = 0;
  uint64_t refused = 0;
  // Wanted links, by LinkState.
  size_t pending_now = 0;
  size_t alive_now = 0;
  size_t dead_now = 0;
  size_t refused_now = 0;
};

class LinkSchedule {
 public:
  explicit LinkSchedule(ScheduleOptions options) : options_(options) {}

  // In place of what was wanted before. What is known stays.
  void SetWanted(const WantedLinks& wanted, Timestamp now);

  // A request to be made now; its host gets no other one until Done. Nothing: none is due.
  std::optional<LinkStep> Take(Timestamp now);
  // True if a result has changed.
  bool Done(const LinkStep& step, const PageAnswer& answer, Timestamp now);
  // When Take will give something if nothing else happens. Nothing: only after Done or SetWanted.
  std::optional<Timestamp> NextDue() const;

  LinkResults Results() const;
  LinkCounts Counts() const;
  bool empty() const { return links_.empty(); }

 private:
  struct Link {
    std::string url;
    LinkParts parts;
    LinkTerms terms;
    bool wanted = true;
    Timestamp unwanted_since;
    LinkResult result;
    std::string etag;
    std::string last_modified;
    std::string validated;  // the address that these two are of
    int troubles = 0;       // in a row
    uint64_t looks = 0;
    // The look that is under way, or due.
    Timestamp due;
    bool busy = false;
    LinkParts at;
    int redirects = 0;
    bool probing = false;
    uint64_t fingerprint = 0;  // of the page that is compared with the probe
    std::string probe;         // its key
  };
  // What a host answers for an address that cannot exist.
  struct Probe {
    Timestamp at;
    std::optional<uint64_t> fingerprint;  // it answers with a page
    std::string moved_to;                 // it answers with a redirect
  };
  struct Host {
    std::set<std::pair<Timestamp, Link*>> queue;
    Timestamp not_before;
    bool busy = false;
  };

  void Enqueue(Link& link, Timestamp due);
  void Dequeue(Link& link);
  bool MakeRoom();
  void Forget(Timestamp now);
  std::chrono::seconds Jittered(std::chrono::seconds time, const Link& link) const;
  void BeginLook(Link& link, Timestamp due);
  // The look has ended.
  bool Settle(Link& link, LinkState state, std::string problem, Timestamp now);
  bool Trouble(Link& link, std::string problem, const PageAnswer& answer, Timestamp now);
  bool Follow(Link& link, const LinkStep& step, const PageAnswer& answer, Timestamp now);
  bool Readable(Link& link, const LinkStep& step, const PageAnswer& answer, Timestamp now);
  bool Probed(Link& link, const LinkStep& step, const PageAnswer& answer, Timestamp now);
  // Whether the page is what `probe` has found, and the look ends with that.
  bool Compare(Link& link, const Probe& probe, Timestamp now);
  std::string ProbeTarget(const LinkParts& parts) const;

  const ScheduleOptions options_;
  std::map<std::string, std::unique_ptr<Link>, std::less<>> links_;
  std::map<std::string, Host, std::less<>> hosts_;
  std::map<std::string, Probe, std::less<>> probes_;
  LinkCounts counts_;
};

}  // namespace plimsoll::links
