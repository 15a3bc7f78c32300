// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "proxy/tls_binds.hpp"
#include "proxy/tls_servers.hpp"

namespace corelane::proxy {

/// Contexts of one lane that are to take the place of others. Null leaves one as it is, and so does a list
/// that is empty.
struct TlsContexts {
  TlsBinds binds;
  std::vector<TlsServerPlace> servers;  // as TlsServers::contexts
};

/// What is to replace contexts of one lane: the control thread leaves it here, the lane takes it before its
/// next handshake. Handshakes and connections that have begun keep what they began with.
class alignas(128) TlsReplacement {
 public:
  TlsReplacement() noexcept = default;
  TlsReplacement(const TlsReplacement&) = delete;
  TlsReplacement& operator=(const TlsReplacement&) = delete;
  /// Lane and control thread have ended.
  ~TlsReplacement();

  /// Control thread. `next` is for binds and servers of the same configuration. What the lane has not taken
  /// since the last call stays, but for what `next` replaces as well.
  void give(TlsContexts next);

  /// Lane: whether there is something to take; cheap.
  bool waiting() const noexcept { return next_.load(std::memory_order_acquire) != nullptr; }
  /// Lane: replaces those that are to be replaced. What comes back are the ones that stood there before, in
  /// their places; null: there was nothing to take.
  std::unique_ptr<TlsContexts> take(TlsBinds& binds, TlsServers& servers) noexcept;

 private:
  std::atomic<TlsContexts*> next_{nullptr};  // owned by this; written by control, taken by the lane
};

}  // namespace corelane::proxy
