// SPDX-License-Identifier: Apache-2.0
#include "control/probe_sockets.hpp"

#include "base/check.hpp"

namespace corelane::control {

ProbeSockets::~ProbeSockets() {
  for (const std::vector<io::Descriptor>& sockets : kept_) {
    for (const io::Descriptor socket : sockets) ring_.close(socket);
  }
}

std::vector<io::Descriptor>& ProbeSockets::kept(base::Family family) {
  CORELANE_CHECK(base::is_ip(family));
  return kept_[family == base::Family::ipv4 ? 0 : 1];
}

io::Descriptor ProbeSockets::take(base::Family family) {
  std::vector<io::Descriptor>& sockets = kept(family);
  if (sockets.empty()) return io::socket_open_stream(family, {});
  const io::Descriptor socket = sockets.back();
  sockets.pop_back();
  return socket;
}

bool ProbeSockets::give_back(base::Family family, io::Descriptor socket) {
  std::vector<io::Descriptor>& sockets = kept(family);
  if (sockets.size() >= kept_max || io::socket_disconnect(socket) != 0) return false;
  sockets.push_back(socket);
  return true;
}

}  // namespace corelane::control
