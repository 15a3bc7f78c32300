// SPDX-License-Identifier: Apache-2.0
#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <set>
#include <span>
#include <utility>

#include "base/units.hpp"
#include "config/node.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"
#include "sample.hpp"

/// Faulty configurations made from the field tables: every key of the full sample is spoilt in every way that
/// its row rules out, and the one error that results must name the right place and nothing else. Each fault
/// is put into as much of the sample as it may have to do with, because a whole one takes long to read.
namespace corelane::config {
namespace {

/// Writes a tree as JSON text, one value a line, and notes where one node of it comes to stand.
class Printer {
 public:
  explicit Printer(const Node* marked) : marked_(marked) {}

  void print(const Node& node, bool with_key) {
    if (&node == marked_ && with_key) key_position = here();
    if (with_key) put(nlohmann::json(node.key).dump() + ": ");
    if (&node == marked_) value_position = here();
    switch (node.kind) {
      case Node::Kind::null:
        put("null");
        break;
      case Node::Kind::boolean:
        put(node.boolean ? "true" : "false");
        break;
      case Node::Kind::integer:
      case Node::Kind::real:
        put(node.text);
        break;
      case Node::Kind::string:
        put(nlohmann::json(node.text).dump());
        break;
      case Node::Kind::array:
        print_children(node, '[', ']');
        break;
      case Node::Kind::object:
        print_children(node, '{', '}');
        break;
    }
  }

  std::string text;
  Position key_position;
  Position value_position;

 private:
  void print_children(const Node& node, char open, char close) {
    put(std::string(1, open));
    for (const Node& child : node.children) {
      if (&child != &node.children.front()) put(",");
      put("\n");
      print(child, node.kind == Node::Kind::object);
    }
    put(std::string(1, close));
  }

  void put(const std::string& part) {
    text += part;
    const std::size_t line_end = part.rfind('\n');
    if (line_end == std::string::npos) {
      column_ += static_cast<std::uint32_t>(part.size());
    } else {
      ++line_;
      column_ = static_cast<std::uint32_t>(part.size() - line_end);
    }
  }

  Position here() const { return {line_, column_}; }

  const Node* marked_;
  std::uint32_t line_ = 1;
  std::uint32_t column_ = 1;
};

Node number(std::int64_t value) {
  Node node;
  node.kind = Node::Kind::integer;
  node.text = std::to_string(value);
  return node;
}

Node string(std::string text) {
  Node node;
  node.kind = Node::Kind::string;
  node.text = std::move(text);
  return node;
}

Node of_kind(Node::Kind kind) {
  Node node;
  node.kind = kind;
  if (kind == Node::Kind::real) node.text = "1.5";
  return node;
}

/// Whether true and false may stand for the whole object.
bool has_boolean_shorthand(const Field& field) {
  if (field.section == nullptr) return false;
  if (field.section->switchable) return true;
  for (const Field& inner : field.section->fields)
    if (inner.key == field.section->shorthand) return inner.type == &boolean_type;
  return false;
}

Node sample_tree() {
  Report report("f");
  return *read_json(full_sample, report);
}

/// The sample without the other backends and the frontends that lead to them.
Node with_backends(const Node& sample, std::span<const std::string> names) {
  const auto left_out = [names](const std::string& name) {
    return std::find(names.begin(), names.end(), name) == names.end();
  };
  Node part = sample;
  for (Node& child : part.children) {
    if (child.key == "backends") {
      std::erase_if(child.children, [&](const Node& backend) { return left_out(backend.key); });
    } else if (child.key == "frontends") {
      std::erase_if(child.children,
                    [&](const Node& frontend) { return left_out(frontend.find("default_backend")->text); });
    }
  }
  return part;
}

/// The sample in parts of one backend each.
std::vector<Node> sample_parts() {
  const Node sample = sample_tree();
  std::vector<Node> parts;
  for (const Node& backend : sample.find("backends")->children)
    parts.push_back(with_backends(sample, {&backend.key, 1}));
  return parts;
}

/// A tree that is spoilt, loaded and mended again, once for each case.
class Spoiler {
 public:
  void spoil_everything() {
    const std::string both_modes[] = {"app", "site"};
    root_ = with_backends(sample_tree(), both_modes);
    for (const Field& field : document_section.fields)
      if (!is_in_parts(field)) spoil(document_section, field, root_, "");
    for (Node& part : sample_parts()) {
      root_ = std::move(part);
      for (const Field& field : document_section.fields)
        if (is_in_parts(field)) spoil(document_section, field, root_, "");
    }
  }

