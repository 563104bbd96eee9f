// LinkChecker: looks at links in the background, a few at a time, and keeps what it has found in memory. Results are for the
// audit; no request ever waits for it. What is asked when, and what counts as dead: src/links/link_schedule.h.
//
// It asks only public addresses, and private ones that a policy names; loopback, link-local, multicast and metadata addresses
// never. The address that is connected to is the one that was looked at. Certificates are verified. Bodies are read up to
// 64 KiB. No thread is started before the first link is wanted.
//
// Thread-safety: all methods from any thread; `changed` is called from the checker's threads, without a lock of its own.
// Ownership: clock and what `changed` uses must outlive it. The destructor stops.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "plimsoll/base/result.h"
#include "plimsoll/base/time.h"
#include "plimsoll/model/link.h"

namespace plimsoll {

// Requests under way at one time, and threads.
inline constexpr size_t kLinkConnections = 4;

struct LinkCheckerOptions {
  std::string user_agent;  // "plimsoll-controller/0.1.0 (+runbook link check)"
  const Clock* clock = nullptr;
  std::string ca;  // PEM; "": the system's roots
  // Addresses that are never asked, whatever policies say: the API server's.
  std::vector<IpNetwork> never;
  uint64_t seed = 0;
  std::function<void()> changed;  // a result is another one; may be empty
  size_t connections = kLinkConnections;
  std::chrono::seconds first_spread{60};
  std::chrono::seconds host_gap{1};
  // For tests, whose servers are on loopback.
  bool allow_loopback = false;
};

// What it has done and what it knows: metrics.
struct LinkFigures {
  uint64_t alive = 0;  // looks that ended so
  uint64_t dead = 0;
  uint64_t trouble = 0;
  uint64_t refused = 0;
  size_t pending_now = 0;  // links that are wanted, by what is known of them
  size_t alive_now = 0;
  size_t dead_now = 0;
  size_t refused_now = 0;
};

class LinkChecker {
 public:
  // Fails where the CA is none.
  static Result<std::unique_ptr<LinkChecker>> Create(LinkCheckerOptions options);
  ~LinkChecker();
  LinkChecker(const LinkChecker&) = delete;
  LinkChecker& operator=(const LinkChecker&) = delete;

  // In place of what was wanted before. Results of links that are no longer wanted are kept for a day.
  void SetWanted(const WantedLinks& wanted);
  // Never null.
  std::shared_ptr<const LinkResults> Results() const;
  LinkFigures Figures() const;
  // Gives up what is under way and waits for that, a second; `changed` is not called after it. Results stay. Twice is once.
  void Stop();

 private:
  class Impl;
  explicit LinkChecker(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace plimsoll
