// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "example.hpp"
#include "logfmt/http_log_text.hpp"
#include "logfmt/names.hpp"
#include "logfmt/record.hpp"

namespace corelane::logfmt {

/// A request that went well, as the first one of a client's connection, on 21 November 2026.
struct HttpExample {
  std::string_view frontend = "plain";
  std::string_view backend = "bk";
  std::string_view server = "s1";
  std::vector<std::string_view> request_captures, response_captures;
  ConnectionRecord record;
  std::optional<std::string_view> request_line = "GET / HTTP/1.1";
  std::vector<std::optional<std::string_view>> request_headers, response_headers;
  std::optional<std::string_view> client_cookie, server_cookie;

  HttpExample() {
    record.is_http = true;
    record.frontend = record.bind = record.backend = record.server = 0;
    record.client = {.ip = {127, 0, 0, 1}, .port = 56980, .family = base::Family::ipv4};
    record.queue_us = record.connect_us = 0;
    record.bytes_to_client = 54;
    record.connections_process = record.connections_frontend = 1;
    record.reason = EndReason::completed;
    record.phase = EndPhase::finished;
    record.http.idle_us = record.http.request_us = record.http.response_us = 0;
    record.http.status = 200;
    record.http.version = 11;
    record.http.request_number = 1;
  }

  void at(int hour, int minute, int second, int millisecond) {
    constexpr std::int64_t midnight_s = 1'795'219'200;
    record.accept_wall_us =
        ((midnight_s + hour * 3600 + minute * 60 + second) * 1000 + millisecond) * std::int64_t{1000};
  }
  void refused(EndReason reason, std::int16_t status) {
    request_line = std::nullopt;
    record.reason = reason;
    record.phase = EndPhase::request;
    record.backend = record.server = no_index;
    record.queue_us = record.connect_us = record.http.request_us = record.http.response_us = -1;
    record.bytes_to_client = 0;
    record.http.status = status;
  }

  std::string text() const {
    std::string memory(4096, '\0');
    HttpLogTextWriter writer(memory);
    const auto add = [&writer](const std::optional<std::string_view>& part) {
      part ? writer.add(*part, 1024) : writer.add_absent();
    };
    const auto add_all = [&add](const auto& names, const auto& values) {
      for (std::size_t i = 0; i < names.size(); ++i) add(i < values.size() ? values[i] : std::nullopt);
    };
    if (!request_line) return {};
    writer.add_request_line(*request_line);
    add_all(request_captures, request_headers);
    add(client_cookie);
    add_all(response_captures, response_headers);
    add(server_cookie);
    return std::string(writer.text());
  }

  /// `append` is told the names, which live as long as the call.
  template <class Append>
  void with_names(Append append) const {
    const std::array<FrontendNames, 1> frontends{{{frontend, {}, request_captures, response_captures}}};
    const std::array<BackendNames, 1> backends{{{backend, {&server, 1}}}};
    append(Names{frontends, backends});
  }
};

inline std::string line_of(std::string_view format, const HttpExample& example,
                           std::int32_t utc_offset_s = 0) {
  std::string line;
  example.with_names([&](const Names& names) {
    line = line_of(format, true, example.record, example.text(), names, utc_offset_s);
  });
  return line;
}

}  // namespace corelane::logfmt
