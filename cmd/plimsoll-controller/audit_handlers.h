// What informers bring, handed to an audit that somebody else guards.
//
// Thread-safety: called from informers' threads. Ownership: what `edit` uses must outlive the handlers.
#pragma once

#include <functional>
#include <optional>
#include <string_view>
#include <utility>

#include "plimsoll/controllers/audit.h"
#include "plimsoll/kube/history_codec.h"
#include "plimsoll/kube/informer.h"
#include "plimsoll/kube/record_codec.h"

namespace plimsoll::controller {

// Carries out a change of the audit, and sees to it that what follows from it is done.
using EditAudit = std::function<void(const std::function<void(controllers::Audit&)>& change)>;

class WorkloadHandler final : public kube::ObjectHandler {
 public:
  // `never_judged`: whether nobody of that namespace is.
  WorkloadHandler(WorkloadKind kind, EditAudit edit,
                  std::function<bool(std::string_view namespace_name)> never_judged)
      : kind_(kind), edit_(std::move(edit)), never_judged_(std::move(never_judged)) {}

  void Upsert(const ObjectKey& key, JsonView object) override {
    if (never_judged_(key.namespace_name)) return;
    edit_([&](controllers::Audit& audit) { audit.SetWorkload(Workload(key), object); });
  }
  void Remove(const ObjectKey& key, std::string_view /*uid*/) override {
    edit_([&](controllers::Audit& audit) { audit.RemoveWorkload(Workload(key)); });
  }
  void Synced() override {
    edit_([](controllers::Audit&) {});
  }
  void Refused() override { Synced(); }

 private:
  WorkloadKey Workload(const ObjectKey& key) const { return {kind_, key.namespace_name, key.name}; }

  WorkloadKind kind_;
  EditAudit edit_;
  std::function<bool(std::string_view)> never_judged_;
};

class RecordHandler final : public kube::ObjectHandler {
 public:
  explicit RecordHandler(EditAudit edit) : edit_(std::move(edit)) {}

  void Upsert(const ObjectKey& key, JsonView object) override {
    const WorkloadRecord record = kube::ReadWorkloadRecord(object);
    const std::optional<Timestamp> last_event = kube::LastEvent(object);
    edit_([&](controllers::Audit& audit) { audit.SetRecord(key, record, last_event); });
  }
  void Remove(const ObjectKey& key, std::string_view /*uid*/) override {
    edit_([&](controllers::Audit& audit) { audit.RemoveRecord(key); });
  }
  void Synced() override {
    edit_([](controllers::Audit&) {});
  }

 private:
  EditAudit edit_;
};

}  // namespace plimsoll::controller