  int cases = 0;
  std::set<const Field*> fields_seen;

 private:
  enum class At { key, value };

  static bool is_in_parts(const Field& field) { return field.key == "frontends" || field.key == "backends"; }

  /// The one fault of the tree as it is now must be at this node.
  void expect(const Node& marked, At at, const std::string& path, const std::string& near_miss = "") {
    ++cases;
    Printer printer(&marked);
    printer.print(root_, false);
    const LoadResult result = load(printer.text, "f");
    CAPTURE(printer.text);
    CAPTURE(path);
    CHECK_FALSE(result.model);
    REQUIRE(result.diagnostics.size() == 1);
    const Diagnostic& fault = result.diagnostics[0];
    CAPTURE(diagnostic_text(fault));
    CHECK(fault.json_path == path);
    CHECK((fault.position == (at == At::key ? printer.key_position : printer.value_position)));
    if (!near_miss.empty()) CHECK(fault.near_miss == near_miss);
  }

  void expect_with_value(Node& node, const Node& value, const std::string& path,
                         const std::string& near_miss = "") {
    const Node sound = node;
    node = value;
    node.key = sound.key;
    expect(node, At::value, path, near_miss);
    node = sound;
  }

  void walk(const Section& section, Node& object, const std::string& path) {
    for (const Field& field : section.fields) spoil(section, field, object, path);
  }

  void spoil(const Section& section, const Field& field, Node& object, const std::string& path) {
    spoil_key(section, field, object, path);
    // References into the children are taken anew: the cases above add and remove some.
    for (Node& child : object.children) {
      if (child.key == field.key) spoil_field(field, child, path_key(path, field.key));
    }
  }

  void spoil_key(const Section& section, const Field& field, Node& object, const std::string& path) {
    // What is said about it is the same in every object of the section.
    if (misspelt_.emplace(&section, &field).second) {
      Node misspelt = of_kind(Node::Kind::null);
      misspelt.key = std::string(field.key) + "x";
      object.children.push_back(misspelt);
      expect(object.children.back(), At::key, path_key(path, misspelt.key), std::string(field.key));
      object.children.pop_back();
    }
    if (const Node* given = object.find(field.key); given != nullptr && doubled_.insert(&field).second) {
      object.children.push_back(Node(*given));
      expect(object.children.back(), At::key, path_key(path, field.key));
      object.children.pop_back();
    }
    if (field.required) {
      const std::vector<Node> sound = object.children;
      std::erase_if(object.children, [&field](const Node& child) { return child.key == field.key; });
      expect(object, At::value, path);
      object.children = sound;
    }
  }

  void spoil_field(const Field& field, Node& node, const std::string& path) {
    fields_seen.insert(&field);
    spoil_kind(field, node, path);
    if (field.is_list()) {
      spoil_list(field, node, path);
    } else if (field.section == nullptr) {
      spoil_value(field, node, path);
    } else if (node.kind == Node::Kind::object) {
      walk(*field.section, node, path);
    }
  }

  void spoil_kind(const Field& field, Node& node, const std::string& path) {
    const bool list = field.is_list() && !field.is_named();
    const bool object = field.section != nullptr && !list;
    expect_with_value(node, of_kind(Node::Kind::null), path);
    expect_with_value(node, of_kind(Node::Kind::real), path);
    if (!list) expect_with_value(node, of_kind(Node::Kind::array), path);
    if (!object) expect_with_value(node, of_kind(Node::Kind::object), path);
    const bool boolean = field.type == &boolean_type || field.type == &optional_boolean_type ||
                         field.type == &accept_proxy_type || has_boolean_shorthand(field);
    if (!boolean || list) expect_with_value(node, of_kind(Node::Kind::boolean), path);
  }

  void spoil_list(const Field& field, Node& node, const std::string& path) {
    if (field.bounds.min > 0) expect_with_value(node, of_kind(node.kind), path);
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      Node& child = node.children[i];
      const std::string child_path = field.is_named() ? path_key(path, child.key) : path_index(path, i);
      expect_with_value(child, of_kind(Node::Kind::null), child_path);
      if (field.section != nullptr) {
        walk(*field.section, child, child_path);
      } else {
        spoil_value(field, child, child_path);
      }
    }
  }

  void spoil_value(const Field& field, Node& node, const std::string& path) {
    if (field.type == &schema_reference_type) return;
    expect_with_value(node, string(""), path);
    if (field.type == &content_type || field.type == &regex_type) return;  // any text may be sound
    expect_with_value(node, string("\xc3\xa9\n\""), path);
    if (field.words != nullptr) spoil_words(field, node, path);
    if (field.bounds.max != Bounds{}.max) spoil_bounds(field, node, path);
  }

