// SPDX-License-Identifier: Apache-2.0
#include "proxy/cookie_persistence.hpp"

namespace corelane::proxy {

namespace {

constexpr std::int64_t ms_per_second = 1000;

std::string attributes_of(const config::Cookie& cookie) {
  std::string text;
  for (const std::string& domain : cookie.domains) text += "; domain=" + domain;
  if (cookie.httponly) text += "; HttpOnly";
  if (cookie.secure) text += "; Secure";
  for (const std::string& attribute : cookie.attributes) text += "; " + attribute;
  return text;
}

constexpr bool same(config::CookieMode word, proto::PersistenceMode mode) {
  return static_cast<std::uint8_t>(word) == static_cast<std::uint8_t>(mode);
}
static_assert(same(config::CookieMode::passive, proto::PersistenceMode::passive) &&
              same(config::CookieMode::insert, proto::PersistenceMode::insert) &&
              same(config::CookieMode::rewrite, proto::PersistenceMode::rewrite) &&
              same(config::CookieMode::prefix, proto::PersistenceMode::prefix));

}  // namespace

CookiePersistence::CookiePersistence(const Backend& backend) : backend_(backend) {
  const config::Cookie& cookie = *backend.config->http.cookie;
  attributes_ = attributes_of(cookie);
  rules_ = {.name = cookie.name,
            .mode = static_cast<proto::PersistenceMode>(cookie.mode),
            .indirect = cookie.indirect,
            .nocache = cookie.nocache,
            .postonly = cookie.postonly,
            .preserve = cookie.preserve,
            .max_idle_s = (cookie.max_idle_ms + ms_per_second - 1) / ms_per_second,
            .max_life_s = (cookie.max_life_ms + ms_per_second - 1) / ms_per_second,
            .attributes = attributes_};
  logged_ = cookie.mode != config::CookieMode::passive || cookie.indirect || cookie.preserve;
  for (const Server& server : backend.servers) {
    const std::string& own = server.config->cookie;
    values_.push_back({.text = own, .dynamic = cookie.dynamic && own.empty()});
  }
}

// An administrator may give a server another address.
void CookiePersistence::refresh(std::uint32_t server) {
  Value& value = values_[server];
  const io::SocketAddress& address = backend_.servers[server].address();
  if (!value.dynamic || value.made_of == &address) return;
  value.made_of = &address;
  value.text = proto::dynamic_cookie(backend_.config->http.cookie->dynamic_key, address.endpoint());
}

std::string_view CookiePersistence::cookie_of(std::uint32_t server) {
  refresh(server);
  return values_[server].text;
}

proto::PersistenceServer CookiePersistence::find(void* self, std::string_view value) {
  auto& persistence = *static_cast<CookiePersistence*>(self);
  using State = proto::PersistenceServer::State;
  proto::PersistenceServer found;
  for (std::uint32_t server = 0; server < persistence.values_.size(); ++server) {
    if (persistence.cookie_of(server) != value) continue;
    const ServerState& state = *persistence.backend_.servers[server].state;
    if (persistence.takes_down_ || state.status.load(std::memory_order_relaxed) == ServerStatus::up)
      return {State::up, server};
    found.state = State::down;
  }
  return found;
}

}  // namespace corelane::proxy
