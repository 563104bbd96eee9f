// What a policy says, as sentences: the same for every way to write it down.
#pragma once

#include <string>
#include <vector>

#include "plimsoll/base/time.h"
#include "plimsoll/policy/policy_snapshot.h"

namespace plimsoll {

struct PolicyWords {
  struct Change {
    std::string date;
    std::vector<std::string> what;  // "denied: resilience.replicas (critical)"
  };
  struct Asked {
    std::string rule;
    std::string title;
    std::vector<std::string>
        when;  // "critical, standard: warned about now, denied from 2030-01-01"
    std::vector<std::string> parameters;
    std::string why;
    std::string what_to_do;
  };

  std::string name;
  std::string description;
  std::string as_of;
  std::vector<std::string> who;      // whom it is about
  std::vector<Change> changes;       // what is announced, by date
  std::vector<Asked> asked;          // in the policy's order
  std::vector<std::string> already;  // what runs already
  std::vector<std::string> waivers;  // how to get more time
  std::vector<std::string> help;     // whom to ask, where to read on
};

PolicyWords InWords(const ReadinessPolicy& policy, Timestamp now);

}  // namespace plimsoll
