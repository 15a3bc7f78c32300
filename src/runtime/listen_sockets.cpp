// SPDX-License-Identifier: Apache-2.0
#include "runtime/listen_sockets.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <map>

namespace corelane::runtime {

namespace {

using Kind = config::Address::Kind;

constexpr int admin_backlog = 128;

int backlog_of(const config::Frontend& frontend, const config::Bind& bind, std::uint32_t connections) {
  std::uint32_t backlog = bind.backlog != 0 ? bind.backlog : frontend.max_connections;
  if (backlog == 0) backlog = connections;
  return static_cast<int>(std::min<std::uint32_t>(backlog, INT_MAX));  // the kernel caps it at somaxconn
}

/// The request once for each address that the bind's name stands for.
std::optional<Failure> add_resolved(ListenRequest request, Resolver& resolver,
                                    std::vector<ListenRequest>& requests) {
  std::vector<io::SocketAddress> addresses(1);
  if (request.bind.address.kind != Kind::descriptor) {
    if (auto failure = resolver.resolve(request.bind.address, request.place, addresses)) return failure;
  }
  for (const io::SocketAddress& address : addresses) {
    request.address = address;
    requests.push_back(request);
  }
  return std::nullopt;
}

std::optional<Failure> list_requests(const config::Model& model, std::uint32_t connections,
                                     Resolver& resolver, std::vector<ListenRequest>& requests) {
  for (std::uint32_t f = 0; f < model.frontends.size(); ++f) {
    const config::Frontend& frontend = model.frontends[f];
    for (std::uint32_t b = 0; b < frontend.bind.size(); ++b) {
      ListenRequest request;
      request.place = fmt::format("frontends.{}.bind[{}].address", frontend.name, b);
      request.bind = frontend.bind[b];
      request.keep_alive = frontend.keep_alive;
      request.frontend_index = f;
      request.bind_index = b;
      request.backlog = backlog_of(frontend, frontend.bind[b], connections);
      if (auto failure = add_resolved(std::move(request), resolver, requests)) return failure;
    }
  }
  return std::nullopt;
}

/// SO_REUSEPORT would let two binds share an address in silence: the second would take half of the first's
/// connections.
std::optional<Failure> refuse_duplicates(const std::vector<ListenRequest>& requests) {
  std::map<std::string, const ListenRequest*> first_by_address;
  for (const ListenRequest& request : requests) {
    const std::string key = request.address_text() + "%" + request.bind.interface;
    const auto [first, inserted] = first_by_address.emplace(key, &request);
    if (inserted) continue;
    return Failure{ExitStatus::configuration, fmt::format("{} and {} both listen on {}", first->second->place,
                                                          request.place, request.address_text())};
  }
  return std::nullopt;
}

}  // namespace

ListenSockets::~ListenSockets() {
  for (const ListenSocket& socket : sockets_) {
    for (const io::Descriptor descriptor : socket.descriptors) {
      if (descriptor >= 0) ::close(descriptor);
    }
  }
  for (const io::Descriptor descriptor : admin_) ::close(descriptor);
  for (const SocketFile& file : files_) {
    struct stat status {};
    if (::lstat(file.path.c_str(), &status) != 0) continue;
    if (status.st_dev == file.device && status.st_ino == file.inode) ::unlink(file.path.c_str());
  }
}

std::optional<Failure> ListenSockets::open(const config::Model& model, std::uint32_t lanes,
                                           std::uint32_t connections, Resolver& resolver) {
  std::vector<ListenRequest> requests;
  if (auto failure = list_requests(model, connections, resolver, requests)) return failure;
  if (auto failure = refuse_duplicates(requests)) return failure;
  // All are probed before the first is opened: ":80" and "127.0.0.1:80" may stand in one configuration.
  for (const ListenRequest& request : requests) {
    if (!request.is_ip()) continue;
    if (auto failure = probe_ip_address(request)) return failure;
  }
  for (const ListenRequest& request : requests) {
    if (auto failure = open_for_lanes(request, lanes)) return failure;
  }
  return std::nullopt;
}

std::optional<Failure> ListenSockets::open_admin(const config::Model& model, Resolver& resolver) {
  std::vector<ListenRequest> requests;
  for (std::size_t i = 0; i < model.global.admin.bind.size(); ++i) {
    ListenRequest request;
    request.place = fmt::format("global.admin.bind[{}]", i);
    request.bind.address = model.global.admin.bind[i];
    request.backlog = admin_backlog;
    request.one_per_lane = false;
    if (auto failure = add_resolved(std::move(request), resolver, requests)) return failure;
  }
  for (const ListenRequest& request : requests) {
    io::Descriptor opened = io::no_descriptor;
    if (auto failure =
            request.is_ip() ? open_ip_socket(request, opened) : open_unix_socket(request, opened)) {
      return failure;
    }
    admin_.push_back(opened);
    if (!request.is_ip()) remember_file(request.bind.address.path);
    const int flags = ::fcntl(opened, F_GETFL);
    (void)::fcntl(opened, F_SETFL, flags | O_NONBLOCK);
  }
  return std::nullopt;
}

std::optional<Failure> ListenSockets::open_for_lanes(const ListenRequest& request, std::uint32_t lanes) {
  ListenSocket& socket = sockets_.emplace_back();
  socket.frontend = request.frontend_index;
  socket.bind = request.bind_index;
  socket.address = request.address_text();
  socket.descriptors.assign(lanes, io::no_descriptor);
  if (request.is_ip()) {
    for (io::Descriptor& descriptor : socket.descriptors) {
      if (auto failure = open_ip_socket(request, descriptor)) return failure;
    }
    return std::nullopt;
  }
  io::Descriptor shared = io::no_descriptor;
  if (request.bind.address.kind == Kind::descriptor) {
    if (auto failure = open_inherited_socket(request, shared)) return failure;
  } else {
    if (auto failure = open_unix_socket(request, shared)) return failure;
    remember_file(request.bind.address.path);
  }
  return share(request, shared, lanes);
}

std::optional<Failure> ListenSockets::share(const ListenRequest& request, io::Descriptor socket,
                                            std::uint32_t lanes) {
  std::vector<io::Descriptor>& descriptors = sockets_.back().descriptors;
  descriptors[0] = socket;
  for (std::uint32_t lane = 1; lane < lanes; ++lane) {
    descriptors[lane] = ::fcntl(socket, F_DUPFD_CLOEXEC, 0);
    if (descriptors[lane] >= 0) continue;
    return Failure{ExitStatus::resources, fmt::format("{}: cannot duplicate the listening socket: {}",
                                                      request.place, std::strerror(errno))};
  }
  return std::nullopt;
}

void ListenSockets::remember_file(const std::string& path) {
  struct stat status {};
  if (path.front() == '@' || ::lstat(path.c_str(), &status) != 0) return;
  files_.push_back({path, status.st_dev, status.st_ino});
}

}  // namespace corelane::runtime
