// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <deque>
#include <functional>
#include <optional>
#include <thread>

#include "control/loop.hpp"
#include "runtime/tls_certificates.hpp"

namespace corelane::runtime {

/// Makes changes of certificates ready, one after the other, each in a thread beside the control thread: that
/// one goes on with checks and administrators, since hundreds of certificates, or a slow disk, take long.
/// Lives in the control thread.
class CertificateJobs {
 public:
  /// Changes that wait; more are refused.
  static constexpr std::size_t waiting_max = 64;

  /// Called in the other thread, while nothing is adopted.
  using Prepare = std::function<TlsCertificates::Change()>;
  /// Called in the control thread, in a later turn.
  using Done = std::function<void(TlsCertificates::Change change)>;

  explicit CertificateJobs(control::Loop& loop);
  CertificateJobs(const CertificateJobs&) = delete;
  CertificateJobs& operator=(const CertificateJobs&) = delete;
  ~CertificateJobs();

  /// False: too many wait already.
  bool add(Prepare prepare, Done done);
  /// Waits for what is being made ready, and drops it and the rest.
  void stop();

 private:
  struct Job {
    Prepare prepare;
    Done done;
  };

  static void on_wake(void* context);
  void begin();
  void finish();

  control::Loop& loop_;
  std::deque<Job> jobs_;  // the first is worked on
  std::thread thread_;
  std::optional<TlsCertificates::Change> change_;  // the thread's until `ready_`
  std::atomic<bool> ready_{false};                 // written by the thread, taken by control
};

}  // namespace corelane::runtime
