// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <string>

#include "base/check.hpp"
#include "base/near_miss.hpp"
#include "config/field.hpp"
#include "config/haproxy_words.hpp"
#include "config/reference.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

/// A default as the node it would be in the file.
Node default_node(const Field& field) {
  Node node;
  node.text = field.default_text;
  node.kind = field.type->spelling;
  if (node.kind == Node::Kind::boolean) node.boolean = field.default_text == "true";
  if (node.kind == Node::Kind::integer) node.integer = std::stoll(node.text);
  return node;
}

std::vector<std::string_view> keys_of(const Section& section) {
  std::vector<std::string_view> keys;
  for (const Field& field : section.fields) keys.push_back(field.key);
  return keys;
}

const Field* find_field(const Section& section, std::string_view key) {
  const auto found = std::find_if(section.fields.begin(), section.fields.end(),
                                  [key](const Field& field) { return field.key == key; });
  return found == section.fields.end() ? nullptr : &*found;
}

/// Where the key belongs: if the file has objects of this one's name that know it, in those.
std::vector<std::string> homes_of(std::string_view key, const std::string& path) {
  std::vector<std::string> homes = sections_with_key(key);
  const std::string name = path.substr(std::min(path.size(), path.rfind('.')));
  std::vector<std::string> namesakes;
  for (const std::string& home : homes)
    if (!name.empty() && home.ends_with(name)) namesakes.push_back(home);
  return namesakes.empty() ? homes : namesakes;
}

std::string instead_of(const Section& section, std::string_view key) {
  std::string instead = section.instead_of_key != nullptr ? section.instead_of_key(key) : std::string();
  return instead.empty() ? std::string(instead_of_haproxy_word(key)) : instead;
}

/// An unknown key is either misspelt or stands in the wrong place; the fault says which.
void refuse_unknown_key(DecodeContext& context, const Section& section, const Node& child,
                        const std::string& path) {
  const std::vector<std::string_view> keys = keys_of(section);
  std::string_view meant = key_of_haproxy_word(child.key, keys);
  const std::string instead = meant.empty() ? instead_of(section, child.key) : std::string();
  if (meant.empty() && instead.empty()) meant = base::near_miss(child.key, keys);
  Hint hint{{keys.begin(), keys.end()}, std::string(meant)};
  std::string message = "unknown key";
  if (!instead.empty()) {
    message += ": " + instead;
  } else if (hint.near_miss.empty()) {
    const std::vector<std::string> homes = homes_of(child.key, path);
    if (!homes.empty()) {
      message = fmt::format("has no effect here; it belongs in {}", fmt::join(homes, " or "));
    }
  }
  context.report.error(child.key_position, path_key(path, child.key), std::move(message), std::move(hint));
}

bool read_element(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                  void* member, const void* parent) {
  if (field.section != nullptr) return read_object(context, *field.section, node, path, member, parent);
  return field.type->read(context, field, node, path, member);
}

bool check_length(DecodeContext& context, const Field& field, const Node& node, const std::string& path) {
  const auto length = static_cast<std::int64_t>(node.children.size());
  if (length >= field.bounds.min && length <= field.bounds.max) return true;
  const std::string_view what = length < field.bounds.min ? "too few entries" : "too many entries";
  context.report.error(node.position, path, fmt::format("{}: {}", what, length),
                       {{fmt::format("{} to {}", field.bounds.min, field.bounds.max)}, ""});
  return false;
}

std::string such_as(std::string_view form, const Section* section, std::string_view before = {},
                    std::string_view after = {}) {
  if (section == nullptr || section->example.empty()) return std::string(form);
  return fmt::format("{} such as {}{}{}", form, before, section->example, after);
}

bool check_name(DecodeContext& context, const Node& child, const std::string& path) {
  if (is_name(child.key)) return true;
  context.report.error(child.key_position, path,
                       fmt::format("\"{}\" is not a name: {}", child.key, name_fault));
  return false;
}

/// Every entry is appended, a faulty one too: later checks find an entry's node at the same position.
bool read_list(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
               void* list, const void* parent) {
  const Node::Kind wanted = field.is_named() ? Node::Kind::object : Node::Kind::array;
  if (node.kind != wanted) {
    const bool named = field.is_named();
    return refuse_kind(
        context, node, path,
        such_as(node_kind_text(wanted), field.section, named ? "{\"NAME\": " : "[", named ? "}" : "]"));
  }
  field.list.clear(list);  // what was handed down
  bool sound = check_length(context, field, node, path);
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const Node& child = node.children[i];
    const std::string child_path = field.is_named() ? path_key(path, child.key) : path_index(path, i);
    void* element = field.list.append(list);
    if (field.is_named()) {
      sound = check_name(context, child, child_path) && sound;
      field.list.name(element) = child.key;
    }
    if (field.section != nullptr) apply_defaults(*field.section, element);
    sound = read_element(context, field, child, child_path, element, parent) && sound;
  }
  return sound;
}

