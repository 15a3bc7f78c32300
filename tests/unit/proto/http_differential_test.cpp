// SPDX-License-Identifier: Apache-2.0
// What is accepted here is accepted by another reader, as the same message.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "http_other_reader.hpp"

using namespace corelane::proto;

namespace {

std::vector<std::string> corpus() {
  std::vector<std::string> messages;
  for (const auto& entry :
       std::filesystem::directory_iterator(CORELANE_SOURCE_DIR "/tests/fuzz/corpus/http_differential")) {
    std::ifstream file(entry.path(), std::ios::binary);
    messages.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
  }
  return messages;
}

/// A few pieces put in, taken out or written over.
std::string mutated(std::string message, std::mt19937& random) {
  static const std::string pieces[] = {"\r\n",        "\r",
                                       "\n",          " ",
                                       "\t",          ":",
                                       ",",           ";",
                                       "0",           "5",
                                       "chunked",     "X: y\r\n",
                                       "\"",          "\\",
                                       "Host: a\r\n", "close",
                                       "keep-alive",  "Connection: ",
                                       "/",           "?",
                                       "http://a",    "HTTP/1.0",
                                       "%41",         "\x80",
                                       "a",           "=",
                                       "304",         "Content-Length: 5\r\n"};
  const auto below = [&random](std::size_t limit) { return static_cast<std::size_t>(random() % limit); };
  for (std::size_t i = 1 + below(3); i > 0; --i) {
    const std::size_t place = below(message.size() + 1);
    const std::string& piece = pieces[below(std::size(pieces))];
    const std::size_t removed = below(2) == 0 ? 0 : 1 + below(4);
    message.replace(place, removed, below(3) == 0 ? "" : piece);
  }
  return message;
}

}  // namespace

TEST_CASE("another reader agrees about all that is accepted") {
  const auto request = std::make_unique<HttpRequestHead>();
  const auto response = std::make_unique<HttpResponseHead>();
  std::mt19937 random(1);
  int accepted = 0;
  const auto compare = [&](const std::string& message) {
    std::string fault;
    if (fuzz::compare_request(message, *request, fault)) ++accepted;
    CHECK_MESSAGE(fault == "", message);
    for (const HttpMethod method : {HttpMethod::get, HttpMethod::head}) {
      if (fuzz::compare_response(message, method, *response, fault)) ++accepted;
      CHECK_MESSAGE(fault == "", message);
    }
  };
  for (const std::string& message : corpus()) {
    compare(message);
    for (int i = 0; i < 1000; ++i) compare(mutated(message, random));
  }
  CHECK(accepted > 5000);
}
