// SPDX-License-Identifier: Apache-2.0
#include "sample/variables.hpp"

#include <doctest/doctest.h>

#include <string>
#include <thread>
#include <vector>

#include "scene.hpp"

namespace corelane::sample {
namespace {

Sample text_sample(std::string_view text) {
  Sample sample;
  sample.set(text);
  return sample;
}

struct Memory {
  explicit Memory(std::size_t slots, std::size_t text_bytes)
      : bytes(VariableBlock::bytes_for(slots, text_bytes)), block(bytes, slots) {}

  std::string value(std::uint32_t slot) {
    std::vector<char> memory(256);
    Arena arena(memory);
    Sample sample;
    if (!block.get(slot, arena, sample)) return "(none)";
    return cast(sample, Type::string, arena) ? std::string(sample.text) : "(no text)";
  }

  std::vector<std::byte> bytes;
  VariableBlock block;
};

TEST_CASE("names become numbers, each in the memory of its scope") {
  VariableNames names;
  CHECK(names.add("txn.a")->slot == 0);
  CHECK(names.add("req.a")->slot == 1);
  CHECK(names.add("txn.a")->slot == 0);
  CHECK(names.add("sess.a.b")->slot == 0);
  CHECK(names.add("proc.a")->scope == VariableScope::proc);
  CHECK(names.of_stream() == 2);
  CHECK(names.scope_of(1) == VariableScope::req);
  for (const char* text : {"a", "txn", "txn.", "foo.a", ".a", "txn.a-b", "txn.a b", ""})
    CHECK_FALSE(names.add(text).has_value());
}

TEST_CASE("a block keeps samples of every type") {
  Memory memory(3, 64);
  Sample number;
  number.set(std::int64_t{42});
  Sample address;
  address.set(*base::endpoint_from_ip("2001:db8::1", 0));
  CHECK(memory.value(0) == "(none)");
  CHECK(memory.block.set(0, number));
  CHECK(memory.block.set(1, address));
  CHECK(memory.block.set(2, text_sample("abc")));
  CHECK(memory.value(0) == "42");
  CHECK(memory.value(1) == "2001:db8::1");
  CHECK(memory.value(2) == "abc");
  CHECK(memory.block.set(2, number));
  CHECK(memory.value(2) == "42");
  memory.block.unset(0);
  CHECK(memory.value(0) == "(none)");
  memory.block.clear();
  CHECK(memory.value(1) == "(none)");
}

TEST_CASE("what texts leave behind is used again, and what does not fit changes nothing") {
  Memory memory(3, 64);
  CHECK(memory.block.set(0, text_sample(std::string(30, 'a'))));
  CHECK(memory.block.set(1, text_sample("b")));
  CHECK(memory.block.set(0, text_sample("short")));
  CHECK(memory.block.set(2, text_sample(std::string(50, 'c'))));
  CHECK(memory.value(0) == "short");
  CHECK(memory.value(1) == "b");
  CHECK(memory.value(2) == std::string(50, 'c'));
  CHECK_FALSE(memory.block.set(1, text_sample("too long for the rest")));
  CHECK(memory.value(1) == "b");
  CHECK(memory.block.set(1, text_sample("")));
  CHECK(memory.value(1) == "");
}

TEST_CASE("variables of the process are whole at any time") {
  ProcessVariables variables(1);
  std::vector<char> memory(4096);
  Arena arena(memory);
  Sample sample;
  CHECK_FALSE(variables.get(0, arena, sample));
  CHECK_FALSE(variables.set(0, text_sample(std::string(ProcessVariables::text_bytes_max + 1, 'x'))));
  const auto write = [&variables](char c) {
    for (int i = 0; i < 2000; ++i)
      CHECK(variables.set(0, text_sample(std::string(static_cast<std::size_t>(i % 900) + 1, c))));
  };
  std::thread first(write, 'a');
  std::thread second(write, 'b');
  for (int i = 0; i < 2000; ++i) {
    arena.reset();
    if (!variables.get(0, arena, sample)) continue;
    REQUIRE_FALSE(sample.text.empty());
    REQUIRE(sample.text.find_first_not_of(sample.text[0]) == std::string_view::npos);
  }
  first.join();
  second.join();
  variables.unset(0);
  CHECK_FALSE(variables.get(0, arena, sample));
}

TEST_CASE("expressions read and set variables") {
  VariableNames names;
  Names known = scene_names();
  known.variables = &names;
  Scene scene(request_of("GET /a/b"));
  const auto value = [&](std::string_view text) {
    const ExpressionRead read = read_expression(text, known);
    CAPTURE(read.fault.message);
    REQUIRE(read.expression.has_value());
    return scene.value(*read.expression);
  };
  (void)value("path,set-var(txn.p)");  // names the slots
  (void)value("int(7),set-var(proc.n)");
  Memory memory(names.of_stream(), 256);
  ProcessVariables process(names.in_process());
  VariableScopes scopes{.process = &process, .session = nullptr, .stream = &memory.block};
  scene.set_variables(scopes);
  CHECK(value("var(txn.p)") == "(none)");
  CHECK(value("var(txn.p,none)") == "none");
  CHECK(value("path,set-var(txn.p),length") == "4");
  CHECK(value("var(txn.p),upper") == "/A/B");
  CHECK(value("int(7),set-var(proc.n),add(1)") == "8");
  CHECK(value("var(proc.n)") == "7");
  CHECK(value("path,unset-var(txn.p)") == "/a/b");
  CHECK(value("var(txn.p)") == "(none)");
  CHECK(read_expression("var(nope.x)", known).fault.message.starts_with("\"nope.x\" is no variable"));
}

TEST_CASE("converters that ask the process, or leave something there") {
  VariableNames names;
  Names known = scene_names();
  known.variables = &names;
  Scene scene(request_of("GET /a/b"));
  const auto value = [&](std::string_view text) {
    const ExpressionRead read = read_expression(text, known);
    CAPTURE(read.fault.message);
    REQUIRE(read.expression.has_value());
    return scene.value(*read.expression);
  };
  (void)value("path,capture-req(0)");  // names the slots
  (void)value("path,capture-res(0)");
  Memory memory(names.of_stream(), 256);
  VariableScopes scopes{.process = nullptr, .session = nullptr, .stream = &memory.block};
  scene.set_variables(scopes);
  CHECK(value("str(captured),capture-req(0)") == "captured");
  CHECK(value("capture.req.hdr(0)") == "capt");
  CHECK(value("int(1234567),capture-res(0),add(1)") == "1234568");
  CHECK(value("capture.res.hdr(0)") == "12345");
  CHECK(value("path,capture-req(1),length") == "4");  // this frontend has no such slot
  CHECK(value("str(app),nbsrv") == "2");
  CHECK(value("str(nope),nbsrv") == "(none)");
  CHECK(value("str(app/s2),srv_queue") == "1");
  CHECK(value("str(app/s3),srv_queue") == "(none)");
  CHECK(value("str(nope/s1),srv_queue") == "(none)");
  CHECK(value("str(s2),srv_queue") == "(none)");
  scene.choose(0, 0);
  CHECK(value("str(s2),srv_queue") == "1");
  CHECK(value("path,debug(mine),length") == "4");
  CHECK(scene.shown() == "stderr [debug] mine: type=str </a/b>");
  CHECK(value("int(5),debug(,stdout)") == "5");
  CHECK(scene.shown() == "stdout [debug] : type=sint <5>");
  CHECK(value("src,debug(a,stderr),ipmask(8)") == "10.0.0.0");
  CHECK(scene.shown() == "stderr [debug] a: type=ipv4 <10.1.2.3>");
  CHECK(value("str(a%0a%1bb),url_dec,debug").size() == 4);
  CHECK(scene.shown() == "stderr [debug] : type=str <a..b>");
  CHECK(value("bin(414200),debug,hex") == "414200");
  CHECK(scene.shown() == "stderr [debug] : type=bin <AB>");

  const auto fault = [&](std::string_view text) { return read_expression(text, known).fault.message; };
  CHECK(fault("path,capture-req") == "capture-req(integer) takes more arguments");
  CHECK(fault("path,capture-req(64)") == "capture-req: expected a number from 0 to 63");
  CHECK(fault("path,debug(a,buf0)") == "\"buf0\" is no place to show something");
  known.slots = {1, 0};
  CHECK(fault("path,capture-req(0)").empty());
  CHECK(fault("path,capture-req(1)") ==
        "capture-req: the frontend has 1 slots: capture.request_slots declares some");
  CHECK(fault("path,capture-res(0)") ==
        "capture-res: the frontend has 0 slots: capture.response_slots declares some");
}

}  // namespace
}  // namespace corelane::sample
