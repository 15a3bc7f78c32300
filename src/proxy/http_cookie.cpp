// SPDX-License-Identifier: Apache-2.0
// The cookie that brings a client back to its server.
#include "proxy/cookie_persistence.hpp"
#include "proxy/http_exchange.hpp"
#include "proxy/http_lane.hpp"
#include "proxy/lane_state.hpp"

namespace corelane::proxy {

namespace {

constexpr base::TimeUs us_per_second = 1'000'000;

std::int64_t wall_seconds(const LaneState& lane) {
  return (lane.now + lane.options.wall_offset_us) / us_per_second;
}

}  // namespace

CookiePersistence* HttpExchange::cookie() const {
  return lane().http->cookies[stream_.backend_].get();
}

// False: there is no room for what is to be taken out of the request.
bool HttpExchange::read_cookie(const proto::HttpRequestHead& head) {
  CookiePersistence* cookie = this->cookie();
  if (cookie == nullptr || persistence_rules_.ignored) return true;
  cookie->take_servers_that_are_down(persistence_rules_.forced);
  return read_persistence(cookie->rules(), head.fields, wall_seconds(lane()), cookie->servers(),
                          lane().http->edits, persistence_);
}

// A server that has gone down since, or has failed this request, is not insisted on.
std::uint32_t HttpExchange::wanted_server() const {
  std::uint32_t server = ruled_server_ != config::no_index ? ruled_server_ : persistence_.server;
  if (server == config::no_index) server = stuck_server(lane(), stream_, stream_.backend_);
  static_assert(proto::Persistence::no_server == config::no_index);
  if (server == config::no_index || server == stream_.failed_server_) return config::no_index;
  if (persistence_rules_.forced) return server;
  const ServerState& state = *lane().choices[stream_.backend_].backend().servers[server].state;
  return state.status.load(std::memory_order_relaxed) == ServerStatus::up ? server : config::no_index;
}

// Of a response that is final or a 101.
void HttpExchange::write_cookie(const proto::HttpResponseHead& head) {
  CookiePersistence* cookie = this->cookie();
  if (cookie == nullptr || persistence_rules_.ignored) return;
  const proto::PersistenceResponse response{.server_cookie = cookie->cookie_of(stream_.server_index_),
                                            .by_wanted_server = persistence_.server == stream_.server_index_,
                                            .method = method_,
                                            .now_s = wall_seconds(lane())};
  if (!write_persistence(cookie->rules(), persistence_, head, response, lane().http->edits, cookie_written_))
    cookie_written_ = 'N';  // the client comes to any server next time, as it did now
}

void HttpExchange::log_cookie(logfmt::HttpRecord& record) const {
  const CookiePersistence* cookie = this->cookie();
  if (cookie == nullptr || !cookie->is_logged()) return;
  const bool elsewhere = stream_.server_index_ != config::no_index && persistence_.letter == 'V' &&
                         stream_.server_index_ != persistence_.server;
  record.client_cookie = static_cast<logfmt::ClientCookie>(elsewhere ? 'D' : persistence_.letter);
  record.server_cookie = static_cast<logfmt::ServerCookie>(cookie_written_);
}

}  // namespace corelane::proxy
