// SPDX-License-Identifier: Apache-2.0
#include "logfmt/http_log_text.hpp"

#include <doctest/doctest.h>

#include <array>
#include <string>

using namespace corelane::logfmt;

TEST_CASE("parts come back in order, absent ones as absent, empty ones as empty") {
  std::array<char, 256> memory;
  HttpLogTextWriter writer(memory);
  writer.add_request_line("GET /?a=b HTTP/1.1");
  writer.add("example.org", 64);
  writer.add_absent();
  writer.add("", 8);
  writer.add("id=123456", 5);
  HttpLogTextReader reader(writer.text());
  CHECK(reader.next() == "GET /?a=b HTTP/1.1");
  CHECK(reader.next() == "example.org");
  CHECK(reader.next() == std::nullopt);
  CHECK(reader.next() == "");
  CHECK(reader.next() == "id=12");
  CHECK(reader.next() == std::nullopt);
  CHECK(reader.next() == std::nullopt);
}

TEST_CASE("no text has no parts, and a writer without memory writes none") {
  HttpLogTextWriter writer;
  writer.add_request_line("GET / HTTP/1.1");
  writer.add_absent();
  CHECK(writer.text().empty());
  CHECK(HttpLogTextReader({}).next() == std::nullopt);
}

TEST_CASE(
    "request lines are kept as far as HAProxy keeps them, and longer parts than a length can say are cut") {
  std::string memory(200'000, '\0');
  HttpLogTextWriter writer(memory);
  const std::string line(2000, 'u');
  writer.add_request_line(line);
  writer.add(std::string(100'000, 'h'), SIZE_MAX);
  writer.add("next", 4);
  HttpLogTextReader reader(writer.text());
  CHECK(reader.next() == line.substr(0, 1023));
  CHECK(reader.next()->size() == 65'534);
  CHECK(reader.next() == "next");
}

TEST_CASE("what does not fit into the memory is cut, byte for byte") {
  for (std::size_t size = 0; size <= 14; ++size) {
    CAPTURE(size);
    std::string memory(size, '\0');
    HttpLogTextWriter writer(memory);
    writer.add("abc", 3);
    writer.add_absent();
    writer.add("defgh", 5);
    REQUIRE(writer.text().size() <= size);
    HttpLogTextReader reader(writer.text());
    const auto first = reader.next();
    CHECK(first.value_or("-") == (size < 2 ? "-" : std::string_view("abc").substr(0, size - 2)));
    CHECK(reader.next() == std::nullopt);
    const auto third = reader.next();
    CHECK(third.value_or("-") == (size < 9 ? "-" : std::string_view("defgh").substr(0, size - 9)));
  }
}
