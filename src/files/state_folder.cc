#include "plimsoll/files/state_folder.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>
#include <vector>

#include "files/folder_fingerprint.h"
#include "plimsoll/files/atomic_file.h"
#include "plimsoll/files/manifest_files.h"
#include "plimsoll/tls/certificate_authority.h"
#include "plimsoll/tls/reloadable_server_context.h"

namespace plimsoll {
namespace {

constexpr mode_t kPublic = 0644;
constexpr mode_t kSecret = 0600;
constexpr mode_t kFolderMode = 0700;

// A certificate and its key as found; either may be missing.
struct FoundPair {
  std::optional<std::string> certificate;
  std::optional<std::string> key;
  bool complete() const { return certificate && key; }
  bool missing() const { return !certificate && !key; }
  KeyPairPem pem() const { return {certificate.value_or(""), key.value_or("")}; }
};

void AddMissing(const std::vector<std::string>& from, std::vector<std::string>& to) {
  for (const std::string& name : from) {
    if (std::find(to.begin(), to.end(), name) == to.end()) to.push_back(name);
  }
}

// What was good stays good: processes with different names on one folder would replace each other's certificate for ever.
SubjectAltNames Union(SubjectAltNames names, const SubjectAltNames& more) {
  AddMissing(more.dns_names, names.dns_names);
  AddMissing(more.ip_addresses, names.ip_addresses);
  return names;
}

// Whether a listener could serve with it: both can be read and belong together.
Status Check(const KeyPairPem& pair) {
  const auto context = ReloadableServerContext::Create(pair);
  if (!context) return tl::unexpected(context.error());
  return {};
}

tl::unexpected<Error> In(const std::string& file, Error error) {
  error.message = file + ": " + error.message;
  return tl::unexpected(std::move(error));
}

}  // namespace

struct StateFolder::State {
  std::string path;
  SubjectAltNames names;
  std::vector<FileFingerprint> fingerprint;
  bool settled = false;
  std::optional<ServingCertificate> last;

  std::string File(std::string_view name) const { return path + "/" + std::string(name); }
  std::vector<std::string> Files() const {
    return {File("ca.crt"), File("ca.key"), File("tls.crt"), File("tls.key")};
  }

  Status MakeFolder() const;
  Result<std::optional<std::string>> ReadIfThere(const std::string& file) const;
  Result<FoundPair> ReadPair(std::string_view name) const;
  Status Write(std::string_view name, const KeyPairPem& pair) const;
  Result<std::optional<CertificateAuthority>> ReadAuthority() const;
  Result<CertificateAuthority> MakeAuthority(Timestamp now) const;
  Result<ServingCertificate> Issue(const CertificateAuthority& authority,
                                   const SubjectAltNames& wanted, Timestamp now,
                                   std::string why) const;
  Result<ServingCertificate> LoadLocked(Timestamp now) const;
  Result<ServingCertificate> Decide(const FoundPair& found,
                                    std::optional<CertificateAuthority> authority,
                                    Timestamp now) const;
};

Status StateFolder::State::MakeFolder() const {
  // mkdir -p: of what is made here only the last folder holds secrets.
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    ::mkdir(path.substr(0, slash).c_str(), 0755);
  }
  if (::mkdir(path.c_str(), kFolderMode) == 0 || errno == EEXIST) return {};
  return Fail(ErrorCode::kUnavailable,
              path + ": cannot make this folder: " + std::generic_category().message(errno));
}

Result<std::optional<std::string>> StateFolder::State::ReadIfThere(const std::string& file) const {
  Result<std::string> text = ReadFile(file, kMaxCertificateFileBytes);
  if (text) return std::optional<std::string>(std::move(*text));
  if (text.error().code == ErrorCode::kNotFound) return std::optional<std::string>();
  return In(file, text.error());
}

Result<FoundPair> StateFolder::State::ReadPair(std::string_view name) const {
  FoundPair pair;
  auto certificate = ReadIfThere(File(std::string(name) + ".crt"));
  if (!certificate) return tl::unexpected(certificate.error());
  auto key = ReadIfThere(File(std::string(name) + ".key"));
  if (!key) return tl::unexpected(key.error());
  pair.certificate = std::move(*certificate);
  pair.key = std::move(*key);
  return pair;
}

Status StateFolder::State::Write(std::string_view name, const KeyPairPem& pair) const {
  // The key first: a certificate without its key cannot be used, a key alone is no use to anybody either, and is replaced.
  const std::string base(name);
  if (Status status = WriteFileAtomically(File(base + ".key"), pair.private_key, kSecret);
      !status) {
    return status;
  }
  return WriteFileAtomically(File(base + ".crt"), pair.certificate, kPublic);
}

Result<std::optional<CertificateAuthority>> StateFolder::State::ReadAuthority() const {
  Result<FoundPair> found = ReadPair("ca");
  if (!found) return tl::unexpected(found.error());
  // Without a key nothing can be issued. Without a certificate nobody trusts it yet: a first start was cut short.
  if (!found->complete()) return std::optional<CertificateAuthority>();
  Result<CertificateAuthority> authority = CertificateAuthority::FromPem(found->pem());
  if (!authority) return In(File("ca.crt") + " and ca.key", authority.error());
  return std::optional<CertificateAuthority>(std::move(*authority));
}

