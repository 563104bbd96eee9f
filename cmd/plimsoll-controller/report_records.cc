#include "report_records.h"

#include "plimsoll/kube/history_codec.h"
#include "plimsoll/kube/record_codec.h"

namespace plimsoll::controller {

void ReportRecords::Upsert(const ObjectKey& key, JsonView object) {
  Known known;
  known.resource_version = object["metadata"]["resourceVersion"].StringOrEmpty();
  known.record = std::make_shared<const RecordWithHistory>(
      RecordWithHistory{kube::ReadWorkloadRecord(object), kube::ReadWorkloadHistory(object)});
  const std::lock_guard lock(mutex_);
  all_[key] = std::move(known);
}

void ReportRecords::Remove(const ObjectKey& key, std::string_view /*uid*/) {
  const std::lock_guard lock(mutex_);
  all_.erase(key);
}

std::vector<RecordWithHistory> ReportRecords::Current() const {
  std::vector<std::shared_ptr<const RecordWithHistory>> pointers;
  {
    const std::lock_guard lock(mutex_);
    pointers.reserve(all_.size());
    for (const auto& [key, known] : all_) pointers.push_back(known.record);
  }
  std::vector<RecordWithHistory> records;
  records.reserve(pointers.size());
  for (const auto& record : pointers) records.push_back(*record);
  return records;
}

void ReportRecords::AddRevision(FingerprintText& text) const {
  const std::lock_guard lock(mutex_);
  for (const auto& [key, known] : all_) {
    text.Add(key.namespace_name);
    text.Add(key.name);
    text.Add(known.resource_version);
  }
}

}  // namespace plimsoll::controller
