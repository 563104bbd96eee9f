#include "certificate_keeper.h"

#include <utility>

namespace plimsoll::controller {

CertificateKeeper::CertificateKeeper(std::string folder, SubjectAltNames names, Logger& logger,
                                     Metrics& metrics)
    : folder_(std::move(folder), std::move(names)), logger_(logger), metrics_(metrics) {}

Status CertificateKeeper::Load(Timestamp now) {
  const Result<ServingCertificate> serving = folder_.Load(now);
  if (!serving) return tl::unexpected(serving.error());
  return Serve(*serving);
}

void CertificateKeeper::Refresh(Timestamp now, bool anyway) {
  if (!anyway && !folder_.Changed(now)) return;
  const Result<ServingCertificate> serving = folder_.Load(now);
  Status status = serving ? Serve(*serving) : Status(tl::unexpected(serving.error()));
  // It is tried again every second; one line tells as much as a thousand.
  if (!status && status.error().message != last_error_) {
    logger_.Log(LogLevel::kError, "certificate not reloaded; the one before stays in use",
                {{"error", status.error().message}});
  }
  last_error_ = status ? "" : status.error().message;
}

Status CertificateKeeper::Serve(const ServingCertificate& serving) {
  if (context_ != nullptr && serving.pair == served_) return {};
  if (context_ == nullptr) {
    auto context = ReloadableServerContext::Create(serving.pair);
    if (!context) return tl::unexpected(context.error());
    context_ = std::move(*context);
  } else if (Status status = context_->Reload(serving.pair); !status) {
    return status;
  }
  served_ = serving.pair;
  metrics_.SetCertificateExpiry("serving", serving.info.not_after);
  if (serving.ca) metrics_.SetCertificateExpiry("ca", serving.ca->not_after);
  const std::string expires = FormatTimestamp(serving.info.not_after);
  logger_.Log(LogLevel::kInfo, "serving certificate loaded",
              {{"done", serving.done},
               {"subject", serving.info.subject},
               {"serial", serving.info.serial},
               {"expires", expires},
               {"replaced_by_us", serving.own}});
  return {};
}

}  // namespace plimsoll::controller
