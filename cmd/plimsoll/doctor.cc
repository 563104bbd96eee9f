#include "doctor.h"

#include <algorithm>
#include <ostream>
#include <utility>

#include "doctor_checks.h"
#include "plimsoll/base/text.h"

namespace plimsoll::cli {
namespace {

struct Shown {
  std::string_view word;
  std::string_view ink;
};

Shown ShownAs(Health health) {
  switch (health) {
    case Health::kGood:
      return {"ok", "\x1b[32m"};
    case Health::kNote:
      return {"note", "\x1b[34m"};
    case Health::kUnknown:
      return {"unknown", "\x1b[33m"};
    default:
      return {"BAD", "\x1b[31m"};
  }
}

// Whether no CRD is there either. Then that is said once, in the place of what is missing.
bool NothingIsThere(Examination& examination) {
  std::vector<Diagnosis>& all = examination.diagnoses;
  const auto missing = [](const Diagnosis& one) {
    return one.health == Health::kBad &&
           (one.subject != "CRDs" || one.finding.ends_with("is not installed"));
  };
  // Behind the API server itself: CRDs, the controller.
  if (!std::all_of(all.begin() + 1, all.end(), missing)) return false;
  all.erase(all.begin() + 1, all.end());
  examination.Bad("installation", "nothing of Plimsoll is in this cluster",
                  "docs/install.md says how; `plimsoll scan` judges what runs without it");
  return true;
}

}  // namespace

void Examination::Good(std::string subject, std::string finding) {
  diagnoses.push_back({std::move(subject), Health::kGood, std::move(finding), ""});
}
void Examination::Note(std::string subject, std::string finding, std::string remedy) {
  diagnoses.push_back({std::move(subject), Health::kNote, std::move(finding), std::move(remedy)});
}
void Examination::Unknown(std::string subject, std::string finding, std::string remedy) {
  diagnoses.push_back(
      {std::move(subject), Health::kUnknown, std::move(finding), std::move(remedy)});
}
void Examination::Bad(std::string subject, std::string finding, std::string remedy) {
  diagnoses.push_back({std::move(subject), Health::kBad, std::move(finding), std::move(remedy)});
}

std::vector<Diagnosis> Examine(kube::ApiCaller& api, const Installation& installation,
                               Timestamp now) {
  Examination examination{api, installation, now};
  if (CheckServer(examination)) {
    CheckResources(examination);
    const bool installed = CheckController(examination);
    if (!installed && NothingIsThere(examination)) {
      CheckPermissions(examination);
      return std::move(examination.diagnoses);
    }
    // Without a controller they have nothing to say of their own.
    if (installed) {
      CheckLeader(examination);
      CheckEndpoints(examination);
    }
    CheckWebhooks(examination);
    CheckWaiverGuard(examination);
    CheckPolicies(examination);
    CheckPermissions(examination);
  }
  return std::move(examination.diagnoses);
}

void WriteDiagnosesText(const std::vector<Diagnosis>& diagnoses, bool color, std::ostream& out) {
  size_t width = 0;
  for (const Diagnosis& one : diagnoses) width = std::max(width, one.subject.size());
  size_t bad = 0;
  constexpr size_t kWordWidth = 9;
  for (const Diagnosis& one : diagnoses) {
    const Shown shown = ShownAs(one.health);
    if (one.health == Health::kBad) ++bad;
    out << (color ? shown.ink : "") << shown.word << (color ? "\x1b[0m" : "")
        << std::string(kWordWidth - shown.word.size(), ' ') << one.subject
        << std::string(width - one.subject.size() + 2, ' ')
        << SanitizeLine(one.finding, std::string::npos) << '\n';
    if (!one.remedy.empty()) {
      out << std::string(kWordWidth + width + 2, ' ') << "-> "
          << SanitizeLine(one.remedy, std::string::npos) << '\n';
    }
  }
  out << '\n' << diagnoses.size() << " checks, " << bad << " bad\n";
}

void WriteDiagnosesJson(const std::vector<Diagnosis>& diagnoses, std::ostream& out) {
  std::string text = "{\"version\": 1, \"checks\": [";
  for (const Diagnosis& one : diagnoses) {
    text += &one == diagnoses.data() ? "\n  {" : ",\n  {";
    const std::string health = ToLowerAscii(ShownAs(one.health).word);
    const std::pair<std::string_view, const std::string*> fields[] = {{"subject", &one.subject},
                                                                      {"health", &health},
                                                                      {"finding", &one.finding},
                                                                      {"remedy", &one.remedy}};
    bool first = true;
    for (const auto& [name, value] : fields) {
      text += (first ? "\"" : ", \"") + std::string(name) + "\": ";
      AppendJsonString(SanitizeLine(*value, std::string::npos), text);
      first = false;
    }
    text += '}';
  }
  out << text << "\n]}\n";
}

}  // namespace plimsoll::cli
