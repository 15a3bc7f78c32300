// SPDX-License-Identifier: Apache-2.0
#include "proxy/tls_replacement.hpp"

#include <utility>

namespace corelane::proxy {
namespace {

/// Those of `newer` come to `places`, and what stood there to `newer`.
template <class Context>
void swap_in(std::vector<Context>& places, std::vector<Context>& newer) {
  for (std::size_t i = 0; i < newer.size(); ++i)
    if (newer[i] != nullptr) places[i].swap(newer[i]);
}

void swap_in(TlsBinds& places, TlsBinds& newer) {
  for (std::size_t f = 0; f < newer.size(); ++f) swap_in(places[f], newer[f]);
}

}  // namespace

TlsReplacement::~TlsReplacement() {
  delete next_.load(std::memory_order_acquire);
}

void TlsReplacement::give(TlsContexts next) {
  std::unique_ptr<TlsContexts> all(next_.exchange(nullptr, std::memory_order_acq_rel));
  if (all == nullptr) {
    all = std::make_unique<TlsContexts>(std::move(next));
  } else {
    all->binds.empty() ? all->binds.swap(next.binds) : swap_in(all->binds, next.binds);
    all->servers.empty() ? all->servers.swap(next.servers) : swap_in(all->servers, next.servers);
  }
  next_.store(all.release(), std::memory_order_release);
}

std::unique_ptr<TlsContexts> TlsReplacement::take(TlsBinds& binds, TlsServers& servers) noexcept {
  std::unique_ptr<TlsContexts> next(next_.exchange(nullptr, std::memory_order_acq_rel));
  if (next == nullptr) return nullptr;
  swap_in(binds, next->binds);
  swap_in(servers.contexts, next->servers);
  return next;
}

}  // namespace corelane::proxy