  void spoil_words(const Field& field, Node& node, const std::string& path) {
    for (std::string_view word : field.words()) {
      expect_with_value(node, string(std::string(word) + "~"), path, std::string(word));
    }
  }

  /// One beyond each bound, in the spelling of the row's type.
  void spoil_bounds(const Field& field, Node& node, const std::string& path) {
    std::int64_t step = 1;
    std::function<Node(std::int64_t)> spell = number;
    if (field.type == &duration_type || field.type == &whole_seconds_type) {
      step = field.type == &whole_seconds_type ? 1000 : 1;
      spell = [](std::int64_t ms) { return string(base::duration_text(ms)); };
    }
    if (field.type == &size_type) {
      spell = [](std::int64_t bytes) { return string(base::size_text(static_cast<std::uint64_t>(bytes))); };
    }
    expect_with_value(node, spell(field.bounds.max + step), path);
    if (field.bounds.min >= step) expect_with_value(node, spell(field.bounds.min - step), path);
    if (field.type == &count_type) expect_with_value(node, number(-1), path);
  }

  Node root_;
  std::set<std::pair<const Section*, const Field*>> misspelt_;
  std::set<const Field*> doubled_;
};

void collect_fields(const Section& section, std::set<const Field*>& fields) {
  for (const Field& field : section.fields) {
    fields.insert(&field);
    if (field.section != nullptr) collect_fields(*field.section, fields);
  }
}

TEST_CASE("every key of every table, spoilt in any way, is named with nothing beside it") {
  Spoiler spoiler;
  spoiler.spoil_everything();
  MESSAGE(spoiler.cases, " faulty configurations");
  std::set<const Field*> fields;
  collect_fields(document_section, fields);
  for (const Field* field : fields) {
    CAPTURE(field->key);
    CHECK(spoiler.fields_seen.count(field) == 1);
  }
}

/// Every kind of token, in few bytes.
constexpr std::string_view all_tokens =
    "{ // a comment\n  \"text\": [\"\\u00e9\\n\\\"\", \"\xc3\xa9\"], /* and\r\n another */\r\n"
    "\t\"numbers\": [0, -12, 3.25, 1e9, -2.5E-3],\"words\" : [true,false , null], \"nested\": {\"a\": [{}, "
    "[]]}}";

TEST_CASE("a text that ends anywhere has one fault, not beyond its end") {
  Report report("f");
  REQUIRE(read_json(all_tokens, report));
  for (std::size_t length = 0; length < all_tokens.size(); ++length) {
    const std::string_view part = all_tokens.substr(0, length);
    CAPTURE(part);
    const LoadResult result = load(part, "f");
    CHECK_FALSE(result.model);
    REQUIRE(result.diagnostics.size() == 1);
    const auto line_end = part.rfind('\n');
    const auto lines = static_cast<std::uint32_t>(std::count(part.begin(), part.end(), '\n'));
    const Position end{
        lines + 1, static_cast<std::uint32_t>(part.size() - (line_end == part.npos ? 0 : line_end + 1)) + 1};
    CHECK((result.diagnostics[0].position <= end));
    CHECK((result.diagnostics[0].position >= Position{1, 1}));
  }
}

/// xorshift: the same sequence on every machine.
std::uint32_t next_random(std::uint32_t& state) {
  state ^= state << 13;
  state ^= state >> 17;
  state ^= state << 5;
  return state;
}

TEST_CASE("a text with bytes overwritten never does harm, and what loads is loaded back") {
  constexpr std::string_view bytes = "{}[]\",:0123456789-.eE/* \n\\ux\xff\x80tfn@";
  std::vector<std::string> sound;
  for (const Node& part : sample_parts()) {
    Printer printer(nullptr);
    printer.print(part, false);
    sound.push_back(std::move(printer.text));
  }
  std::uint32_t state = 20'260'101;
  for (std::size_t round = 0; round < 3000; ++round) {
    std::string text = sound[round % sound.size()];
    for (std::uint32_t change = next_random(state) % 3 + 1; change > 0; --change) {
      text[next_random(state) % text.size()] = bytes[next_random(state) % bytes.size()];
    }
    CAPTURE(text);
    const LoadResult result = load(text, "f");
    if (result.model) {
      CHECK(load(dump(*result.model), "f").model == result.model);
    } else {
      CHECK_FALSE(result.diagnostics.empty());
    }
  }
}

}  // namespace
}  // namespace corelane::config
