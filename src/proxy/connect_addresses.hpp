// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "io/socket.hpp"

namespace corelane::proxy {

/// Addresses that single connections go to, kept for as long as the ring refers to them: until the operation
/// is submitted. A ring's queue holds `submission_entries` operations at most, so an address may be
/// overwritten after as many others.
class ConnectAddresses {
 public:
  explicit ConnectAddresses(std::size_t submission_entries) : addresses_(submission_entries) {}

  const io::SocketAddress& keep(const base::Endpoint& endpoint) {
    if (next_ == addresses_.size()) next_ = 0;
    return addresses_[next_++] = io::SocketAddress::from_endpoint(endpoint);
  }

 private:
  std::vector<io::SocketAddress> addresses_;
  std::size_t next_ = 0;
};

}  // namespace corelane::proxy
