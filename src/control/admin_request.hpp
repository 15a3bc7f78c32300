// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace corelane::control {

/// One request to the admin server. Pure data; the target keeps its query.
struct AdminRequest {
  /// `read`: it is in `content`. sized and chunked: announced, and not read.
  enum class Body : std::uint8_t { none, read, sized, chunked };

  std::string method;
  std::string target;  // origin form: begins with '/', or "*"
  bool keep_alive = true;
  Body body = Body::none;
  std::string content_type;  // as sent
  std::string content;
};

/// Reads requests from bytes in any portions: the same bytes give the same requests however they are split.
/// Only PATCH and PUT have their body read, if that is not too long. An error is final, since what follows it
/// cannot be told from a body.
class AdminRequestReader {
 public:
  static constexpr std::size_t head_bytes_max = 8 * 1024;
  static constexpr std::size_t request_line_bytes_max = 4 * 1024;
  static constexpr std::size_t body_bytes_max = 16 * 1024;
  static constexpr std::size_t text_bytes_max = 128 * 1024 * 1024;  // of PUT: whole lists

  enum class Status : std::uint8_t { need_more, request, error };
  struct Step {
    std::size_t consumed = 0;
    Status status = Status::need_more;
  };

  /// Takes bytes up to the end of the present request, or of what makes it faulty.
  Step read(std::string_view bytes);

  /// After Status::request, until the next read().
  const AdminRequest& request() const noexcept { return request_; }
  /// After Status::error: the HTTP status to answer with, and why in words.
  int error_status() const noexcept { return error_status_; }
  std::string_view error_text() const noexcept { return error_text_; }
  /// Whether a part of a request has come.
  bool started() const noexcept { return phase_ != Phase::finished && head_bytes_ > 0; }

 private:
  enum class Phase : std::uint8_t { request_line, headers, body, finished, failed };

  void begin();
  std::size_t body_max() const noexcept { return request_.method == "PUT" ? text_bytes_max : body_bytes_max; }
  void take_head_byte(char c);
  void take_line(std::string_view line);
  void take_request_line(std::string_view line);
  void take_target(std::string_view target);
  void take_version(std::string_view version);
  void take_header(std::string_view line);
  void take_content_length(std::string_view value);
  void take_connection(std::string_view value);
  void finish();
  void fail(int status, std::string_view text);

  Phase phase_ = Phase::request_line;
  AdminRequest request_;
  std::string line_;
  std::size_t head_bytes_ = 0;
  std::size_t content_length_ = 0;  // at most one more than body_max()
  bool version_1_0_ = false;
  bool host_seen_ = false;
  bool close_seen_ = false;
  bool content_length_seen_ = false;
  int error_status_ = 0;
  std::string_view error_text_;
};

}  // namespace corelane::control
