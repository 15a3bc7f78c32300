// SPDX-License-Identifier: Apache-2.0
#include "proxy/error_pages.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/check.hpp"
#include "proto/http_error.hpp"
#include "proto/http_head.hpp"
#include "proto/http_name.hpp"

namespace corelane::proxy {
namespace {

/// HAProxy's pages, and ones in their form for statuses that it has none for.
struct BuiltIn {
  std::uint16_t status;
  std::string_view reason;
  bool closes;  // what the client sends next cannot be told from what was wrong
  std::string_view text;
};

constexpr std::string_view authorization = "You need a valid user and password to access this content.";

constexpr BuiltIn built_in[] = {
    {200, "OK", false, "Service ready."},
    {400, "Bad request", true, "Your browser sent an invalid request."},
    {401, "Unauthorized", false, authorization},
    {403, "Forbidden", false, "Request forbidden by administrative rules."},
    {404, "Not Found", false, "The resource could not be found."},
    {405, "Method Not Allowed", false,
     "A request was made of a resource using a request method not supported by that resource"},
    {407, "Unauthorized", false, authorization},
    {408, "Request Time-out", true, "Your browser didn't send a complete request in time."},
    {410, "Gone", false, "The resource is no longer available and will not be available again."},
    {413, "Payload Too Large", false, "The request entity exceeds the maximum allowed."},
    {414, "URI Too Long", true, "The address of the request exceeds the maximum allowed."},
    {421, "Misdirected Request", false, "Request sent to a non-authoritative server."},
    {422, "Unprocessable Content", false, "The server cannot process the contained instructions."},
    {425, "Too Early", false, "Your browser sent early data."},
    {429, "Too Many Requests", false, "You have sent too many requests in a given amount of time."},
    {431, "Request Header Fields Too Large", true,
     "The header fields of the request exceed the maximum allowed."},
    {500, "Internal Server Error", false, "An internal server error occurred."},
    {501, "Not Implemented", false,
     "The server does not support the functionality required to fulfill the request."},
    {502, "Bad Gateway", false, "The server returned an invalid or incomplete response."},
    {503, "Service Unavailable", false, "No server is available to handle this request."},
    {504, "Gateway Time-out", false, "The server didn't respond in time."},
    {505, "HTTP Version Not Supported", true,
     "Your browser speaks a version of HTTP that is not served here."},
};

constexpr std::uint16_t status_of_last_resort = 500;

std::string built_in_text(const BuiltIn& page) {
  const std::string body =
      fmt::format("<html><body><h1>{} {}</h1>\n{}\n</body></html>\n", page.status, page.reason, page.text);
  return fmt::format(
      "HTTP/1.1 {} {}\r\ncontent-length: {}\r\ncache-control: no-cache\r\n{}content-type: "
      "text/html\r\n\r\n{}",
      page.status, page.reason, body.size(), page.closes ? "connection: close\r\n" : "", body);
}

const ErrorPage* find_page(const std::vector<ErrorPage>& pages, std::uint16_t status) noexcept {
  const auto found = std::find_if(pages.begin(), pages.end(),
                                  [status](const ErrorPage& page) { return page.status == status; });
  return found == pages.end() ? nullptr : &*found;
}

const ErrorPage* find_page(const std::vector<std::vector<ErrorPage>>& owners, std::uint32_t owner,
                           std::uint16_t status) noexcept {
  return owner < owners.size() ? find_page(owners[owner], status) : nullptr;
}

/// A head with CRLF at the end of each line, and what is behind it.
struct Parts {
  std::string head;
  std::string_view body;
  bool complete = false;  // an empty line ends the head
};

Parts split(std::string_view content) {
  Parts parts;
  while (!parts.complete) {
    const std::size_t end = content.find('\n');
    if (end == std::string_view::npos) return parts;
    std::string_view line = content.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    parts.head.append(line).append("\r\n");
    parts.complete = line.empty();
    content.remove_prefix(end + 1);
  }
  parts.body = content;
  return parts;
}

/// Fields that speak of the connection that the response once came by, or of its body's end.
bool is_left_out(proto::HttpName name) {
  return name == proto::HttpName::connection || name == proto::HttpName::keep_alive ||
         name == proto::HttpName::proxy_connection || name == proto::HttpName::content_length;
}

bool says_close(const proto::HttpHead& head) {
  const proto::HttpField* field = head.fields.first(proto::HttpName::connection);
  return field != nullptr && !proto::http_same_name(field->value, "keep-alive");
}

std::string body_fault(const proto::HttpResponseHead& head, std::size_t body_bytes) {
  if (head.framing == proto::HttpFraming::chunked) return "Transfer-Encoding has no place in it";
  if (head.has_content_length && head.content_length != body_bytes) {
    return fmt::format("its Content-Length is {}, but {} bytes follow the empty line", head.content_length,
                       body_bytes);
  }
  if (head.status < 200) return fmt::format("{} ends no request", head.status);
  const bool bodiless = head.status == 204 || head.status == 304;
  return bodiless && body_bytes != 0 ? fmt::format("a response {} has no body", head.status) : "";
}

std::string page_text(const proto::HttpResponseHead& head, std::string_view body) {
  std::string text = fmt::format("HTTP/1.1 {} {}\r\n", head.status, head.reason);
  if (head.status != 204 && head.status != 304) text += fmt::format("content-length: {}\r\n", body.size());
  for (const proto::HttpField& field : head.fields) {
    if (!is_left_out(field.known)) text += field.line;
  }
  if (says_close(head)) text += "connection: close\r\n";
  return text.append("\r\n").append(body);
}

}  // namespace

ErrorPage error_page(std::uint16_t status, std::string text) {
  if (text.empty()) return {.status = status, .text = {}, .closes = true};
  proto::HttpResponseHead head;
  proto::HttpHeadProgress progress;
  const proto::HttpRead read = proto::read_response_head(text, {}, proto::HttpMethod::get, head, progress);
  CORELANE_CHECK(read.state == proto::HttpRead::State::head);
  const auto status_line_bytes = static_cast<std::uint32_t>(head.status_line.size() + 2);
  return {.status = status,
          .text = std::move(text),
          .status_line_bytes = status_line_bytes,
          .head_bytes = static_cast<std::uint32_t>(read.consumed),
          .closes = !head.keep_alive};
}

ErrorPageRead error_page_from_file(std::uint16_t status, std::string_view content) {
  if (content.empty()) return {error_page(status, {}), ""};
  const Parts parts = split(content);
  if (!content.starts_with("HTTP/1."))
    return {{},
            "it does not begin with \"HTTP/1.1 \" and a status: a whole response is wanted, head included"};
  if (!parts.complete) return {{}, "the empty line behind the head is missing"};
  proto::HttpResponseHead head;
  proto::HttpHeadProgress progress;
  const proto::HttpRead read =
      proto::read_response_head(parts.head, {}, proto::HttpMethod::get, head, progress);
  if (read.state != proto::HttpRead::State::head)
    return {{}, fmt::format("its head is faulty: {}", proto::http_error_row(read.error).help)};
  std::string fault = body_fault(head, parts.body.size());
  if (!fault.empty()) return {{}, std::move(fault)};
  std::string text = page_text(head, parts.body);
  if (text.size() <= error_page_bytes_max) return {error_page(status, std::move(text)), ""};
  return {{}, fmt::format("it has {} bytes; {} are allowed", text.size(), error_page_bytes_max)};
}

std::string_view status_reason(std::uint16_t status) noexcept {
  struct Reason {
    std::uint16_t status;
    std::string_view text;
  };
  constexpr Reason reasons[] = {{201, "Created"},
                                {202, "Accepted"},
                                {301, "Moved Permanently"},
                                {302, "Found"},
                                {303, "See Other"},
                                {307, "Temporary Redirect"},
                                {308, "Permanent Redirect"},
                                {418, "I'm a teapot"},
                                {451, "Unavailable For Legal Reasons"}};
  for (const BuiltIn& page : built_in)
    if (page.status == status) return page.reason;
  for (const Reason& reason : reasons)
    if (reason.status == status) return reason.text;
  return status < 300 ? "OK" : status < 400 ? "Redirect" : status < 500 ? "Client Error" : "Server Error";
}

ErrorPages::ErrorPages() {
  for (const BuiltIn& page : built_in) built_in_.push_back(error_page(page.status, built_in_text(page)));
}

ErrorPages::ErrorPages(std::vector<std::vector<ErrorPage>> frontends,
                       std::vector<std::vector<ErrorPage>> backends)
    : ErrorPages() {
  frontends_ = std::move(frontends);
  backends_ = std::move(backends);
}

void ErrorPages::add_for_rules(std::vector<std::vector<ErrorPage>> groups,
                               std::map<std::string, ErrorPage> files) {
  groups_ = std::move(groups);
  files_ = std::move(files);
}

const ErrorPage* ErrorPages::of_group(std::uint32_t group, std::uint16_t status) const noexcept {
  return find_page(groups_, group, status);
}

const ErrorPage* ErrorPages::of_file(const std::string& path) const noexcept {
  const auto found = files_.find(path);
  return found == files_.end() ? nullptr : &found->second;
}

const ErrorPage& ErrorPages::page(std::uint32_t frontend, std::uint32_t backend,
                                  std::uint16_t status) const noexcept {
  const ErrorPage* page = find_page(backends_, backend, status);
  if (page == nullptr) page = find_page(frontends_, frontend, status);
  if (page == nullptr) page = find_page(built_in_, status);
  return page != nullptr ? *page : *find_page(built_in_, status_of_last_resort);
}

}  // namespace corelane::proxy
