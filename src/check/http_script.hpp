// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "check/http_expectation.hpp"
#include "check/options.hpp"

namespace corelane::check {

/// A request as it goes out; the host may be known only once there is a connection.
struct HttpRequestText {
  std::string before_host;
  std::string host;        // empty: the peer
  std::string after_host;  // up to the end of the head
  std::string body;
  proto::HttpMethod method = proto::HttpMethod::get;
  bool http11 = true;
  bool closes = false;  // no other request follows on its connection

  std::string bytes(std::string_view peer) const;
};

/// One thing that a check does.
struct HttpAct {
  enum class Kind : std::uint8_t { connect, request, expect };

  Kind kind = Kind::connect;
  std::size_t step = 0;  // of the script, from 1 on; 0: there is none
  std::string comment;
  ConnectOptions connect;
  HttpRequestText request;
  std::optional<HttpExpectation> expectation;

  /// "request GET /app", in words for a report.
  std::string text() const;
  /// " at step 2 comment: the data": which one it is, for a report.
  std::string place() const;
};

/// What a check of http or websocket does, made of its options once. The options are sound.
class HttpScript {
 public:
  static HttpScript of_http(const Options& options);
  static HttpScript of_websocket(const Options& options);

  const std::vector<HttpAct>& acts() const noexcept { return acts_; }
  bool disable_on_404() const noexcept { return disable_on_404_; }

 private:
  void add_request(const HttpRequest& request, std::size_t step, const std::string& comment);
  void add_expectation(HttpExpectation expectation, std::size_t step, const std::string& comment);
  void mark_last_requests();
  void add_step(const ScriptStep& step, std::size_t number, bool expectation_follows);

  std::vector<HttpAct> acts_;
  bool disable_on_404_ = false;
};

}  // namespace corelane::check
