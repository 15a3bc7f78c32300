// SPDX-License-Identifier: Apache-2.0
#include "proxy/error_pages.hpp"

#include <algorithm>
#include <iterator>

namespace corelane::proxy {

namespace {

struct BuiltInPage {
  std::uint16_t status;
  std::string_view text;
};

constexpr BuiltInPage built_in_pages[] = {
    {200,
     "HTTP/1.1 200 OK\r\ncontent-length: 58\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\n\r\n"
     "<html><body><h1>200 OK</h1>\nService ready.\n</body></html>\n"},
    {400,
     "HTTP/1.1 400 Bad Request\r\ncontent-length: 90\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\nconnection: close\r\n\r\n"
     "<html><body><h1>400 Bad Request</h1>\nYour browser sent an invalid request.\n</body></html>\n"},
    {403,
     "HTTP/1.1 403 Forbidden\r\ncontent-length: 93\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\n\r\n"
     "<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>\n"},
    {408,
     "HTTP/1.1 408 Request Timeout\r\ncontent-length: 109\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\nconnection: close\r\n\r\n"
     "<html><body><h1>408 Request Timeout</h1>\nYour browser didn't send a complete request in "
     "time.\n</body></html>\n"},
    {413,
     "HTTP/1.1 413 Content Too Large\r\ncontent-length: 106\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\nconnection: close\r\n\r\n"
     "<html><body><h1>413 Content Too Large</h1>\nThe request entity exceeds the maximum "
     "allowed.\n</body></html>\n"},
    {414,
     "HTTP/1.1 414 URI Too Long\r\ncontent-length: 99\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\nconnection: close\r\n\r\n"
     "<html><body><h1>414 URI Too Long</h1>\nThe requested address is longer than "
     "allowed.\n</body></html>\n"},
    {431,
     "HTTP/1.1 431 Request Header Fields Too Large\r\ncontent-length: 117\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\nconnection: close\r\n\r\n"
     "<html><body><h1>431 Request Header Fields Too Large</h1>\nThe request's header is larger than "
     "allowed.\n</body></html>\n"},
    {500,
     "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 97\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\nconnection: close\r\n\r\n"
     "<html><body><h1>500 Internal Server Error</h1>\nAn internal server error occurred.\n</body></html>\n"},
    {501,
     "HTTP/1.1 501 Not Implemented\r\ncontent-length: 135\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\nconnection: close\r\n\r\n"
     "<html><body><h1>501 Not Implemented</h1>\nThe server does not support the functionality required to "
     "fulfill the request.\n</body></html>\n"},
    {502,
     "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 107\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\n\r\n"
     "<html><body><h1>502 Bad Gateway</h1>\nThe server returned an invalid or incomplete "
     "response.\n</body></html>\n"},
    {503,
     "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 107\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\n\r\n"
     "<html><body><h1>503 Service Unavailable</h1>\nNo server is available to handle this "
     "request.\n</body></html>\n"},
    {504,
     "HTTP/1.1 504 Gateway Timeout\r\ncontent-length: 91\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\n\r\n"
     "<html><body><h1>504 Gateway Timeout</h1>\nThe server didn't respond in time.\n</body></html>\n"},
    {505,
     "HTTP/1.1 505 HTTP Version Not Supported\r\ncontent-length: 112\r\ncache-control: no-cache\r\n"
     "content-type: text/html\r\nconnection: close\r\n\r\n"
     "<html><body><h1>505 HTTP Version Not Supported</h1>\nThe version of the request is not "
     "supported.\n</body></html>\n"},
};

}  // namespace

std::string_view ErrorPages::page(std::uint32_t, std::uint32_t, std::uint16_t status) const noexcept {
  const auto page = std::find_if(std::begin(built_in_pages), std::end(built_in_pages),
                                 [&](const BuiltInPage& row) { return row.status == status; });
  if (page != std::end(built_in_pages)) return page->text;
  return this->page(0, 0, status < 500 ? 400 : 500);
}

}  // namespace corelane::proxy
