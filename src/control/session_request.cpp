// SPDX-License-Identifier: Apache-2.0
#include "control/session_request.hpp"

#include <fmt/format.h>

#include <array>
#include <charconv>
#include <nlohmann/json.hpp>
#include <span>
#include <vector>

#include "base/near_miss.hpp"

namespace corelane::control {

namespace {

constexpr std::array<std::string_view, 5> keys{"frontend", "backend", "server", "limit", "after"};
constexpr std::size_t filter_keys = 3;

constexpr std::array<std::string_view, 7> state_words{"proxy_header",  "request",    "queue",  "connecting",
                                                      "waiting_retry", "forwarding", "closing"};

/// The number at the front of the text, which is taken off it.
template <class Number>
bool take_number(std::string_view& text, Number& number, int base) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

bool take_dash(std::string_view& text) {
  if (!text.starts_with('-')) return false;
  text.remove_prefix(1);
  return true;
}

template <class Named>
std::optional<SessionFault> find_named(std::string_view what, std::string_view name,
                                       const std::vector<Named>& list, std::uint32_t& found) {
  std::vector<std::string_view> names;
  for (const Named& entry : list) {
    if (entry.name == name) found = static_cast<std::uint32_t>(names.size());
    names.push_back(entry.name);
  }
  if (found != config::no_index) return std::nullopt;
  return SessionFault{.status = 404,
                      .text = fmt::format("there is no {} \"{}\"", what, name),
                      .hint = {.allowed = {names.begin(), names.end()},
                               .near_miss = std::string(base::near_miss(name, names))}};
}

std::optional<SessionFault> read_limit(std::string_view value, std::uint32_t& limit) {
  std::string_view rest = value;
  const bool read = take_number(rest, limit, 10) && rest.empty();
  if (read && limit >= 1 && limit <= SessionRequest::limit_max) return std::nullopt;
  return SessionFault{.text = fmt::format("limit: \"{}\" is not a whole number from 1 to {}", value,
                                          SessionRequest::limit_max)};
}

}  // namespace

std::string session_id_text(const SessionId& id) {
  return fmt::format("{}-{}-{:x}", id.lane, id.slot, id.accepted_at);
}

std::optional<SessionId> read_session_id(std::string_view text) {
  SessionId id;
  const bool read = take_number(text, id.lane, 10) && take_dash(text) && take_number(text, id.slot, 10) &&
                    take_dash(text) && take_number(text, id.accepted_at, 16);
  if (!read || !text.empty() || id.accepted_at < 0) return std::nullopt;
  return id;
}

std::optional<SessionFault> read_session_request(const AdminTarget& target, const config::Model& model,
                                                 bool paged, SessionRequest& request) {
  const std::span<const std::string_view> allowed = std::span(keys).first(paged ? keys.size() : filter_keys);
  std::optional<std::string> server;
  for (const auto& [key, value] : target.query) {
    std::optional<SessionFault> fault;
    if (key == "frontend") {
      fault = find_named(key, value, model.frontends, request.frontend = config::no_index);
    } else if (key == "backend") {
      fault = find_named(key, value, model.backends, request.backend = config::no_index);
    } else if (key == "server") {
      server = value;
    } else if (paged && key == "limit") {
      fault = read_limit(value, request.limit);
    } else if (paged && key == "after") {
      request.after = read_session_id(value);
      if (!request.after)
        fault = SessionFault{.text = fmt::format("after: \"{}\" is no session's id", value)};
    } else {
      fault = SessionFault{.text = fmt::format("unknown key \"{}\"", key),
                           .hint = {.allowed = {allowed.begin(), allowed.end()},
                                    .near_miss = std::string(base::near_miss(key, allowed))}};
    }
    if (fault) return fault;
  }
  if (!server) return std::nullopt;
  if (request.backend == config::no_index) {
    return SessionFault{.text = "server: its backend has to be named as well"};
  }
  return find_named("server", *server, model.backends[request.backend].servers, request.server);
}

nlohmann::ordered_json session_tree(const proxy::SessionRow& row, std::uint32_t lane,
                                    const config::Model& model, base::TimeUs now) {
  const config::Backend& backend = model.backends[row.backend];
  nlohmann::ordered_json json = {{"id", session_id_text({lane, row.slot, row.accepted_at})},
                                 {"age_s", static_cast<double>((now - row.accepted_at) / 1000) / 1e3},
                                 {"client", base::endpoint_text(row.client)},
                                 {"frontend", model.frontends[row.frontend].name},
                                 {"backend", backend.name}};
  if (row.server != config::no_index) {
    json["server"] = backend.servers[row.server].name;
  } else {
    json["server"] = nullptr;
  }
  json["state"] = state_words[static_cast<std::size_t>(row.state)];
  json["bytes_in"] = row.bytes_to_server;
  json["bytes_out"] = row.bytes_to_client;
  json["retries"] = row.retries;
  json["lane"] = lane;
  return json;
}

}  // namespace corelane::control
