// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "control/admin_routes.hpp"
#include "logfmt/syslog.hpp"
#include "runtime/certificate_jobs.hpp"
#include "runtime/tls_certificates.hpp"

namespace corelane::runtime {

/// Certificates and what belongs to them, as administrators see and replace them. Lives in the control
/// thread.
class CertificateAdmin {
 public:
  /// Gets lines for the log.
  using Say = std::function<void(logfmt::SyslogSeverity severity, const std::string& text)>;

  CertificateAdmin(TlsCertificates& certificates, control::Loop& loop, Say say)
      : certificates_(certificates), jobs_(loop), say_(std::move(say)) {}

  /// Nothing: the answer comes later, with what has become of the change.
  std::optional<control::AdminResponse> answer(const control::AdminCall& call, control::CertificateVerb verb);
  /// As the endpoint, for a signal.
  void reload();
  /// Changes that are not adopted yet are none.
  void stop() { jobs_.stop(); }

 private:
  control::AdminResponse list() const;
  std::optional<control::AdminResponse> put(const control::AdminCall& call);
  std::optional<control::AdminResponse> begin(CertificateJobs::Prepare prepare, std::string what,
                                              control::AdminReply reply);
  control::AdminResponse conclude(const TlsCertificates::Outcome& outcome, const std::string& what);

  TlsCertificates& certificates_;
  CertificateJobs jobs_;
  Say say_;
};

}  // namespace corelane::runtime
