// SPDX-License-Identifier: Apache-2.0
#include "proxy/error_pages.hpp"

#include <doctest/doctest.h>

#include "config/model.hpp"
#include "config/values.hpp"
#include "proto/http_head.hpp"

namespace corelane::proxy {
namespace {

struct Reading {
  std::uint16_t status = 0;
  bool keep_alive = false;
  bool length_fits = false;
};

Reading read(const ErrorPage& page) {
  proto::HttpResponseHead head;
  proto::HttpHeadProgress progress;
  const proto::HttpRead result =
      proto::read_response_head(page.text, {}, proto::HttpMethod::get, head, progress);
  REQUIRE(result.state == proto::HttpRead::State::head);
  CHECK(page.text.substr(0, page.status_line_bytes) == std::string(head.status_line) + "\r\n");
  CHECK(page.head_bytes == result.consumed);
  CHECK(page.closes != head.keep_alive);
  return {head.status, head.keep_alive, head.content_length == page.text.size() - result.consumed};
}

TEST_CASE("every status that a file may replace has a sound built-in page") {
  const ErrorPages pages;
  for (const std::uint16_t status : config::error_page_statuses()) {
    CAPTURE(status);
    const Reading page = read(pages.page(0, config::no_index, status));
    CHECK(page.status == status);
    CHECK(page.length_fits);
    const bool closes = status == 400 || status == 408 || status == 414 || status == 431 || status == 505;
    CHECK(page.keep_alive != closes);
  }
  CHECK(read(pages.page(0, 0, 418)).status == 500);
}

TEST_CASE("a built-in page is HAProxy's") {
  CHECK(ErrorPages().page(0, 0, 503).text ==
        "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 107\r\ncache-control: no-cache\r\n"
        "content-type: text/html\r\n\r\n<html><body><h1>503 Service Unavailable</h1>\n"
        "No server is available to handle this request.\n</body></html>\n");
  CHECK(ErrorPages().page(0, 0, 408).text ==
        "HTTP/1.1 408 Request Time-out\r\ncontent-length: 110\r\ncache-control: no-cache\r\n"
        "connection: close\r\ncontent-type: text/html\r\n\r\n<html><body><h1>408 Request Time-out</h1>\n"
        "Your browser didn't send a complete request in time.\n</body></html>\n");
}

ErrorPage bare(std::uint16_t status, const char* text) {
  ErrorPage page;
  page.status = status;
  page.text = text;
  return page;
}

TEST_CASE("the backend's page goes before the frontend's, which goes before the built-in one") {
  const ErrorPages pages({{bare(503, "front"), bare(503, "later"), bare(500, "mine")}, {}},
                         {{bare(503, "back")}, {}});
  CHECK(pages.page(0, 0, 503).text == "back");
  CHECK(pages.page(0, 1, 503).text == "front");
  CHECK(pages.page(0, config::no_index, 503).text == "front");
  CHECK(pages.page(1, 0, 503).text == "back");
  CHECK(read(pages.page(1, 1, 503)).status == 503);
  CHECK(read(pages.page(0, 0, 502)).status == 502);
}

std::string page_of(std::string_view file) {
  const ErrorPageRead result = error_page_from_file(503, file);
  CHECK(result.fault == "");
  CHECK(result.page.status == 503);
  (void)read(result.page);
  return result.page.text;
}

TEST_CASE("a file becomes a response that can be sent as it is") {
  CHECK(
      page_of("HTTP/1.0 503 Sorry\r\nCache-Control: no-cache\r\nConnection: close\r\n\r\nlater") ==
      "HTTP/1.1 503 Sorry\r\ncontent-length: 5\r\nCache-Control: no-cache\r\nconnection: close\r\n\r\nlater");
  CHECK(
      page_of("HTTP/1.1 200 OK\nContent-Length: 3\nConnection: keep-alive\nKeep-Alive: timeout=5\n\na\nb") ==
      "HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\na\nb");
  CHECK(page_of("HTTP/1.1 302 Found\r\nLocation: /sorry\r\n\r\n") ==
        "HTTP/1.1 302 Found\r\ncontent-length: 0\r\nLocation: /sorry\r\n\r\n");
  CHECK(page_of("HTTP/1.1 204 No Content\r\n\r\n") == "HTTP/1.1 204 No Content\r\n\r\n");
}

TEST_CASE("an empty file closes without a word") {
  const ErrorPageRead result = error_page_from_file(503, "");
  CHECK(result.fault == "");
  CHECK(result.page.text == "");
  CHECK(result.page.closes);
}

TEST_CASE("a file that is no response is refused with a reason") {
  const auto fault = [](std::string_view file) { return error_page_from_file(503, file).fault; };
  const std::string no_response =
      "it does not begin with \"HTTP/1.1 \" and a status: a whole response is wanted, head included";
  CHECK(fault("\n") == no_response);
  CHECK(fault("<html>sorry</html>\n") == no_response);
  CHECK(fault("HTTP/1.1 503 Sorry\r\nServer: x\r\n") == "the empty line behind the head is missing");
  CHECK(fault("HTTP/1.1 503 Sorry\r\nBad Name: x\r\n\r\n").starts_with("its head is faulty: "));
  CHECK(fault("HTTP/1.1 50 Sorry\r\n\r\n").starts_with("its head is faulty: "));
  CHECK(fault("HTTP/1.1 503 Sorry\r\nContent-Length: 4\r\n\r\nlater") ==
        "its Content-Length is 4, but 5 bytes follow the empty line");
  CHECK(fault("HTTP/1.1 503 Sorry\r\nContent-Length: 6\r\n\r\nlater") ==
        "its Content-Length is 6, but 5 bytes follow the empty line");
  CHECK(fault("HTTP/1.1 503 Sorry\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n") ==
        "Transfer-Encoding has no place in it");
  CHECK(fault("HTTP/1.1 103 Early Hints\r\n\r\n") == "103 ends no request");
  CHECK(fault("HTTP/1.1 204 No Content\r\n\r\nx") == "a response 204 has no body");
  const std::string head = "HTTP/1.1 503 Sorry\r\n\r\n";
  CHECK(page_of(head + std::string(16'000, 'x')).size() <= error_page_bytes_max);
  CHECK(fault(head + std::string(16'384, 'x')) == "it has 16429 bytes; 16384 are allowed");
}

}  // namespace
}  // namespace corelane::proxy
