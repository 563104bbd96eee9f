// The objects of a service, each a file, written either with its values or, in a chart's templates, with references to them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plimsoll/scaffold/service.h"

namespace plimsoll {

// How values are spelled: YAML scalars, with the comment that marks a placeholder behind them.
struct Spelling {
  std::string namespace_line;     // "namespace: payments"; "" leaves it out
  std::string namespace_matcher;  // `namespace="payments", `, of PromQL
  std::string image;
  std::string owner;
  std::string tier;
  std::string route;
  std::string runbook;
  std::string contact;
  std::string replicas;
  std::string max_replicas;
  std::string cpu_request;
  std::string memory;
  std::string runbook_open;   // around an anchor: `"https://wiki/checkout#`
  std::string runbook_close;  // `"`
};

// `with_namespace`: in metadata; expressions name it whenever it is known.
Spelling WrittenOut(const ServicePlan& plan, const ServiceTerms& terms, bool with_namespace);
// References to values.yaml.
Spelling AsReferences(const ServicePlan& plan);
std::string ChartValues(const ServicePlan& plan, const ServiceTerms& terms);

struct Manifest {
  std::string name;  // "deployment.yaml"
  std::string text;
};
std::vector<Manifest> WriteManifests(const ServicePlan& plan, const ServiceTerms& terms,
                                     const Spelling& spelling);

// The alerts, for the manifests and for the runbook that has a section for each.
struct PlannedAlert {
  std::string name;
  std::string expression;
  std::string duration;
  bool page = false;
  std::string summary;
  std::string first_steps;  // Markdown
};
std::vector<PlannedAlert> PlanAlerts(const ServicePlan& plan, std::string_view namespace_matcher);

std::string WriteRunbook(const ServicePlan& plan, const ServiceTerms& terms);

}  // namespace plimsoll
