// Links that workloads declare, and what somebody who looks at them has found: whether a runbook can be read.
//
// Thread-safety: value types; LinkResults is immutable after construction and shared.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "plimsoll/base/ip_address.h"
#include "plimsoll/base/time.h"

namespace plimsoll {

enum class LinkState : uint8_t {
  kPending,  // not looked at yet
  kAlive,
  kDead,
  kRefused,  // not to be looked at: its host or its address is none that may be asked
};

std::string_view LinkStateName(
    LinkState state);  // "pending", "alive", "dead", "refused": a metric's label

struct LinkResult {
  LinkState state = LinkState::kPending;
  // kDead: the end of a sentence that begins with "the page" ("answers 404"). kRefused: why.
  std::string problem;
  Timestamp since;    // when it was first found as it is
  Timestamp checked;  // when it was last looked at
  // As its server says it; many do not.
  std::optional<Timestamp> last_modified;

  friend bool operator==(const LinkResult&, const LinkResult&) = default;
};

class LinkResults {
 public:
  using Map = std::map<std::string, LinkResult, std::less<>>;

  LinkResults() = default;
  explicit LinkResults(Map results) : results_(std::move(results)) {}

  // Null where nobody has been asked to look at it.
  const LinkResult* Find(std::string_view url) const {
    const auto found = results_.find(url);
    return found == results_.end() ? nullptr : &found->second;
  }
  const Map& all() const { return results_; }

 private:
  Map results_;
};

// How a link may be looked at.
struct LinkTerms {
  std::vector<std::string> hosts;    // host names and "*.corp.internal"; empty: any
  std::vector<IpNetwork> networks;   // private networks that may be asked, besides public addresses
  std::chrono::seconds interval{0};  // from one look to the next

  friend bool operator==(const LinkTerms&, const LinkTerms&) = default;
};

using WantedLinks = std::map<std::string, LinkTerms, std::less<>>;

}  // namespace plimsoll
