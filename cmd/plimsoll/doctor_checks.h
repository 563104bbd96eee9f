// The checks of plimsoll doctor, by what they look at.
#pragma once

#include <vector>

#include "doctor.h"

namespace plimsoll::cli {

struct Examination {
  kube::ApiCaller& api;
  const Installation& installation;
  Timestamp now;
  std::vector<Diagnosis> diagnoses = {};

  void Good(std::string subject, std::string finding);
  void Note(std::string subject, std::string finding, std::string remedy);
  void Unknown(std::string subject, std::string finding, std::string remedy);
  void Bad(std::string subject, std::string finding, std::string remedy);
};

// False: there is nobody to ask.
bool CheckServer(Examination& examination);
void CheckResources(Examination& examination);
// False: it is not there.
bool CheckController(Examination& examination);
void CheckLeader(Examination& examination);
void CheckEndpoints(Examination& examination);
void CheckWebhooks(Examination& examination);
void CheckWaiverGuard(Examination& examination);
void CheckPolicies(Examination& examination);
void CheckPermissions(Examination& examination);

}  // namespace plimsoll::cli
