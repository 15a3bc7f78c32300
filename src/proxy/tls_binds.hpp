// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "tls/context.hpp"

namespace corelane::proxy {

/// What the binds of one lane know of TLS: [frontend][bind], null where there is none. Each lane has its own,
/// which its thread alone uses; made before lanes start, or by the control thread to replace some.
using TlsBinds = std::vector<std::vector<std::unique_ptr<tls::ServerContext>>>;

/// What is to replace contexts of one lane: the control thread leaves it here, the lane takes it before its
/// next handshake. Handshakes and connections that have begun keep what they began with.
class alignas(128) TlsReplacement {
 public:
  TlsReplacement() noexcept = default;
  TlsReplacement(const TlsReplacement&) = delete;
  TlsReplacement& operator=(const TlsReplacement&) = delete;
  /// Lane and control thread have ended.
  ~TlsReplacement();

  /// Control thread. `next` is for binds of the same configuration; null leaves one as it is. What the lane
  /// has not taken since the last call stays, but for what `next` replaces as well.
  void give(TlsBinds next);

  /// Lane: whether there is something to take; cheap.
  bool waiting() const noexcept { return next_.load(std::memory_order_acquire) != nullptr; }
  /// Lane: replaces those of `binds` that are to be replaced.
  void take(TlsBinds& binds) noexcept;

 private:
  std::atomic<TlsBinds*> next_{nullptr};  // owned by this; written by control, taken by the lane
};

}  // namespace corelane::proxy
