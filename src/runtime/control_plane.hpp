// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/timer_wheel.hpp"
#include "control/admin_server.hpp"
#include "control/error_observer.hpp"
#include "control/health_checks.hpp"
#include "control/loop.hpp"
#include "control/pattern_admin.hpp"
#include "control/pattern_updates.hpp"
#include "control/quiet_lanes.hpp"
#include "control/rates.hpp"
#include "control/server_admin.hpp"
#include "control/server_conditions.hpp"
#include "control/server_tracking.hpp"
#include "control/session_admin.hpp"
#include "control/stats_tree.hpp"
#include "control/table_admin.hpp"
#include "io/ring.hpp"
#include "proxy/lane.hpp"
#include "runtime/certificate_admin.hpp"
#include "runtime/exit_status.hpp"
#include "runtime/log_output.hpp"
#include "runtime/notices.hpp"
#include "runtime/resolve.hpp"
#include "runtime/signals.hpp"
#include "runtime/tls_certificates.hpp"

namespace corelane::runtime {

/// What the control thread works on; everything outlives it but the lanes' threads.
struct ControlPlaneParts {
  proxy::Topology& topology;
  proxy::LaneShared& shared;
  const std::vector<std::unique_ptr<proxy::Lane>>& lanes;
  Notices notices;
  std::function<void(const proxy::LaneMessage&)> tell_lanes;
  control::CheckAddresses check_addresses;
  control::TlsChecks tls_checks;  // the control thread's own
  TlsSettings tls;                // that lanes begin with
};

/// Everything that the control thread does, on one loop: health checks, the admin endpoints, rates, log
/// output and signals. Made before the lanes start, because they wake its ring; started after them.
class ControlPlane {
 public:
  struct SignalHandler {
    Signals::Handler handler;
    void* context;
  };

  /// Null when the kernel refuses a ring; `failure` says why.
  static std::unique_ptr<ControlPlane> create(std::string& failure);
  ControlPlane(const ControlPlane&) = delete;
  ControlPlane& operator=(const ControlPlane&) = delete;
  /// After a start, stop() must have been called.
  ~ControlPlane();

  io::Ring& ring() noexcept { return *ring_; }
  control::Loop& loop() noexcept { return loop_; }

  /// Opens the logs and tells the lanes whom to wake for them.
  std::optional<Failure> open(ControlPlaneParts parts, Resolver& resolver);
  /// Begins checks and admin service. False when signals cannot be watched.
  bool start(control::ProcessFacts facts, const std::vector<io::Descriptor>& admin, SignalHandler on_signal);
  /// Writes what lanes left to log, and ends everything.
  void stop();

  /// To standard error and to every log target.
  void say(logfmt::SyslogSeverity severity, std::string_view event, const std::string& text);
  void set_accepting(bool accepting) noexcept { accepting_ = accepting; }
  void reopen_logs();
  /// What a reload can do: reads the files of TLS again, if there are some.
  void reload();

 private:
  explicit ControlPlane(std::unique_ptr<io::Ring> ring);
  void on_standing_change(const control::StandingChange& change);
  void on_transition(const control::ServerTransition& transition);
  void on_admin_state(const control::AdminStateChange& change);
  control::AdminSources admin_sources();
  void replace_tls(TlsMade made);
  control::ProcessState state() const;

  std::unique_ptr<io::Ring> ring_;
  base::TimerWheel timers_;
  control::Loop loop_;
  std::optional<ControlPlaneParts> parts_;
  control::ProcessFacts facts_;
  std::string configuration_;  // the effective one, as JSON text
  std::optional<LogOutput> log_;
  std::optional<control::ServerConditions> conditions_;
  std::optional<control::Transitions> transitions_;
  std::optional<control::ServerTracking> tracking_;
  std::optional<control::HealthChecks> checks_;
  std::optional<control::ServerAdmin> server_admin_;
  std::optional<control::SessionAdmin> session_admin_;
  std::optional<control::QuietLanes> quiet_lanes_;
  std::optional<control::PatternUpdates> pattern_updates_;
  std::optional<control::PatternAdmin> pattern_admin_;
  std::optional<control::TableAdmin> table_admin_;
  std::optional<TlsCertificates> certificates_;
  std::optional<CertificateAdmin> certificate_admin_;
  std::optional<control::ErrorObserver> observer_;
  std::optional<control::Rates> rates_;
  std::optional<control::AdminServer> admin_;
  Signals signals_;
  bool accepting_ = true;
};

}  // namespace corelane::runtime
