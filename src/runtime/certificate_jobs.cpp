// SPDX-License-Identifier: Apache-2.0
#include "runtime/certificate_jobs.hpp"

#include <system_error>
#include <utility>

namespace corelane::runtime {

CertificateJobs::CertificateJobs(control::Loop& loop) : loop_(loop) {
  loop_.on_wake(&CertificateJobs::on_wake, this);
}

CertificateJobs::~CertificateJobs() {
  stop();
  loop_.forget_wake(this);
}

bool CertificateJobs::add(Prepare prepare, Done done) {
  if (jobs_.size() > waiting_max) return false;
  jobs_.push_back({std::move(prepare), std::move(done)});
  if (jobs_.size() == 1) begin();
  return true;
}

// Without a thread the control thread does it, and others wait. The queue may grow meanwhile: its front stays
// where it is.
void CertificateJobs::begin() {
  const auto work = [this, &prepare = jobs_.front().prepare, &ring = loop_.ring()] {
    change_.emplace(prepare());
    ready_.store(true, std::memory_order_release);
    ring.wake(nullptr);
  };
  try {
    thread_ = std::thread(work);
  } catch (const std::system_error&) {
    work();
  }
}

void CertificateJobs::on_wake(void* context) {
  auto& self = *static_cast<CertificateJobs*>(context);
  if (self.ready_.exchange(false, std::memory_order_acquire)) self.finish();
}

void CertificateJobs::finish() {
  if (thread_.joinable()) thread_.join();
  const Job job = std::move(jobs_.front());
  TlsCertificates::Change change = std::move(*change_);
  change_.reset();
  job.done(std::move(change));
  jobs_.pop_front();
  if (!jobs_.empty()) begin();
}

void CertificateJobs::stop() {
  if (thread_.joinable()) thread_.join();
  ready_.store(false, std::memory_order_relaxed);
  jobs_.clear();
}

}  // namespace corelane::runtime
