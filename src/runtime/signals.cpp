// SPDX-License-Identifier: Apache-2.0
#include "runtime/signals.hpp"

#include <pthread.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace corelane::runtime {

namespace {

sigset_t watched_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGTERM, SIGINT, SIGHUP, SIGUSR1}) sigaddset(&set, number);
  return set;
}

}  // namespace

void Signals::block() {
  const sigset_t set = watched_signals();
  pthread_sigmask(SIG_BLOCK, &set, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

Signals::~Signals() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool Signals::watch(io::Ring& ring, Handler handler, void* context) {
  const sigset_t set = watched_signals();
  descriptor_ = ::signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
  if (descriptor_ < 0) return false;
  ring_ = &ring;
  handler_ = handler;
  context_ = context;
  ring_->poll(op_, descriptor_, io::Readiness::readable);
  return true;
}

void Signals::stop() {
  stopping_ = true;
  if (ring_ != nullptr) ring_->cancel(op_);
}

void Signals::on_readable(io::Op& op, io::Completion&) {
  Signals& self = op.as<Signals>();
  signalfd_siginfo signal{};
  while (!self.stopping_ && ::read(self.descriptor_, &signal, sizeof signal) == sizeof signal) {
    self.handler_(self.context_, static_cast<int>(signal.ssi_signo));
  }
  if (!self.stopping_) self.ring_->poll(self.op_, self.descriptor_, io::Readiness::readable);
}

}  // namespace corelane::runtime
