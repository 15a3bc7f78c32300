// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "tls/settings.hpp"

struct ssl_session_st;

namespace corelane::tls {

class ClientContextState;

/// What the connections of one lane to a server have in common. The notes of ServerContext apply.
class ClientContext {
 public:
  struct Built;

  static Built build(const ClientSettings& settings, std::int64_t now);

  ClientContext(const ClientContext&) = delete;
  ClientContext& operator=(const ClientContext&) = delete;
  ~ClientContext();

  ClientContextState& state() const noexcept { return *state_; }

 private:
  explicit ClientContext(ClientContextState* state) noexcept : state_(state) {}

  ClientContextState* state_;  // one reference
};

struct ClientContext::Built {
  std::unique_ptr<ClientContext> context;  // null: see errors
  std::vector<SettingError> errors;
  std::vector<SettingError> warnings;
};

/// A session that a server may take up again. One lane's; those of TLS 1.3 are used once (RFC 8446, C.4).
class Session {
 public:
  Session() noexcept = default;
  explicit Session(ssl_session_st* owned) noexcept : session_(owned) {}
  Session(Session&& other) noexcept : session_(other.session_) { other.session_ = nullptr; }
  Session& operator=(Session&& other) noexcept;
  ~Session();

  explicit operator bool() const noexcept { return session_ != nullptr; }
  /// Another one of the same.
  Session share() const noexcept;
  /// Used again it would tell who listens that two connections are of the same peer (TLS 1.3).
  bool is_single_use() const noexcept;
  ssl_session_st* get() const noexcept { return session_; }

 private:
  ssl_session_st* session_ = nullptr;
};

/// What one connection to a server wants.
struct ClientTarget {
  std::string_view server_name;  // SNI, and what the certificate must be for unless the settings name
                                 // something; may be empty
  const Session* session = nullptr;
  /// What the certificate must be for where there is no server_name and the settings name nothing.
  std::string_view nameless_host = {};
};

}  // namespace corelane::tls
