// SPDX-License-Identifier: Apache-2.0
#include "proxy/pipe_pool.hpp"

namespace corelane::proxy {

PipePool::PipePool(std::uint32_t pipes_max, std::uint32_t pipe_size)
    : pipe_size_(pipe_size), loans_(pipes_max) {
  for (PipeLoan& loan : loans_) free_.push_back(loan);
}

PipePool::~PipePool() {
  for (PipeLoan& loan : loans_) {
    loan.unlink();
    if (loan.pipe.capacity != 0) io::pipe_close(loan.pipe);
  }
}

PipeLoan* PipePool::borrow(Flow& flow) {
  base::ListNode* node = free_.front();
  if (node == nullptr) return nullptr;
  PipeLoan& loan = *static_cast<PipeLoan*>(node);
  if (loan.pipe.capacity == 0) {
    if (io::pipe_open(loan.pipe, pipe_size_) < 0) return nullptr;
    ++open_count_;
  }
  loan.unlink();
  lent_.push_back(loan);
  loan.flow = &flow;
  return &loan;
}

void PipePool::give_back(PipeLoan* loan) {
  if (loan->bytes != 0) {
    io::pipe_close(loan->pipe);
    loan->bytes = 0;
    --open_count_;
  }
  loan->flow = nullptr;
  loan->unlink();
  // Open pipes stand first, so that they are used again before another one is opened.
  if (loan->pipe.capacity != 0) {
    free_.push_front(*loan);
  } else {
    free_.push_back(*loan);
  }
}

void PipePool::touch(PipeLoan& loan) {
  loan.unlink();
  lent_.push_back(loan);
}

PipeLoan* PipePool::longest_unused() {
  return static_cast<PipeLoan*>(lent_.front());
}

}  // namespace corelane::proxy
