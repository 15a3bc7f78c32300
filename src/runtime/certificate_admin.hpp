// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>

#include "control/admin_routes.hpp"
#include "logfmt/syslog.hpp"
#include "runtime/tls_certificates.hpp"

namespace corelane::runtime {

/// Certificates and what belongs to them, as administrators see and replace them. Lives in the control
/// thread.
class CertificateAdmin {
 public:
  /// Gets lines for the log.
  using Say = std::function<void(logfmt::SyslogSeverity severity, const std::string& text)>;

  CertificateAdmin(TlsCertificates& certificates, Say say)
      : certificates_(certificates), say_(std::move(say)) {}

  control::AdminResponse answer(const control::AdminCall& call, control::CertificateVerb verb);
  /// As the endpoint, for a signal.
  void reload();

 private:
  control::AdminResponse list() const;
  control::AdminResponse put(const control::AdminCall& call);
  control::AdminResponse conclude(const TlsCertificates::Outcome& outcome, const std::string& what);

  TlsCertificates& certificates_;
  Say say_;
};

}  // namespace corelane::runtime
