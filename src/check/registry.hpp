// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "check/conversation.hpp"
#include "check/pattern.hpp"

namespace corelane::check {

struct CheckType;
class HttpScript;

/// What the checks of one backend share: the options, and what is made of them once.
class Plan {
 public:
  /// `options` must live as long as the plan.
  Plan(const CheckType& type, const Options& options);
  Plan(const Plan&) = delete;
  Plan& operator=(const Plan&) = delete;
  ~Plan();

  const CheckType& type() const noexcept { return type_; }
  const Options& options() const noexcept { return options_; }
  /// Whether a connection that is accepted is all that the check wants.
  bool connects_only() const noexcept;
  /// How a check begins.
  ConnectOptions first_connection() const;
  /// The expression of a script's step that has one.
  const Pattern& pattern(std::size_t step) const { return *patterns_[step]; }
  /// Of http and websocket.
  const HttpScript& http() const { return *http_; }

 private:
  const CheckType& type_;
  const Options& options_;
  std::vector<std::unique_ptr<Pattern>> patterns_;  // one per step
  std::unique_ptr<const HttpScript> http_;
};

/// One type of check: a row of the registry.
struct CheckType {
  std::string_view name;
  std::string_view help;  // completes "NAME ..." in the manual
  CheckStatus timed_out;  // no verdict in time, once connected
  CheckStatus broken;     // the server ended the connection, or said far too much, before the verdict
  bool linger;            // connections end with FIN; RST otherwise, which leaves nothing behind
  std::unique_ptr<Conversation> (*start)(const Plan& plan);
};

/// Whether what is said is HTTP/1.
bool speaks_http(const CheckType& type) noexcept;

/// All types, in the order of the manual.
std::span<const CheckType> registry();

// The types, one file each.
std::unique_ptr<Conversation> start_tcp(const Plan& plan);
std::unique_ptr<Conversation> start_esmtp(const Plan& plan);
std::unique_ptr<Conversation> start_http(const Plan& plan);
std::unique_ptr<Conversation> start_ldap(const Plan& plan);
std::unique_ptr<Conversation> start_mysql(const Plan& plan);
std::unique_ptr<Conversation> start_pgsql(const Plan& plan);
std::unique_ptr<Conversation> start_redis(const Plan& plan);
std::unique_ptr<Conversation> start_smtp(const Plan& plan);
std::unique_ptr<Conversation> start_tls_hello(const Plan& plan);
std::unique_ptr<Conversation> start_websocket(const Plan& plan);

}  // namespace corelane::check
