// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

/// The responses that are our own. Each is whole, head included, and fit to be sent as it is: HTTP/1.1 with a
/// Content-Length, without fields for this connection alone but for `Connection: close`. An empty one stands
/// for closing without a word.
namespace corelane::proxy {

inline constexpr std::size_t error_page_bytes_max = 16 * 1024;

/// "Not Found"; for those that are not common what their class is called.
std::string_view status_reason(std::uint16_t status) noexcept;

/// A whole response of our own, wherever it lies.
struct PageView {
  std::string_view text;
  std::uint32_t status_line_bytes = 0;  // with its line end
  std::uint32_t head_bytes = 0;         // with the empty line
  bool closes = false;                  // it says `Connection: close`, or nothing
};

struct ErrorPage {
  std::uint16_t status = 0;  // that it stands for; its own may be another one
  std::string text;
  std::uint32_t status_line_bytes = 0;  // with its line end
  std::uint32_t head_bytes = 0;         // with the empty line
  bool closes = false;                  // it says `Connection: close`, or nothing

  PageView view() const noexcept { return {text, status_line_bytes, head_bytes, closes}; }
};

/// Notes the parts of a text that is fit to be sent.
ErrorPage error_page(std::uint16_t status, std::string text);

struct ErrorPageRead {
  ErrorPage page;
  std::string fault;  // not empty: what is wrong with the file
};

/// A page from a file's content: nothing, or a response of HTTP/1.0 or 1.1. Lines of its head may end in LF
/// alone, and it gets a Content-Length where it has none.
ErrorPageRead error_page_from_file(std::uint16_t status, std::string_view content);

class ErrorPages {
 public:
  /// The built-in ones alone.
  ErrorPages();
  /// Pages instead of those, by the model's frontends and backends; the first of a status counts.
  ErrorPages(std::vector<std::vector<ErrorPage>> frontends, std::vector<std::vector<ErrorPage>> backends);

  /// What rules answer with: a group's pages, by the model's groups, and those of files, which have their
  /// paths.
  void add_for_rules(std::vector<std::vector<ErrorPage>> groups, std::map<std::string, ErrorPage> files);
  /// Null: the group has none for the status.
  const ErrorPage* of_group(std::uint32_t group, std::uint16_t status) const noexcept;
  /// Null: no rule names it.
  const ErrorPage* of_file(const std::string& path) const noexcept;

  /// The backend's page for a status, else the frontend's, else the built-in one, which is that of 500 where
  /// a status has none. `backend` may be config::no_index.
  const ErrorPage& page(std::uint32_t frontend, std::uint32_t backend, std::uint16_t status) const noexcept;

 private:
  std::vector<ErrorPage> built_in_;
  std::vector<std::vector<ErrorPage>> frontends_;
  std::vector<std::vector<ErrorPage>> backends_;
  std::vector<std::vector<ErrorPage>> groups_;
  std::map<std::string, ErrorPage> files_;
};

}  // namespace corelane::proxy
