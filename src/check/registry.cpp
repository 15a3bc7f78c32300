// SPDX-License-Identifier: Apache-2.0
#include "check/registry.hpp"

#include <array>

#include "check/http_script.hpp"

namespace corelane::check {
namespace {

constexpr std::array rows{
    CheckType{
        .name = "tcp",
        .help = "connects and takes that for health, or follows the steps of a script",
        .timed_out = CheckStatus::l7_timeout,
        .broken = CheckStatus::l7_response,
        .linger = false,
        .start = start_tcp,
    },
    CheckType{
        .name = "http",
        .help = "sends a request and expects an answer 2xx or 3xx, or what is said, or follows steps",
        .timed_out = CheckStatus::l7_timeout,
        .broken = CheckStatus::l7_response,
        .linger = true,
        .start = start_http,
    },
    CheckType{
        .name = "websocket",
        .help = "asks for a websocket and closes it",
        .timed_out = CheckStatus::l7_timeout,
        .broken = CheckStatus::l7_response,
        .linger = true,
        .start = start_websocket,
    },
    CheckType{
        .name = "mysql",
        .help =
            "reads the greeting of MySQL or MariaDB; with a user it logs in, asks what is wanted, and quits",
        .timed_out = CheckStatus::l7_timeout,
        .broken = CheckStatus::l7_response,
        .linger = true,
        .start = start_mysql,
    },
    CheckType{
        .name = "redis",
        .help = "sends PING and expects PONG",
        .timed_out = CheckStatus::l7_timeout,
        .broken = CheckStatus::l7_response,
        .linger = true,
        .start = start_redis,
    },
    CheckType{
        .name = "pgsql",
        .help = "sends the startup packet of PostgreSQL and expects a request to authenticate",
        .timed_out = CheckStatus::l7_timeout,
        .broken = CheckStatus::l7_response,
        .linger = true,
        .start = start_pgsql,
    },
    CheckType{
        .name = "smtp",
        .help = "waits for the greeting of a mail server, says HELO and quits",
        .timed_out = CheckStatus::l7_timeout,
        .broken = CheckStatus::l7_response,
        .linger = true,
        .start = start_smtp,
    },
    CheckType{
        .name = "esmtp",
        .help = "does the same with EHLO",
        .timed_out = CheckStatus::l7_timeout,
        .broken = CheckStatus::l7_response,
        .linger = true,
        .start = start_esmtp,
    },
    CheckType{
        .name = "ldap",
        .help = "binds anonymously and unbinds",
        .timed_out = CheckStatus::l7_timeout,
        .broken = CheckStatus::l7_response,
        .linger = true,
        .start = start_ldap,
    },
    CheckType{
        .name = "tls-hello",
        .help = "sends a TLS client hello and expects a server hello or an alert",
        .timed_out = CheckStatus::l6_timeout,
        .broken = CheckStatus::l6_response,
        .linger = true,
        .start = start_tls_hello,
    },
};

constexpr bool names_are_unique() {
  for (std::size_t i = 0; i < rows.size(); ++i)
    for (std::size_t j = 0; j < i; ++j)
      if (rows[i].name == rows[j].name) return false;
  return true;
}
static_assert(names_are_unique());

}  // namespace

std::span<const CheckType> registry() {
  return rows;
}

bool speaks_http(const CheckType& type) noexcept {
  return type.start == start_http || type.start == start_websocket;
}

Plan::Plan(const CheckType& type, const Options& options) : type_(type), options_(options) {
  for (const ScriptStep& step : options.steps) {
    patterns_.push_back(step.expect_regex.empty() ? nullptr : std::make_unique<Pattern>(step.expect_regex));
  }
  if (type.start == start_http) http_ = std::make_unique<const HttpScript>(HttpScript::of_http(options));
  if (type.start == start_websocket)
    http_ = std::make_unique<const HttpScript>(HttpScript::of_websocket(options));
}

Plan::~Plan() = default;

bool Plan::connects_only() const noexcept {
  return type_.start == start_tcp && options_.steps.empty();
}

ConnectOptions Plan::first_connection() const {
  const bool by_script = !options_.steps.empty() && options_.steps.front().connect;
  return by_script ? *options_.steps.front().connect : ConnectOptions{};
}

}  // namespace corelane::check
