// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include "config/frontend_rules.hpp"
#include "config/model.hpp"

namespace corelane::config {

std::string ServerTls::constant_sni() const {
  constexpr std::string_view begin = "str(";
  const bool whole = sni.starts_with(begin) && sni.find_first_of(")\"'\\") + 1 == sni.size();
  return whole ? sni.substr(begin.size(), sni.size() - begin.size() - 1) : std::string();
}

sample::ExpressionRead read_server_name(const std::string& text, const sample::Names& names,
                                        const sample::Phase& phase) {
  sample::ExpressionRead read = sample::read_expression(text, names);
  if (!read.expression) return read;
  const sample::Type type = read.expression->output();
  if (!sample::castable(type, sample::Type::string)) {
    read.fault = {0, fmt::format("expected a name, but this makes {}", sample::type_text(type)), {}, {}};
  } else if (auto fault =
                 sample::unmet_need(read.expression->needs(), phase, read.expression->fetch_name(), 0)) {
    read.fault = std::move(*fault);
  } else {
    return read;
  }
  read.expression.reset();
  return read;
}

// As HAProxy: what listens elsewhere is not what clients are sent to.
std::optional<CheckTls> Server::check_tls() const {
  if (check.tls || check.tls_refused || !tls) return check.tls;
  if (!check.address.text.empty() || check.port != 0) return std::nullopt;
  CheckTls same{};
  static_cast<TlsTowardsServer&>(same) = *tls;
  same.sni = tls->constant_sni();
  if (!same.sni.empty()) same.verify_host.clear();
  return same;
}

}  // namespace corelane::config
