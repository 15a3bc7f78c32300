// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "balance/hash.hpp"
#include "base/endpoint.hpp"

/// From a request to the number that chooses its server, as HAProxy 2.6 computes it: requests keep their
/// servers when one takes the other's place.
namespace corelane::balance {

/// What an algorithm may ask of a connection or a request. In TCP mode there is only the client. Views live
/// as long as the call.
struct Request {
  const base::Endpoint* client = nullptr;
  /// Of the request line, as it came, and its part from the path on: less in the absolute form ("/" where it
  /// has no path), nothing in CONNECT's form.
  std::string_view target = {};
  std::string_view path_and_query = {};
  /// What is there of a POST's body, where it was waited for (check_post).
  std::string_view body = {};
  /// The value of the head's first field of a name, letters' case aside, without the spaces around it.
  std::string_view (*header)(const void* head, std::string_view name) = nullptr;
  const void* head = nullptr;
};

/// What the configuration says about the key. The name's text is the configuration's.
struct KeyOptions {
  std::string_view name = {};  // of the parameter or of the field
  std::uint32_t len = 0;       // uri: at most so many bytes; 0: no limit
  std::uint32_t depth = 0;     // uri: up to so many directories; 0: no limit
  bool whole = false;          // uri: the query belongs to it
  bool path_only = false;      // uri: scheme and authority do not
  bool domain_only = false;    // hdr: of a host, the part before the top level
};

// The texts that are hashed. Empty optional: the request has none, and servers take turns.
std::optional<std::string_view> uri_text(const KeyOptions& options, const Request& request);
std::optional<std::string_view> url_param_text(const KeyOptions& options, const Request& request);
std::optional<std::string_view> header_text(const KeyOptions& options, const Request& request);

// Their hashes: Algorithm::key_hash.
std::optional<std::uint32_t> source_key(const Hash&, const KeyOptions&, const Request&);
std::optional<std::uint32_t> uri_key(const Hash&, const KeyOptions&, const Request&);
std::optional<std::uint32_t> url_param_key(const Hash&, const KeyOptions&, const Request&);
std::optional<std::uint32_t> header_key(const Hash&, const KeyOptions&, const Request&);

}  // namespace corelane::balance
