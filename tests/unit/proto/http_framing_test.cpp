// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include "http_heads.hpp"

using namespace corelane::proto;
using namespace corelane::proto::test;

namespace {

const std::string request_start = "POST / HTTP/1.1\r\nHost: a\r\n";
const std::string response_start = "HTTP/1.1 200 OK\r\n";

}  // namespace

TEST_CASE("framing: good lengths and codings") {
  struct Case {
    std::string_view fields;
    HttpFraming framing;
    std::uint64_t length;
  };
  for (const Case& sound : std::initializer_list<Case>{
           {"Content-Length: 0\r\n", HttpFraming::length, 0},
           {"Content-Length:5\r\n", HttpFraming::length, 5},
           {"content-length:  12 \r\n", HttpFraming::length, 12},
           {"Content-Length: 9223372036854775807\r\n", HttpFraming::length, 9223372036854775807U},
           {"Transfer-Encoding: chunked\r\n", HttpFraming::chunked, 0},
           {"transfer-encoding:CHUNKED \r\n", HttpFraming::chunked, 0},
       }) {
    CAPTURE(sound.fields);
    const std::string fields = std::string(sound.fields) + "\r\n";
    const auto request = read_request(request_start + fields);
    CHECK(fault_of(request) == "");
    CHECK(request->framing == sound.framing);
    CHECK(request->content_length == sound.length);
    CHECK(request->keep_alive);
    const auto response = read_response(response_start + fields);
    CHECK(fault_of(response) == "");
    CHECK(response->framing == sound.framing);
    CHECK(response->content_length == sound.length);
  }
}

