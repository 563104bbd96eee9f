// plimsoll doctor: looks at an installation as it is, and says of each thing that may be wrong with it whether it is, and
// what to do, in a line. Reads only: the one POST there is (SelfSubjectAccessReview) stores nothing.
//
// Thread-safety: functions; as of the ApiCaller.
#pragma once

#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "options.h"
#include "plimsoll/base/time.h"
#include "plimsoll/kube/api_client.h"

namespace plimsoll::cli {

enum class Health {
  kGood,
  kNote,     // worth knowing
  kUnknown,  // may not be looked at; the remedy says what it takes
  kBad,
};

struct Diagnosis {
  std::string subject;  // "certificates"
  Health health = Health::kGood;
  std::string finding;
  std::string remedy;  // one line; "" where there is nothing to do
};

struct DoctorOptions {
  ClusterOptions cluster;  // its namespace: that of the controller; "": plimsoll-system
  bool json = false;
  ColorMode color = ColorMode::kAuto;
};

// The names of an installation as deploy/ and the chart give them.
struct Installation {
  std::string namespace_name = "plimsoll-system";
  std::string controller = "plimsoll-controller";  // the Deployment and the leader's Lease
  std::string service = "plimsoll-webhook";
  std::string configuration = "plimsoll";
  std::string version;  // of the program that asks
};

// Every check, in an order in which the first trouble explains those after it. Nothing but the first where the API server
// does not answer.
std::vector<Diagnosis> Examine(kube::ApiCaller& api, const Installation& installation,
                               Timestamp now);

void WriteDiagnosesText(const std::vector<Diagnosis>& diagnoses, bool color, std::ostream& out);
void WriteDiagnosesJson(const std::vector<Diagnosis>& diagnoses, std::ostream& out);

int RunDoctor(const DoctorOptions& options, Timestamp now, std::ostream& out);

}  // namespace plimsoll::cli
