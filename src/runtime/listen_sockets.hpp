// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "config/model.hpp"
#include "io/socket.hpp"
#include "runtime/exit_status.hpp"
#include "runtime/listen_open.hpp"
#include "runtime/resolve.hpp"

namespace corelane::runtime {

/// One address that the process listens on; a bind with a host name has one for each of the name's addresses.
struct ListenSocket {
  std::uint32_t frontend = config::no_index;
  std::uint32_t bind = config::no_index;
  std::string address;                      // as the kernel has it: "0.0.0.0:80"
  std::vector<io::Descriptor> descriptors;  // one per lane, no_descriptor once the lane took it
};

/// Every listening socket of the process, opened before anything else happens, so that a start either has
/// them all or fails without having served anybody. IP addresses get a socket per lane (SO_REUSEPORT); UNIX
/// sockets and inherited descriptors are one socket that every lane has a descriptor of.
class ListenSockets {
 public:
  ListenSockets() = default;
  ListenSockets(const ListenSockets&) = delete;
  ListenSockets& operator=(const ListenSockets&) = delete;
  /// Closes what no lane took and removes the files of UNIX sockets, unless somebody replaced them meanwhile.
  ~ListenSockets();

  /// `connections` is the process's limit, for binds whose frontend has none.
  std::optional<Failure> open(const config::Model& model, std::uint32_t lanes, std::uint32_t connections,
                              Resolver& resolver);

  /// The admin addresses: one non-blocking socket each.
  std::optional<Failure> open_admin(const config::Model& model, Resolver& resolver);

  const std::vector<ListenSocket>& sockets() const noexcept { return sockets_; }
  /// Hands a lane its descriptor.
  io::Descriptor take(std::size_t socket, std::uint32_t lane) {
    return std::exchange(sockets_[socket].descriptors[lane], io::no_descriptor);
  }
  /// Hands over the admin sockets.
  std::vector<io::Descriptor> take_admin() { return std::exchange(admin_, {}); }

 private:
  struct SocketFile {
    std::string path;
    dev_t device;
    ino_t inode;
  };

  std::optional<Failure> open_for_lanes(const ListenRequest& request, std::uint32_t lanes);
  std::optional<Failure> share(const ListenRequest& request, io::Descriptor socket, std::uint32_t lanes);
  void remember_file(const std::string& path);

  std::vector<ListenSocket> sockets_;
  std::vector<io::Descriptor> admin_;
  std::vector<SocketFile> files_;
};

}  // namespace corelane::runtime
