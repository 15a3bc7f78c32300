// SPDX-License-Identifier: Apache-2.0
#include "control/admin_server.hpp"

#include <algorithm>
#include <cerrno>

namespace corelane::control {

AdminServer::AdminServer(Loop& loop, AdminSources sources) : loop_(loop), sources_(std::move(sources)) {
  accept_retry_.owner = this;
  accept_retry_.handler = &AdminServer::accept_retry_due;
}

AdminServer::~AdminServer() {
  CORELANE_CHECK(idle() && !accept_retry_.linked());
}

void AdminServer::listen(io::Descriptor listener) {
  auto& entry = *listeners_.emplace_back(std::make_unique<Listener>());
  entry.server = this;
  entry.descriptor = listener;
  entry.accept_op.handler = &AdminServer::accepted;
  entry.accept_op.owner = &entry;
  arm(entry);
}

void AdminServer::arm(Listener& listener) {
  listener.waiting = false;
  loop_.ring().accept(listener.accept_op, listener.descriptor, /*multishot=*/false);
}

void AdminServer::accepted(io::Op& op, io::Completion& completion) {
  auto& listener = op.as<Listener>();
  AdminServer& server = *listener.server;
  if (server.stopping_) {
    if (completion.result >= 0) server.loop_.ring().close(completion.result);
    server.close_listener(listener);
    return;
  }
  if (completion.result >= 0) {
    server.make_room();
    AdminConnection& connection = *server.connections_.emplace_back(
        std::make_unique<AdminConnection>(server, server.loop_, completion.result, ++server.tickets_));
    connection.start();
    listener.waiting = true;
    server.resume_listeners();
  } else if (completion.result == -ECONNABORTED || completion.result == -EINTR) {
    server.arm(listener);
  } else {
    listener.waiting = true;
    server.loop_.timers().set(server.accept_retry_, server.loop_.now() + accept_retry_us);
  }
}

void AdminServer::accept_retry_due(base::Timer& timer) {
  static_cast<AdminServer*>(timer.owner)->resume_listeners();
}

void AdminServer::resume_listeners() {
  if (stopping_ || accept_retry_.linked()) return;
  for (const auto& listener : listeners_) {
    if (listener->waiting && connections_.size() < connections_max) arm(*listener);
  }
}

void AdminServer::make_room() {
  if (connections_.size() + 1 < connections_max) return;
  AdminConnection* longest = nullptr;
  for (const auto& connection : connections_) {
    if (!connection->idle()) continue;
    if (longest == nullptr || connection->idle_since() < longest->idle_since()) longest = connection.get();
  }
  if (longest != nullptr) longest->begin_close();
}

void AdminServer::close_listener(Listener& listener) {
  loop_.ring().close(listener.descriptor);
  std::erase_if(listeners_, [&listener](const auto& entry) { return entry.get() == &listener; });
}

void AdminServer::stop() {
  stopping_ = true;
  loop_.timers().stop(accept_retry_);
  // Both lists shrink as their members end, some of them at once.
  std::vector<Listener*> listeners;
  for (const auto& listener : listeners_) listeners.push_back(listener.get());
  for (Listener* listener : listeners) {
    if (listener->ops_in_flight != 0) {
      loop_.ring().cancel(listener->accept_op);
    } else {
      close_listener(*listener);
    }
  }
  std::vector<AdminConnection*> connections;
  for (const auto& connection : connections_) connections.push_back(connection.get());
  for (AdminConnection* connection : connections) connection->begin_close();
}

void AdminServer::answer(AdminConnection& connection, const AdminRequest& request) {
  ++requests_;
  const std::uint64_t ticket = connection.ticket();
  const bool head_only = request.method == "HEAD";
  std::optional<AdminResponse> response = admin_answer(
      request, sources_,
      [this, ticket, head_only](AdminResponse later) { deliver(ticket, std::move(later), head_only); });
  if (response) deliver(ticket, std::move(*response), head_only);
}

// The connection may have ended while its answer was awaited.
void AdminServer::deliver(std::uint64_t ticket, AdminResponse response, bool head_only) {
  const auto found =
      std::ranges::find(connections_, ticket, [](const auto& entry) { return entry->ticket(); });
  if (found == connections_.end()) return;
  response.keep_alive = response.keep_alive && !stopping_;
  (*found)->answered(admin_response_bytes(response, head_only), response.keep_alive);
}

void AdminServer::release(AdminConnection& connection) {
  std::erase_if(connections_, [&connection](const auto& entry) { return entry.get() == &connection; });
  resume_listeners();
}

}  // namespace corelane::control