bool read_field(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                void* object) {
  if (field.is_optional()) {
    const bool refused = field.section->switchable && node.kind == Node::Kind::boolean && !node.boolean;
    apply_defaults(*field.section, field.optional.emplace(object));
    if (refused) field.optional.reset(object);
    if (field.optional.refused != nullptr) field.optional.refused(object) = refused;
    if (field.section->switchable && node.kind == Node::Kind::boolean) return true;
  }
  void* member = field.member(object);
  if (field.is_list()) return read_list(context, field, node, path, member, object);
  return read_element(context, field, node, path, member, object);
}

/// One object while it is read: which of its keys were given and which were faulty.
class ObjectReader {
 public:
  ObjectReader(DecodeContext& context, const Section& section, const Node& node, const std::string& path,
               void* object)
      : context_(context), section_(section), node_(node), path_(path), object_(object) {}

  /// The value of the shorthand key stands for the whole object.
  bool read_bare(const Node& value) {
    for (const Field& field : section_.fields) {
      if (field.key == section_.shorthand) sound_ = read_field(context_, field, value, path_, object_);
    }
    for (const Field& field : section_.fields) apply_condition(field);
    return sound_;
  }

  bool read() {
    for (const Node& child : node_.children) {
      if (find_field(section_, child.key) != nullptr) continue;
      refuse_unknown_key(context_, section_, child, path_);
      sound_ = false;
    }
    for (const Field& field : section_.fields) read_one(field);
    for (const Field& field : section_.fields) apply_condition(field);
    return sound_;
  }

 private:
  bool faulty(std::string_view key) const {
    if (key.empty()) return !faulty_.empty();
    return std::find(faulty_.begin(), faulty_.end(), key) != faulty_.end();
  }

  void read_one(const Field& field) {
    const Node* child = node_.find(field.key);
    if (child == nullptr && field.required) {
      context_.report.error(node_.position, path_, fmt::format("the key \"{}\" is missing", field.key));
      sound_ = false;
      faulty_.push_back(field.key);
    } else if (child != nullptr &&
               !read_field(context_, field, *child, path_key(path_, field.key), object_)) {
      sound_ = false;
      faulty_.push_back(field.key);
    }
  }

  /// A key without effect is a fault where it is given; where it was handed down it falls back to its
  /// default.
  void apply_condition(const Field& field) {
    if (field.condition.holds == nullptr || field.condition.holds(object_)) return;
    const Node* child = node_.find(field.key);
    if (faulty(field.condition.decider)) {
      faulty_.push_back(field.key);  // it may decide over others in turn
    } else if (child == nullptr) {
      apply_default(field, object_);
    } else {
      context_.report.error(child->key_position, path_key(path_, field.key),
                            fmt::format("has no effect unless {}", field.condition.text()));
      sound_ = false;
    }
  }

  DecodeContext& context_;
  const Section& section_;
  const Node& node_;
  const std::string& path_;
  void* object_;
  std::vector<std::string_view> faulty_;
  bool sound_ = true;
};

}  // namespace

void apply_default(const Field& field, void* object) {
  if (field.is_optional()) {
    field.optional.reset(object);
    return;
  }
  void* member = field.member(object);
  if (field.is_list()) {
    field.list.clear(member);
    return;
  }
  if (field.section != nullptr) {
    apply_defaults(*field.section, member);
    return;
  }
  if (field.default_text.empty()) {
    if (field.type->clear != nullptr) field.type->clear(member);
    return;
  }
  Report report("default");
  DecodeContext context{report, std::nullopt};
  CORELANE_CHECK(field.type->read(context, field, default_node(field), "", member));
}

void apply_defaults(const Section& section, void* object) {
  for (const Field& field : section.fields) apply_default(field, object);
}

namespace {

std::string_view object_form(const Section& section, const Field* shorthand) {
  if (section.switchable) return "true, false or an object";
  if (shorthand == nullptr) return "an object";
  return shorthand->type->spelling == Node::Kind::boolean ? "true, false or an object"
                                                          : "a word or an object";
}

}  // namespace

bool read_object(DecodeContext& context, const Section& section, const Node& node, const std::string& path,
                 void* object, const void* parent) {
  const Field* shorthand = find_field(section, section.shorthand);
  const bool bare = shorthand != nullptr && node.kind == shorthand->type->spelling;
  if (section.prepare != nullptr) section.prepare(object, parent);
  if (node.kind != Node::Kind::object && !bare) {
    return refuse_kind(context, node, path, such_as(object_form(section, shorthand), &section));
  }
  const Node no_keys;
  ObjectReader reader(context, section, bare ? no_keys : node, path, object);
  const std::size_t errors = context.report.errors();
  const bool sound = bare ? reader.read_bare(node) : reader.read();
  if (section.finish != nullptr) section.finish(context, node, path, object, parent);
  return sound && context.report.errors() == errors;
}

}  // namespace corelane::config
