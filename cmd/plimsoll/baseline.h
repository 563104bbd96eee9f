// check --baseline: what was found before and is accepted for now, so that only what is new fails.
//
// The file is JSON, one finding a line, sorted, so that it can be kept and reviewed with the manifests. A finding is known by
// its fingerprint (render/ci_reports.h), which stays the same while lines move and policies get stricter. Two findings with the
// same fingerprint are known as often as the file says.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "plimsoll/base/result.h"
#include "plimsoll/render/ci_reports.h"

namespace plimsoll::cli {

class Baseline {
 public:
  static Result<Baseline> Read(const std::string& path);
  // Of every fail in the report that no waiver excuses.
  static Baseline Of(const CheckReport& report, const ReportSurroundings& surroundings);

  // What Read reads.
  std::string Write() const;
  uint64_t size() const;
  // Takes out of the report what is known, and counts it there.
  void Apply(CheckReport& report, const ReportSurroundings& surroundings) const;

 private:
  struct Entry {
    uint64_t count = 0;
    std::string rule;
    std::string file;
    std::string object;
  };
  std::map<std::string, Entry, std::less<>> entries_;  // by fingerprint
};

}  // namespace plimsoll::cli