Result<CertificateAuthority> StateFolder::State::MakeAuthority(Timestamp now) const {
  auto certificate = ReadIfThere(File("ca.crt"));
  if (!certificate) return tl::unexpected(certificate.error());
  if (certificate->has_value()) {
    // Clients trust it: making another one in its place would cut them off.
    return Fail(ErrorCode::kInvalidArgument,
                File("ca.key") +
                    ": missing beside ca.crt. Bring the key back; or give tls.crt and "
                    "tls.key of your own; or remove ca.crt to have a new CA, which "
                    "clients then have to be given");
  }
  Result<CertificateAuthority> authority = CertificateAuthority::Create(now);
  if (!authority) return authority;
  if (Status status = Write("ca", authority->pem()); !status) {
    return tl::unexpected(status.error());
  }
  return authority;
}

Result<ServingCertificate> StateFolder::State::Issue(const CertificateAuthority& authority,
                                                     const SubjectAltNames& wanted, Timestamp now,
                                                     std::string why) const {
  Result<KeyPairPem> pair = authority.IssueServerCertificate(wanted, now);
  if (!pair) return In(File("tls.crt"), pair.error());
  Result<CertificateInfo> info = InspectCertificate(pair->certificate);
  if (!info) return In(File("tls.crt"), info.error());
  if (Status status = Write("tls", *pair); !status) return tl::unexpected(status.error());
  ServingCertificate serving;
  serving.pair = std::move(*pair);
  serving.info = std::move(*info);
  serving.ca = authority.info();
  serving.done = std::move(why);
  return serving;
}

Result<ServingCertificate> StateFolder::State::Decide(const FoundPair& found,
                                                      std::optional<CertificateAuthority> authority,
                                                      Timestamp now) const {
  if (!found.certificate) {
    std::string why = "issued a serving certificate";
    if (!authority) {
      Result<CertificateAuthority> made = MakeAuthority(now);
      if (!made) return tl::unexpected(made.error());
      authority.emplace(std::move(*made));
      why = "made a certificate authority and issued a serving certificate";
    }
    return Issue(*authority, names, now, std::move(why));
  }
  Result<CertificateInfo> info = InspectCertificate(*found.certificate);
  if (!info) return In(File("tls.crt"), info.error());
  const bool own = authority && !info->authority_key_id.empty() &&
                   info->authority_key_id == authority->info().subject_key_id;
  if (own) {
    const RotationReason reason = NeedsRotation(*info, now, names, &authority->info());
    const SubjectAltNames wanted = Union(names, info->names);
    if (reason != RotationReason::kNone) {
      return Issue(*authority, wanted, now,
                   "replaced the serving certificate: " + std::string(RotationReasonText(reason)));
    }
    // Written in two steps; a crash between them leaves the new key with the old certificate.
    if (!found.key || !Check(found.pem())) {
      return Issue(*authority, wanted, now,
                   "replaced the serving certificate: its key was missing or another one's");
    }
  } else if (!found.key) {
    return Fail(ErrorCode::kInvalidArgument, File("tls.key") + ": missing beside tls.crt");
  } else if (Status usable = Check(found.pem()); !usable) {
    return In(File("tls.crt") + " and tls.key", usable.error());
  }
  ServingCertificate serving;
  serving.pair = found.pem();
  serving.info = std::move(*info);
  if (authority) serving.ca = authority->info();
  serving.own = own;
  return serving;
}

Result<ServingCertificate> StateFolder::State::LoadLocked(Timestamp now) const {
  Result<std::optional<CertificateAuthority>> authority = ReadAuthority();
  if (!authority) return tl::unexpected(authority.error());
  Result<FoundPair> found = ReadPair("tls");
  if (!found) return tl::unexpected(found.error());
  return Decide(*found, std::move(*authority), now);
}

StateFolder::StateFolder(std::string path, SubjectAltNames names)
    : state_(std::make_unique<State>()) {
  while (path.size() > 1 && path.ends_with('/')) path.pop_back();
  state_->path = std::move(path);
  state_->names = std::move(names);
}
StateFolder::~StateFolder() = default;

Result<ServingCertificate> StateFolder::Load(Timestamp now) {
  // First, so that what changes while it is read is seen as a change next time.
  state_->fingerprint = FingerprintOf(state_->Files());
  state_->settled = !ChangedRecently(state_->fingerprint, now);
  if (Status status = state_->MakeFolder(); !status) return tl::unexpected(status.error());
  Result<FolderLock> lock = FolderLock::Acquire(state_->path, kStateLockTimeout);
  if (!lock) return tl::unexpected(lock.error());
  Result<ServingCertificate> serving = state_->LoadLocked(now);
  if (serving && !serving->done.empty()) state_->settled = false;
  if (serving) state_->last = *serving;
  return serving;
}

bool StateFolder::Changed(Timestamp now) const {
  if (!state_->settled || FingerprintOf(state_->Files()) != state_->fingerprint) return true;
  const std::optional<ServingCertificate>& last = state_->last;
  if (!last || !last->own) return false;
  return NeedsRotation(last->info, now, state_->names) != RotationReason::kNone;
}

std::string StateFolder::ca_file() const { return state_->File("ca.crt"); }

}  // namespace plimsoll
