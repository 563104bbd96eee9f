#include "report_page.h"

#include <unistd.h>

#include <sstream>
#include <string_view>
#include <utility>

namespace plimsoll::controller {
namespace {

// Reviews go first where there is no processor for both. It counts for this thread alone (sched(7), "The nice value").
constexpr int kNice = 10;
// Dates are days on the page, and hours where a waiver ends; in between it is the same page.
constexpr size_t kHour = std::string_view("2026-11-28T06").size();

std::string Hex(const Fingerprint& fingerprint) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string hex;
  for (const uint64_t half : {fingerprint.high, fingerprint.low}) {
    for (int shift = 60; shift >= 0; shift -= 4) hex += kDigits[(half >> shift) & 0xFU];
  }
  return hex;
}

}  // namespace

ReportPage::ReportPage(ReportPorts ports, Now now)
    : ports_(std::move(ports)),
      now_(std::move(now)),
      loop_([this, nice_yet = false](bool woken) mutable {
        if (!std::exchange(nice_yet, true)) (void)!nice(kNice);
        return Pass(woken);
      }) {}

std::shared_ptr<const ReportSnapshot> ReportPage::Current() {
  {
    const std::lock_guard lock(mutex_);
    const Time now = now_();
    asked_ = now;
    if (snapshot_ != nullptr && now - made_ < kReportLife) return snapshot_;
  }
  loop_.Wake();
  return nullptr;
}

std::shared_ptr<const ReportSnapshot> ReportPage::Latest() const {
  const std::lock_guard lock(mutex_);
  return snapshot_;
}

std::chrono::milliseconds ReportPage::Pass(bool woken) {
  std::shared_ptr<const ReportSnapshot> before;
  {
    const std::lock_guard lock(mutex_);
    const Time now = now_();
    if (asked_ && now - *asked_ >= kReportIdle) {
      snapshot_.reset();
      asked_.reset();
    }
    const bool fresh = snapshot_ != nullptr && now - made_ < kReportLife;
    if (!woken || fresh || !synced()) return kReportIdle;
    before = snapshot_;
  }
  FingerprintText text;
  text.Add(ports_.version);
  text.Add(FormatTimestamp(ports_.clock->Now()).substr(0, kHour));
  // What changes meanwhile is in the page and not in its revision, or in neither: the next one has it in both.
  ports_.records->AddRevision(text);
  std::vector<ReportedWaiver> waivers = ports_.waivers(text);
  std::string revision = Hex(text.Finish());
  std::shared_ptr<const ReportSnapshot> made =
      before != nullptr && before->facts->report.revision == revision
          ? before
          : Make(std::move(revision), std::move(waivers));
  const std::lock_guard lock(mutex_);
  snapshot_ = std::move(made);
  made_ = now_();
  return kReportIdle;
}

std::shared_ptr<const ReportSnapshot> ReportPage::Make(std::string revision,
                                                       std::vector<ReportedWaiver> waivers) const {
  HtmlReport report;
  report.records = ports_.records->Current();
  report.waivers = std::move(waivers);
  report.now = ports_.clock->Now();
  report.source = "From the cluster";
  report.version = ports_.version;
  report.revision = std::move(revision);
  auto made = std::make_shared<ReportSnapshot>();
  made->etag = "W/\"" + report.revision + "\"";
  std::ostringstream out;
  WriteHtmlReport(report, out);
  made->page = std::make_shared<const std::string>(std::move(out).str());
  made->facts = std::make_unique<const ReportFacts>(std::move(report));
  return made;
}

}  // namespace plimsoll::controller
