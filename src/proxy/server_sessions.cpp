// SPDX-License-Identifier: Apache-2.0
#include "proxy/server_sessions.hpp"

#include <algorithm>
#include <utility>

namespace corelane::proxy {

ServerSessions::Kept* ServerSessions::find(NameKey name) {
  const auto found = std::find_if(kept_.begin(), kept_.end(),
                                  [name](const Kept& kept) { return kept.session && kept.name == name; });
  return found == kept_.end() ? nullptr : &*found;
}

tls::Session ServerSessions::take(NameKey name) {
  Kept* const kept = find(name);
  if (kept == nullptr) return {};
  return kept->session.is_single_use() ? std::move(kept->session) : kept->session.share();
}

void ServerSessions::keep(NameKey name, tls::Session&& session) {
  if (!session) return;
  if (Kept* const same = find(name); same != nullptr && !same->session.is_single_use()) {
    same->session = std::move(session);
    return;
  }
  std::rotate(kept_.begin(), kept_.end() - 1, kept_.end());
  kept_.front() = {name, std::move(session)};
}

void ServerSessions::forget(NameKey name) {
  while (Kept* const kept = find(name)) kept->session = {};
}

void ServerSessions::forget_all() {
  for (Kept& kept : kept_) kept = {};
}

}  // namespace corelane::proxy
