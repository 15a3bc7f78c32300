// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>

#include <ostream>

#include "config/node.hpp"

namespace corelane::config {

std::ostream& operator<<(std::ostream& out, Position position) {
  return out << position.line << ":" << position.column;
}

namespace {

Node read_sound(std::string_view text) {
  Report report("f");
  std::optional<Node> root = read_json(text, report);
  for (const Diagnostic& diagnostic : report.take()) FAIL_CHECK(diagnostic_text(diagnostic));
  REQUIRE(root);
  return *root;
}

Diagnostic first_fault(std::string_view text) {
  Report report("f");
  CHECK_FALSE(read_json(text, report));
  const std::vector<Diagnostic> faults = report.take();
  REQUIRE(faults.size() == 1);
  return faults[0];
}

TEST_CASE("values are read with their kind, order and content") {
  const Node root =
      read_sound(R"({"n": null, "t": true, "i": -12, "r": 1.5e3, "s": "a\u00e9\n", "a": [1, [2], {}]})");
  REQUIRE(root.kind == Node::Kind::object);
  REQUIRE(root.children.size() == 6);
  CHECK(root.children[0].key == "n");
  CHECK(root.children[0].kind == Node::Kind::null);
  CHECK(root.find("t")->boolean);
  CHECK(root.find("i")->kind == Node::Kind::integer);
  CHECK(root.find("i")->integer == -12);
  CHECK(root.find("i")->text == "-12");
  CHECK(root.find("r")->kind == Node::Kind::real);
  CHECK(root.find("r")->text == "1.5e3");
  CHECK(root.find("s")->text == "a\xc3\xa9\n");
  CHECK(root.find("a")->children.size() == 3);
  CHECK(root.find("x") == nullptr);
}

TEST_CASE("a whole number too long for the machine stays a whole number, at the end of the range") {
  CHECK(read_sound("9223372036854775808").integer == INT64_MAX);
  CHECK(read_sound("123456789012345678901234567890").kind == Node::Kind::integer);
  CHECK(read_sound("123456789012345678901234567890").integer == INT64_MAX);
  CHECK(read_sound("-123456789012345678901234567890").integer == INT64_MIN);
}

TEST_CASE("keys and values know their places, whatever stands between them") {
  const Node root = read_sound(
      "// a comment, with : and \"quotes\"\n"
      "{ /* another\n one */ \"a\" : /* , */ 1 ,\r\n"
      "\t\"b\"\n:\n\"x\\\"y\", \"\xc3\xa9\": [ 10,20 , {\"c\":true}, -3]}");
  CHECK(root.position == Position{2, 1});
  CHECK(root.find("a")->key_position == Position{3, 9});
  CHECK(root.find("a")->position == Position{3, 23});
  CHECK(root.find("b")->key_position == Position{4, 2});
  CHECK(root.find("b")->position == Position{6, 1});
  const Node* list = root.find("\xc3\xa9");
  REQUIRE(list != nullptr);
  CHECK(list->key_position == Position{6, 9});
  CHECK(list->position == Position{6, 14});  // "é" is one character
  CHECK(list->children[0].position == Position{6, 16});
  CHECK(list->children[1].position == Position{6, 19});
  CHECK(list->children[2].position == Position{6, 24});
  CHECK(list->children[2].children[0].position == Position{6, 29});
  CHECK(list->children[3].position == Position{6, 36});
}

TEST_CASE("a byte order mark is no character") {
  CHECK(read_sound("\xef\xbb\xbf{\"a\": 1}").find("a")->position == Position{1, 7});
}

TEST_CASE("syntax faults are named where they are") {
  struct Row {
    std::string_view text;
    Position position;
    std::string_view message;
  };
  const Row rows[] = {
      {"", {1, 1}, "the text ends too early"},
      {"// only a comment\n", {2, 1}, "the text ends too early"},
      {"/* open", {1, 8}, "the text ends too early"},
      {"{", {1, 2}, "the text ends too early: an object that begins at line 1, column 1 is not closed"},
      {"{\n\"a\": [1,\n",
       {3, 1},
       "the text ends too early: a list that begins at line 2, column 6 is not closed"},
      {"{\"a\":\n\"abc\n", {2, 1}, "the string that begins here does not end on its line"},
      {"{\"a\": 1,\n}", {1, 8}, "a comma before '}' is not allowed"},
      {"[1, /* c */ ]", {1, 3}, "a comma before ']' is not allowed"},
      {"[1 2]", {1, 4}, "expected ',' or ']' here"},
      {"{\"a\": 1\n\"b\": 2}", {2, 1}, "expected ',' or '}' here"},
      {"{\"a\": 1]", {1, 8}, "expected ',' or '}' here"},
      {"{\"a\": 01}", {1, 8}, "expected ',' or '}' here"},
      {"{'a': 1}", {1, 2}, "expected a key in double quotes"},
      {"{a: 1}", {1, 2}, "expected a key in double quotes"},
      {"{1: 1}", {1, 2}, "expected a key in double quotes"},
      {"{\"a\": 1,, \"b\": 2}", {1, 9}, "expected a key in double quotes"},
      {"{\"a\" 1}", {1, 6}, "expected ':' between a key and its value"},
      {"{\"a\", 1}", {1, 5}, "expected ':' between a key and its value"},
      {"{\"a\"}", {1, 5}, "expected ':' between a key and its value"},
      {"{\"a\":: 1}",
       {1, 6},
       "expected a value: text in double quotes, a number, true, false, an object or a list"},
      {"{\"a\": tru}",
       {1, 7},
       "expected a value: text in double quotes, a number, true, false, an object or a list"},
      {"{\"a\": 'x'}",
       {1, 7},
       "expected a value: text in double quotes, a number, true, false, an object or a list"},
      {"{\"a\": }",
       {1, 7},
       "expected a value: text in double quotes, a number, true, false, an object or a list"},
      {"x", {1, 1}, "expected an object, { ... }"},
      {"{}\n{}", {2, 1}, "nothing may follow the outermost object"},
      {"{\"a\": \"x\\q\"}", {1, 10}, "invalid string: forbidden character after backslash"},
      {"{\"a\": -}", {1, 7}, "invalid number; expected digit after '-'"},
      {"{\"a\": 1e999}", {1, 7}, "the number is too large"},
      {"{\"a\": /x}", {1, 7}, "invalid comment; expecting '/' or '*' after '/'"},
      {std::string_view("{}\n \0{}", 7), {2, 2}, "a NUL byte is not allowed"},
  };
  for (const Row& row : rows) {
    CAPTURE(row.text);
    const Diagnostic fault = first_fault(row.text);
    CHECK(fault.position == row.position);
    CHECK(fault.message == row.message);
  }
}

TEST_CASE("a syntax fault names the path to it") {
  CHECK(first_fault(R"({"a": {"b": [1, {"c": x}]}})").json_path == "a.b[1].c");
  CHECK(first_fault(R"({"a": {"b" 1}})").json_path == "a.b");
}

TEST_CASE("a duplicate key is reported, left out, and reading goes on") {
  Report report("f");
  const std::optional<Node> root = read_json("{\"a\": {\"x\": 1, \"x\": [2]},\n \"a\": 3, \"b\": 4}", report);
  REQUIRE(root);
  CHECK(root->children.size() == 2);
  CHECK(root->find("a")->find("x")->integer == 1);
  CHECK(root->find("b")->integer == 4);
  const std::vector<Diagnostic> faults = report.take();
  REQUIRE(faults.size() == 2);
  CHECK(diagnostic_text(faults[0]) ==
        "f:1:16: error: a.x: duplicate key; it stands at line 1, column 8 already");
  CHECK(diagnostic_text(faults[1]) ==
        "f:2:2: error: a: duplicate key; it stands at line 1, column 2 already");
}

TEST_CASE("size and depth have limits") {
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  CHECK(read_sound(nested(json_depth_max)).children.size() == 1);
  CHECK(first_fault(nested(json_depth_max + 1)).message == "nested more than 32 deep");
  CHECK(first_fault(nested(json_depth_max + 1)).position == Position{1, json_depth_max + 1});
  CHECK(first_fault(std::string(json_bytes_max + 1, ' ')).message == "the text is longer than 8388608 bytes");
}

}  // namespace
}  // namespace corelane::config
