// SPDX-License-Identifier: Apache-2.0
#include "proto/tls_hello.hpp"

#include <doctest/doctest.h>

#include <array>
#include <deque>
#include <string>
#include <vector>

#include "tls_hellos.hpp"

using namespace corelane::proto;
using namespace corelane::test;
using State = TlsHelloRead::State;
using Ticket = ClientHello::Ticket;

namespace {

std::array<char, 4096> memory;
std::deque<std::string> read_bytes;  // that hellos are views of

/// The answer must be the same whichever way the bytes come: nothing before it, and nothing else after it.
TlsHelloRead read(const std::string& text) {
  const std::string& bytes = read_bytes.emplace_back(text);
  std::array<char, 4096> other;
  const TlsHelloRead whole = read_tls_hello(bytes, memory);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const TlsHelloRead part = read_tls_hello(std::string_view(bytes).substr(0, size), other);
    if (part.state == State::need_more) continue;
    CHECK(part.state == whole.state);
    CHECK(part.error == whole.error);
    CHECK(part.type == whole.type);
    CHECK(part.hello == whole.hello);
  }
  return whole;
}

ClientHello hello_of(const std::string& bytes) {
  const TlsHelloRead result = read(bytes);
  CHECK(result.state == State::message);
  CHECK(result.type == tls_client_hello);
  return result.hello;
}

TlsHelloError fault_of(const std::string& bytes) {
  const TlsHelloRead result = read(bytes);
  CHECK((result.state == State::error) == (result.error != TlsHelloError::none));
  return result.error;
}

std::vector<std::string> names_of(std::string_view list) {
  std::vector<std::string> names;
  AlpnNames reader(list);
  for (std::string_view name; reader.next(name);) names.emplace_back(name);
  return names;
}

}  // namespace

TEST_CASE("what a client says in its hello") {
  const std::string bytes = record(client_hello(
      extension(0x2a2a, "") + server_name("www.example.com") + alpn({"h2", "http/1.1"}) +
      versions({0x3a3a, 0x0304, 0x0303}) + extension(10, sized(2, "\x01\x02")) + extension(35, "ticket")));
  const ClientHello hello = hello_of(bytes);
  CHECK(hello.server_name == "www.example.com");
  CHECK(names_of(hello.alpn) == std::vector<std::string>{"h2", "http/1.1"});
  CHECK(hello.version == 0x0303);
  CHECK(hello.version_max == 0x0304);
  CHECK(hello.ticket == Ticket::given);
  CHECK(hello.elliptic_curves);
  CHECK(hello_of(bytes + "whatever comes then") == hello);
}

TEST_CASE("what a client leaves out") {
  const ClientHello bare = hello_of(record(message(1, hello_start(0x0301))));
  CHECK(bare.version_max == 0x0301);
  CHECK(bare.server_name.empty());
  CHECK(names_of(bare.alpn).empty());
  CHECK(bare.ticket == Ticket::unsupported);
  CHECK(!bare.elliptic_curves);
  CHECK(hello_of(record(client_hello(""))).server_name.empty());
  CHECK(hello_of(record(client_hello(extension(35, "")))).ticket == Ticket::none);
}

TEST_CASE("a hello in records of every size") {
  const std::string message = client_hello(server_name("a.example") + alpn({"acme-tls/1"}));
  for (std::size_t size = 1; size <= message.size(); ++size) {
    const ClientHello hello = hello_of(records(message, size));
    CHECK(hello.server_name == "a.example");
    CHECK(names_of(hello.alpn) == std::vector<std::string>{"acme-tls/1"});
  }
}

TEST_CASE("other messages have a type and nothing else") {
  const TlsHelloRead server = read(record(message(2, "whatever a server says")));
  CHECK(server.state == State::message);
  CHECK(server.type == tls_server_hello);
  CHECK(server.hello == ClientHello{});
}

TEST_CASE("what is no hello is told as soon as it is certain") {
  struct Row {
    std::string bytes;
    TlsHelloError error;
  };
  const std::string name = server_name("a.example");
  const Row rows[] = {
      {"GET / HTTP/1.1\r\n", TlsHelloError::not_tls},
      {"SSH-2.0-x", TlsHelloError::not_tls},
      {record("alert", 21), TlsHelloError::not_tls},
      {"\x16\x02", TlsHelloError::not_tls},
      {std::string("\x16\x03\x01\x00\x00", 5), TlsHelloError::bad_record},
      {"\x16\x03\x01\x48\x01", TlsHelloError::bad_record},
      {record("\x01\x01\x02\x03"), TlsHelloError::too_long},
      {record(client_hello(name).substr(0, 20)) + record("x", 23), TlsHelloError::not_tls},
      {records(message(1, std::string(4096, 'x')), 1000), TlsHelloError::too_long},
      {record(message(1, "")), TlsHelloError::bad_message},
      {record(client_hello(name + name)), TlsHelloError::bad_message},
      {record(client_hello(alpn({"h2"}) + alpn({"h2"}))), TlsHelloError::bad_message},
      {record(client_hello(versions({0x0304}) + versions({0x0303}))), TlsHelloError::bad_message},
      {record(client_hello(server_name(""))), TlsHelloError::bad_message},
      {record(client_hello(extension(0, ""))), TlsHelloError::bad_message},
      {record(client_hello(extension(0, sized(2, '\1' + sized(2, "a"))))), TlsHelloError::bad_message},
      {record(client_hello(extension(0, sized(2, '\0' + sized(2, "a") + "b")))), TlsHelloError::bad_message},
      {record(client_hello(alpn({}))), TlsHelloError::bad_message},
      {record(client_hello(alpn({"", "h2"}))), TlsHelloError::bad_message},
      {record(client_hello(extension(43, sized(1, "\x03\x04\x03")))), TlsHelloError::bad_message},
      {record(client_hello(extension(43, ""))), TlsHelloError::bad_message},
      {record(message(1, hello_start() + sized(2, name) + "x")), TlsHelloError::bad_message},
      {record(message(1, hello_start() + sized(2, name.substr(1)))), TlsHelloError::bad_message},
  };
  for (const Row& row : rows) {
    CAPTURE(row.bytes);
    CHECK(fault_of(row.bytes) == row.error);
  }
}

TEST_CASE("a hello with any of its sizes wrong is never taken for another one") {
  const std::string body = hello_start() + sized(2, server_name("a.example") + alpn({"h2"}));
  const std::string sound = record(message(1, body));
  CHECK(hello_of(sound).server_name == "a.example");
  for (std::size_t cut = 0; cut < body.size(); ++cut) {
    const TlsHelloRead result = read(record(message(1, body.substr(0, cut))));
    const bool without_extensions = cut == hello_start().size();
    CHECK((result.state == State::message) == without_extensions);
    CHECK(result.type == tls_client_hello);
    CHECK(result.hello.server_name.empty());
  }
}
