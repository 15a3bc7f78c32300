// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>

#include "proxy/stream.hpp"
#include "sample/connection_error.hpp"
#include "tls/connection.hpp"

namespace corelane::proxy {

/// Why a stream's connections failed, as HAProxy's fc_err and bc_err number it.
struct StreamFaults {
  static sample::ConnectionError of_client(const Stream& stream);
  /// `server` may be null: then what is known of the last one that was given up counts.
  static std::optional<sample::ConnectionError> of_server(const Stream& stream,
                                                          const ServerConnection* server);
  /// `named`: the configuration says whose certificate it must be.
  static sample::ConnectionError of_server_tls(const tls::Connection& connection, bool named);

 private:
  static sample::ConnectionError of_header(const Stream& stream);
  static bool broke_before_header(const Stream& stream);
};

}  // namespace corelane::proxy
