// ReportPage: the report as it is served: made by a thread of its own, one at a time, at most once in kReportLife, and kept
// while somebody asks. No review and no other request waits for it; whoever asks for it is called again.
//
// Thread-safety: all methods from any thread. Ownership: what the ports point to must outlive it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "loop.h"
#include "plimsoll/base/time.h"
#include "plimsoll/render/report_api.h"
#include "report_records.h"

namespace plimsoll::controller {

// So old may be what is shown. With 5,000 workloads a page takes a few tenths of a second to make.
inline constexpr std::chrono::seconds kReportLife(15);
// After that time without a question it is forgotten: with 5,000 workloads it takes some 40 MB, and twice that while another is made.
inline constexpr std::chrono::minutes kReportIdle(5);

struct ReportSnapshot {
  std::unique_ptr<const ReportFacts> facts;
  std::shared_ptr<const std::string> page;
  std::string
      etag;  // W/"...": of another replica, or made again of the same records, it is the same
};

struct ReportPorts {
  const ReportRecords* records = nullptr;
  // With a text that changes when one of them does.
  std::function<std::vector<ReportedWaiver>(FingerprintText& revision)> waivers;
  const Clock* clock = nullptr;
  std::string version;
};

class ReportPage {
 public:
  using Now = std::function<std::chrono::steady_clock::time_point()>;

  // `now`: tests turn it themselves.
  explicit ReportPage(ReportPorts ports, Now now = [] { return std::chrono::steady_clock::now(); });
  ~ReportPage() { Stop(); }
  ReportPage(const ReportPage&) = delete;
  ReportPage& operator=(const ReportPage&) = delete;

  // Null while it is being made, or made again; and while records have not been read (synced). Never blocks.
  std::shared_ptr<const ReportSnapshot> Current();
  // Whatever there is, however old; may be null.
  std::shared_ptr<const ReportSnapshot> Latest() const;
  bool synced() const { return ports_.records->synced(); }

  // Nothing is made any more. Twice is once.
  void Stop() { loop_.Stop(); }

 private:
  using Time = std::chrono::steady_clock::time_point;
  std::chrono::milliseconds Pass(bool woken);
  std::shared_ptr<const ReportSnapshot> Make(std::string revision,
                                             std::vector<ReportedWaiver> waivers) const;

  ReportPorts ports_;
  Now now_;
  mutable std::mutex mutex_;                        // held for the copy of a pointer
  std::shared_ptr<const ReportSnapshot> snapshot_;  // guarded by mutex_
  Time made_;                                       // guarded by mutex_: when it was last right
  std::optional<Time> asked_;                       // guarded by mutex_
  Loop loop_;                                       // last: uses all of it
};

}  // namespace plimsoll::controller
