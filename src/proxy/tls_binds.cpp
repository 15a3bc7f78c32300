// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_binds.hpp"

#include <utility>

namespace corelane::proxy {
namespace {

/// What both have comes from `newer`.
void replace(TlsBinds& binds, TlsBinds&& newer) {
  for (std::size_t f = 0; f < newer.size(); ++f)
    for (std::size_t b = 0; b < newer[f].size(); ++b)
      if (newer[f][b] != nullptr) binds[f][b] = std::move(newer[f][b]);
}

}  // namespace

TlsReplacement::~TlsReplacement() {
  delete next_.load(std::memory_order_acquire);
}

void TlsReplacement::give(TlsBinds next) {
  std::unique_ptr<TlsBinds> all(next_.exchange(nullptr, std::memory_order_acq_rel));
  if (all == nullptr) {
    all = std::make_unique<TlsBinds>(std::move(next));
  } else {
    replace(*all, std::move(next));
  }
  next_.store(all.release(), std::memory_order_release);
}

void TlsReplacement::take(TlsBinds& binds) noexcept {
  const std::unique_ptr<TlsBinds> next(next_.exchange(nullptr, std::memory_order_acq_rel));
  if (next != nullptr) replace(binds, std::move(*next));
}

}  // namespace corelane::proxy
