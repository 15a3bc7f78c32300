// SPDX-License-Identifier: Apache-2.0
#include "check/http_request.hpp"

#include <fmt/format.h>

#include <memory>
#include <string_view>

#include "proto/http_head.hpp"

namespace corelane::check {
namespace {

constexpr proto::HttpReadOptions strict{};

/// What a server that reads strictly would say of such a request.
std::string fault_of(std::string_view method, std::string_view uri, std::string_view fields) {
  const auto head = std::make_unique<proto::HttpRequestHead>();
  proto::HttpHeadProgress progress;
  const std::string bytes = fmt::format("{} {} HTTP/1.1\r\n{}\r\n", method, uri, fields);
  const proto::HttpRead read = proto::read_request_head(bytes, strict, *head, progress);
  return std::string(proto::http_error_row(read.error).help);
}

}  // namespace

std::string http_method_fault(const std::string& method) {
  if (method == proto::http_method_text(proto::HttpMethod::connect)) return "checks open no tunnels";
  const std::string fault = fault_of(method, "/", "Host: a\r\n");
  return fault.empty() ? "" : fmt::format("\"{}\" is not a method", method);
}

std::string http_host_fault(const std::string& host) {
  const std::string fault = fault_of("GET", "/", fmt::format("Host: {}\r\n", host));
  return fault.empty() ? "" : fmt::format("\"{}\" is not a host with or without a port", host);
}

std::string http_uri_fault(const std::string& method, const std::string& uri) {
  if (uri.starts_with("http://") || uri.starts_with("https://"))
    return fmt::format("\"{}\" begins with a host; give the path here and the host under host", uri);
  const std::string fault = fault_of(method, uri, "Host: a\r\n");
  return fault.empty() ? "" : fmt::format("\"{}\" is not what a {} can ask for: {}", uri, method, fault);
}

std::string http_header_fault(const HttpHeader& header) {
  const proto::HttpName name = proto::http_name(header.name);
  if (name == proto::HttpName::host) return "the host stands under host";
  const bool ours = proto::http_name_frames_or_routes(name) || name == proto::HttpName::sec_websocket_key;
  if (ours) return fmt::format("{} is what the check says itself", header.name);
  return fault_of("GET", "/", fmt::format("Host: a\r\n{}: {}\r\n", header.name, header.value));
}

}  // namespace corelane::check
