// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

/// The texts of an HTTP log line, as they came from the peers: parts with their lengths, in one piece of
/// memory. The order is fixed, and that in which a proxy learns them:
///
///     request line, request headers captured..., client's cookie, response headers captured..., server's
///     cookie
///
/// How many headers there are is the frontend's configuration; a part that is missing at the end is absent.
namespace corelane::logfmt {

/// HAProxy keeps as much of a request line (tune.http.logurilen 1024, with its NUL).
inline constexpr std::size_t http_log_request_line_max = 1023;

/// Writes parts into memory that the caller lends. What does not fit is cut; it never fails.
class HttpLogTextWriter {
 public:
  HttpLogTextWriter() = default;
  /// `text` is what another one has written: it goes on behind that.
  explicit HttpLogTextWriter(std::span<char> memory, std::string_view text = {}) noexcept;

  /// At most `bytes_max` of the part.
  void add(std::string_view part, std::size_t bytes_max) noexcept;
  void add_request_line(std::string_view line) noexcept { add(line, http_log_request_line_max); }
  /// The header or cookie that was to be captured is not there.
  void add_absent() noexcept;

  std::string_view text() const noexcept { return {memory_.data(), used_}; }

 private:
  void add_length(std::uint16_t length) noexcept;

  std::span<char> memory_;
  std::size_t used_ = 0;
};

class HttpLogTextReader {
 public:
  explicit HttpLogTextReader(std::string_view text) noexcept : rest_(text) {}

  /// The next part; empty when it is absent, which differs from a part without bytes.
  std::optional<std::string_view> next() noexcept;
  /// The parts behind those that were read.
  std::string_view rest() const noexcept { return rest_; }

 private:
  std::string_view rest_;
};

}  // namespace corelane::logfmt
