// The audit's figures as series.
//
// Thread-safety: pure but for `owners` and `namespaces`, which may be used by any thread.
#pragma once

#include <prometheus/metric_family.h>

#include <vector>

#include "plimsoll/model/audit_figures.h"
#include "telemetry/label_values.h"

namespace plimsoll {

void AddAuditFamilies(const AuditFigures& figures, LabelValues& owners, LabelValues& namespaces,
                      std::vector<prometheus::MetricFamily>& families);

}  // namespace plimsoll