TEST_CASE("framing: what could be read in two ways is refused, in requests and in responses") {
  for (const Faulty& faulty : std::initializer_list<Faulty>{
           {"Content-Length:", "\r\n", "bad_content_length"},
           {"Content-Length: ", "+5\r\n", "bad_content_length"},
           {"Content-Length: ", "-5\r\n", "bad_content_length"},
           {"Content-Length: ", "0x5\r\n", "bad_content_length"},
           {"Content-Length: ", "05\r\n", "bad_content_length"},
           {"Content-Length: ", "00\r\n", "bad_content_length"},
           {"Content-Length: ", "5 5\r\n", "bad_content_length"},
           {"Content-Length: ", "5,5\r\n", "bad_content_length"},
           {"Content-Length: ", "5, 5\r\n", "bad_content_length"},
           {"Content-Length: ", "5,\r\n", "bad_content_length"},
           {"Content-Length: ", ",5\r\n", "bad_content_length"},
           {"Content-Length: ", "5.0\r\n", "bad_content_length"},
           {"Content-Length: ", "1e3\r\n", "bad_content_length"},
           {"Content-Length: ", "\"5\"\r\n", "bad_content_length"},
           {"Content-Length: \t", "5\r\n", "bad_content_length"},
           {"Content-Length: ", "5\t\r\n", "bad_content_length"},
           {"Transfer-Encoding:\t", "chunked\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "chunked\t\r\n", "bad_transfer_encoding"},
           {"Content-Length: ", "five\r\n", "bad_content_length"},
           {"Content-Length: ", "\xd9\xa5\r\n", "bad_content_length"},
           {"Content-Length: ", "9223372036854775808\r\n", "bad_content_length"},
           {"Content-Length: ", "18446744073709551617\r\n", "bad_content_length"},
           {"Content-Length: ", "99999999999999999999999999\r\n", "bad_content_length"},
           {"Content-Length: 5\r\n", "Content-Length: 5\r\n", "repeated_content_length"},
           {"Content-Length: 5\r\nX: y\r\n", "content-length: 6\r\n", "repeated_content_length"},
           {"Content-Length: 5\r\n", "Transfer-Encoding: chunked\r\n", "length_with_transfer_encoding"},
           {"", "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", "length_with_transfer_encoding"},
           {"", "Transfer-Encoding: gzip\r\nContent-Length: x\r\n", "length_with_transfer_encoding"},
           {"Transfer-Encoding:", "\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "chunked, chunked\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "chunked, gzip\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "chunked, identity\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "gzip, chunked, x\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "chunked,\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", ",chunked\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "chunked;a=b\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "chunked ;a\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "chunked a\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "\"chunked\"\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "gzip \"x\"\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: chunked\r\nTransfer-Encoding: ", "chunked\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: chunked\r\nTransfer-Encoding: ", "identity\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding:", "\r\nTransfer-Encoding: chunked\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: chunked\r\nTransfer-Encoding:", "\r\n", "bad_transfer_encoding"},
           {"Transfer-Encoding: ", "xchunked\r\n", "unknown_transfer_coding"},
           {"Transfer-Encoding: ", "chunkedx\r\n", "unknown_transfer_coding"},
           {"Transfer-Encoding: ", "identity\r\n", "unknown_transfer_coding"},
           {"Transfer-Encoding: ", "gzip\r\n", "unknown_transfer_coding"},
           {"Transfer-Encoding: ", "gzip, chunked\r\n", "unknown_transfer_coding"},
           {"Transfer-Encoding: ", "gzip;q=1, chunked\r\n", "unknown_transfer_coding"},
           {"Transfer-Encoding: ", "gzip\r\nTransfer-Encoding: chunked\r\n", "unknown_transfer_coding"},
       }) {
    CAPTURE(faulty.bytes());
    for (const std::string& start : {request_start, response_start}) {
      const std::string before = start + std::string(faulty.before);
      const std::string from = std::string(faulty.from) + "\r\n";
      const Faulty whole{before, from, faulty.error};
      if (start == request_start) CHECK(fault_of(read_request(whole.bytes())) == whole.fault());
      if (start == response_start) CHECK(fault_of(read_response(whole.bytes())) == whole.fault());
    }
  }
  CHECK(http_error_row(HttpError::unknown_transfer_coding).status == 501);
  CHECK(fault_of(read_request("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n")) ==
        "transfer_encoding_in_http10 at 17");
  CHECK(fault_of(read_response("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")) ==
        "transfer_encoding_in_http10 at 17");
}

TEST_CASE("framing: CONNECT has no body") {
  const std::string start = "CONNECT a:443 HTTP/1.1\r\nHost: a\r\n";
  CHECK(fault_of(read_request(start + "\r\n")) == "");
  CHECK(fault_of(read_request(start + "Content-Length: 0\r\n\r\n")) == "");
  CHECK(fault_of(read_request(start + "Content-Length: 1\r\n\r\n")) == "connect_with_body at 33");
  CHECK(fault_of(read_request(start + "Transfer-Encoding: chunked\r\n\r\n")) == "connect_with_body at 33");
}

TEST_CASE("connection: who may send another message") {
  struct Case {
    std::string_view version;
    std::string_view fields;
    bool keep_alive;
  };
  for (const Case& sound : std::initializer_list<Case>{
           {"1.1", "", true},
           {"1.1", "Connection: close\r\n", false},
           {"1.1", "connection: Close\r\n", false},
           {"1.1", "Connection: keep-alive\r\n", true},
           {"1.1", "Connection: keep-alive, close\r\n", false},
           {"1.1", "Connection: x,,close ,y\r\n", false},
           {"1.1", "Connection: x\r\nConnection: close\r\n", false},
           {"1.1", "Connection: closed\r\n", true},
           {"1.1", "Proxy-Connection: close\r\n", true},
           {"1.0", "", false},
           {"1.0", "Connection: keep-alive\r\n", true},
           {"1.0", "Connection: Keep-Alive, x\r\n", true},
           {"1.0", "Connection: keep-alive, close\r\n", false},
           {"1.0", "Proxy-Connection: keep-alive\r\n", false},
       }) {
    CAPTURE(sound.fields);
    const std::string version(sound.version);
    const std::string fields(sound.fields);
    CHECK(read_request("GET / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n")->keep_alive ==
          sound.keep_alive);
    CHECK(
        read_response("HTTP/" + version + " 200 OK\r\nContent-Length: 1\r\n" + fields + "\r\n")->keep_alive ==
        sound.keep_alive);
    CHECK(!read_response("HTTP/" + version + " 200 OK\r\n" + fields + "\r\n")->keep_alive);
  }
}

TEST_CASE("connection: upgrades") {
  const auto upgrades = [](const std::string& fields, const std::string& version = "1.1") {
    const auto read = read_request("GET / HTTP/" + version + "\r\nHost: a\r\n" + fields + "\r\n");
    REQUIRE(read.good());
    return read->upgrade;
  };
  CHECK(upgrades("Connection: Upgrade\r\nUpgrade: websocket\r\n"));
  CHECK(upgrades("Upgrade: a/1, b\r\nConnection: keep-alive, upgrade\r\n"));
  CHECK(!upgrades("Upgrade: websocket\r\n"));
  CHECK(!upgrades("Connection: Upgrade\r\n"));
  CHECK(!upgrades("Connection: Upgrade\r\nUpgrade:\r\n"));
  CHECK(!upgrades("Connection: Upgrade\r\nUpgrade: websocket\r\n", "1.0"));
  CHECK(!upgrades("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\n"));
  CHECK(!upgrades("Connection: Upgrade\r\nUpgrade: websocket, H2C\r\n"));
  CHECK(!upgrades("Connection: Upgrade\r\nUpgrade: HTTP/2.0\r\n"));
  CHECK(!upgrades("Connection: Upgrade\r\nUpgrade: websocket\r\nUpgrade: h2c\r\n"));
  CHECK(read_response("HTTP/1.1 101 x\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n")->upgrade);
}
