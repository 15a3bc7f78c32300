// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "check/options.hpp"
#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

/// The rows about a request that a check and a step of it share. Owner is a check::HttpRequest.
namespace corelane::config::row {

template <class Owner>
constexpr Field http_method() {
  return value<&check::HttpRequest::method, Owner>("method", as_http_method, "GET", "The method.");
}

template <class Owner>
constexpr Field http_uri() {
  return value<&check::HttpRequest::uri, Owner>("uri", as_line, "/",
                                                "What is asked for: a path with or without a query.");
}

template <class Owner>
constexpr Field http_version() {
  return value<&check::HttpRequest::version, Owner>("version", as_word<proto::HttpVersion>(), "HTTP/1.1",
                                                    "The version of HTTP.", {}, http_version_words);
}

template <class Owner>
constexpr Field http_host() {
  return value<&check::HttpRequest::host, Owner>("host", as_http_host, "",
                                                 "The field Host, for servers with several sites.")
      .with_note("the address and port that are checked");
}

template <class Owner>
constexpr Field http_headers() {
  return value<&check::HttpRequest::headers, Owner>(
             "headers", as_http_headers, "",
             "Further fields: `{\"Accept\": \"text/plain\"}`. Content-Length and Connection are added.")
      .with_note("User-Agent: corelane");
}

template <class Owner>
constexpr Field http_body() {
  return value<&check::HttpRequest::body, Owner>("body", as_content, "", "The body.").with_note("none");
}

}  // namespace corelane::config::row
