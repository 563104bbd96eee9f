// plimsoll doctor: its flags, and its exit code.
#include <algorithm>
#include <memory>
#include <ostream>

#include "cluster.h"
#include "doctor.h"
#include "exit_code.h"
#include "flags.h"
#include "subcommand.h"
#include "terminal.h"

namespace plimsoll::cli {

int RunDoctor(const DoctorOptions& options, Timestamp now, std::ostream& out) {
  const auto api = ConnectTo(options.cluster);
  if (!api) return SayUnable(api.error().message);
  Installation installation;
  installation.version = PLIMSOLL_VERSION;
  if (!options.cluster.namespace_name.empty()) {
    installation.namespace_name = options.cluster.namespace_name;
  }
  const std::vector<Diagnosis> diagnoses = Examine(**api, installation, now);
  if (options.json) {
    WriteDiagnosesJson(diagnoses, out);
  } else {
    WriteDiagnosesText(diagnoses, StyleFor(options.color).color, out);
  }
  if (diagnoses.size() == 1) return kExitUnable;
  const bool bad = std::any_of(diagnoses.begin(), diagnoses.end(),
                               [](const Diagnosis& one) { return one.health == Health::kBad; });
  return bad ? kExitFindings : kExitOk;
}

void AddDoctor(CLI::App& app, std::vector<Subcommand>& commands) {
  const auto options = std::make_shared<DoctorOptions>();
  CLI::App* const doctor = app.add_subcommand(
      "doctor", "Look at an installation: what is wrong with it, and what to do");
  AddClusterAccess(*doctor, options->cluster);
  doctor
      ->add_option("--namespace,-n", options->cluster.namespace_name,
                   "Where the controller runs [plimsoll-system]")
      ->type_name("NS");
  AddChoice<bool>(*doctor, "--format", {{"text", false}, {"json", true}}, options->json,
                  "How to write the report [text]");
  AddColor(*doctor, options->color);
  doctor->footer(
      "Reads only.\n\n"
      "Exit codes: 0 nothing is bad, 1 something is, 2 the cluster could not be asked.");
  commands.push_back(
      {doctor, [] { return std::string(); },
       [options](Timestamp now, std::ostream& out) { return RunDoctor(*options, now, out); }});
}

}  // namespace plimsoll::cli
