// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "config/node.hpp"
#include "config/text_cursor.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::json;

std::string place_text(Position position) {
  return fmt::format("line {}, column {}", position.line, position.column);
}

/// Builds the tree from the parser's events. Each event moves the cursor over the token that caused it.
class TreeBuilder final : public nlohmann::json_sax<Json> {
 public:
  TreeBuilder(std::string_view text, Report& report) : text_(text), cursor_(text), report_(report) {}

  std::optional<Node> take_root() { return std::move(root_); }

  bool null() override { return scalar(Node::Kind::null, {}); }
  bool boolean(bool value) override {
    Node node;
    node.boolean = value;
    return scalar(Node::Kind::boolean, std::move(node));
  }
  bool number_integer(number_integer_t value) override { return whole_number(value); }
  bool number_unsigned(number_unsigned_t value) override {
    return whole_number(static_cast<std::int64_t>(std::min<number_unsigned_t>(value, INT64_MAX)));
  }
  bool number_float(number_float_t value, const string_t& written) override {
    // The parser makes a whole number that is too long a float; it stays a number that is out of any range.
    if (written.find_first_of(".eE") == string_t::npos)
      return whole_number(value < 0 ? INT64_MIN : INT64_MAX);
    return scalar(Node::Kind::real, {});
  }
  bool string(string_t& value) override {
    Node node;
    node.text = std::move(value);
    return scalar(Node::Kind::string, std::move(node));
  }
  bool binary(binary_t&) override { return false; }

  bool start_object(std::size_t) override { return open(Node::Kind::object); }
  bool start_array(std::size_t) override { return open(Node::Kind::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& key) override {
    cursor_.skip_to_token();
    Frame& frame = open_.back();
    frame.key_position = cursor_.position();
    const auto [known, fresh] = frame.keys.try_emplace(key, frame.key_position);
    frame.duplicate = !fresh;
    if (!fresh) {
      report_.error(frame.key_position, path_key(path(), key),
                    fmt::format("duplicate key; it stands at {} already", place_text(known->second)));
    }
    frame.key = std::move(key);
    frame.awaits_value = true;
    cursor_.skip_token();
    return true;
  }

  bool parse_error(std::size_t bytes_read, const std::string&,
                   const nlohmann::detail::exception& error) override {
    const std::size_t last_byte = std::max<std::size_t>(bytes_read, 1) - 1;
    TextCursor at = cursor_;
    if (at.offset() > last_byte) {
      at = TextCursor(text_);
      at.move_to(last_byte);
    }
    at.skip_to_token(last_byte);
    explain(at, last_byte, error.what());
    return false;
  }

 private:
  struct Frame {
    Node node;
    std::map<std::string, Position> keys;
    std::string key;
    Position key_position;
    bool duplicate = false;
    bool awaits_value = false;
  };

  bool scalar(Node::Kind kind, Node node) {
    cursor_.skip_to_token();
    node.kind = kind;
    node.position = cursor_.position();
    const std::size_t start = cursor_.offset();
    cursor_.skip_token();
    const std::string_view written = cursor_.text_since(start);
    if (kind == Node::Kind::integer || kind == Node::Kind::real) node.text = written;
    if (kind == Node::Kind::string && written.find('\\') != std::string_view::npos) node.written = written;
    attach(std::move(node));
    return true;
  }

  bool whole_number(std::int64_t value) {
    Node node;
    node.integer = value;
    return scalar(Node::Kind::integer, std::move(node));
  }

  bool open(Node::Kind kind) {
    cursor_.skip_to_token();
    if (open_.size() == json_depth_max) {
      report_.error(cursor_.position(), path(), fmt::format("nested more than {} deep", json_depth_max));
      return false;
    }
    Frame& frame = open_.emplace_back();
    frame.node.kind = kind;
    frame.node.position = cursor_.position();
    cursor_.skip_token();
    return true;
  }

  bool close() {
    cursor_.skip_to_token();
    cursor_.skip_token();
    Node node = std::move(open_.back().node);
    open_.pop_back();
    attach(std::move(node));
    return true;
  }

  void attach(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = open_.back();
    frame.awaits_value = false;
    if (frame.duplicate) {
      frame.duplicate = false;
      return;
    }
    node.key = std::move(frame.key);
    node.key_position = frame.key_position;
    frame.node.children.push_back(std::move(node));
  }

  /// Where in the tree the reader is.
  std::string path() const {
    std::string path;
    for (const Frame& frame : open_) {
      if (frame.node.kind == Node::Kind::array) {
        path = &frame == &open_.back() ? path : path_index(path, frame.node.children.size());
      } else if (frame.awaits_value) {
        path = path_key(path, frame.key);
      }
    }
    return path;
  }

  void explain(const TextCursor& at, std::size_t last_byte, std::string_view what);
  std::string expectation(const TextCursor& at) const;

  std::string_view text_;
  TextCursor cursor_;
  Report& report_;
  std::vector<Frame> open_;
  std::optional<Node> root_;
};

/// What should have stood where `at` is, said from what was read before.
std::string TreeBuilder::expectation(const TextCursor& at) const {
  if (open_.empty()) return root_ ? "nothing may follow the outermost object" : "expected an object, { ... }";
  const Frame& frame = open_.back();
  const bool object = frame.node.kind == Node::Kind::object;
  if (frame.awaits_value && at.separator() != ':') return "expected ':' between a key and its value";
  if (!frame.awaits_value && !frame.node.children.empty() && at.separator() != ',') {
    return fmt::format("expected ',' or '{}' here", object ? '}' : ']');
  }
  if (object && !frame.awaits_value) return "expected a key in double quotes";
  return "expected a value: text in double quotes, a number, true, false, an object or a list";
}

/// What is wrong inside a token, in the parser's words: "invalid string: ... must be escaped". Empty
/// otherwise.
std::string_view token_fault(std::string_view what) {
  constexpr std::string_view introduction = " - invalid ";
  const std::size_t start = what.find(introduction);
  if (start == std::string_view::npos) return {};
  what.remove_prefix(start + 3);
  return what.substr(0, what.find("; last read:"));
}

/// Says what is wrong in the words of somebody who writes the file.
void TreeBuilder::explain(const TextCursor& at, std::size_t last_byte, std::string_view what) {
  const char c = at.current();
  const bool number = c == '-' || (c >= '0' && c <= '9');
  TextCursor inside = at;
  inside.move_to(last_byte);
  if (at.at_end()) {
    std::string message = "the text ends too early";
    if (!open_.empty()) {
      const Node& node = open_.back().node;
      message += fmt::format(": {} that begins at {} is not closed", node_kind_text(node.kind),
                             place_text(node.position));
    }
    report_.error(at.position(), path(), message);
  } else if ((c == '}' || c == ']') && at.separator() == ',') {
    report_.error(at.separator_position(), path(), fmt::format("a comma before '{}' is not allowed", c));
  } else if (c == '"' && !token_fault(what).empty()) {
    if (inside.at_end() || inside.current() == '\n') {
      report_.error(at.position(), path(), "the string that begins here does not end on its line");
    } else {
      report_.error(inside.position(), path(), std::string(token_fault(what)));
    }
  } else if ((number || c == '/') && !token_fault(what).empty()) {
    report_.error(at.position(), path(), std::string(token_fault(what)));
  } else if (number && what.find("number overflow") != std::string_view::npos) {
    report_.error(at.position(), path(), "the number is too large");
  } else {
    report_.error(at.position(), path(), expectation(at));
  }
}

/// The first NUL byte's place. The parser would take it for the end of the text.
std::optional<Position> nul_position(std::string_view text) {
  const std::size_t offset = text.find('\0');
  if (offset == std::string_view::npos) return std::nullopt;
  TextCursor cursor(text);
  cursor.move_to(offset);
  return cursor.position();
}

}  // namespace

const Node* Node::find(std::string_view wanted) const noexcept {
  const auto found = std::find_if(children.begin(), children.end(),
                                  [wanted](const Node& child) { return child.key == wanted; });
  return found == children.end() ? nullptr : &*found;
}

namespace {

/// Behind a character of a string, or behind its escape where it may have some.
std::size_t skip_written(std::string_view written, std::size_t at, bool escapes) {
  if (escapes && written[at] == '\\') return at + (written[at + 1] == 'u' ? 6 : 2);
  while (++at < written.size() && (static_cast<unsigned char>(written[at]) & 0xc0) == 0x80) {
  }
  return at;
}

/// Bytes of the content that the character at `at` stands for. Each half of a surrogate pair counts for two.
std::size_t content_bytes(std::string_view written, std::size_t at, std::size_t next) {
  if (written[at] != '\\') return next - at;
  if (written[at + 1] != 'u') return 1;
  const auto code = static_cast<unsigned>(std::stoul(std::string(written.substr(at + 2, 4)), nullptr, 16));
  if (code >= 0xd800 && code < 0xe000) return 2;
  return code < 0x80 ? 1 : code < 0x800 ? 2 : 3;
}

}  // namespace

Position position_in(const Node& text, std::size_t offset) {
  const bool escapes = !text.written.empty();
  const std::string_view written = escapes ? std::string_view(text.written).substr(1) : text.text;
  Position position = text.position;
  ++position.column;  // the quote
  std::size_t next = 0;
  std::size_t content = 0;
  for (std::size_t at = 0; at < written.size() && content < offset; at = next) {
    next = skip_written(written, at, escapes);
    content += escapes ? content_bytes(written, at, next) : next - at;
    position.column += escapes && written[at] == '\\' ? static_cast<std::uint32_t>(next - at) : 1;
  }
  return position;
}

std::string_view node_kind_text(Node::Kind kind) {
  switch (kind) {
    case Node::Kind::null:
      return "null";
    case Node::Kind::boolean:
      return "a boolean";
    case Node::Kind::integer:
      return "a number";
    case Node::Kind::real:
      return "a number with a fraction";
    case Node::Kind::string:
      return "a string";
    case Node::Kind::array:
      return "a list";
    case Node::Kind::object:
      return "an object";
  }
  return "";
}

std::optional<Node> read_json(std::string_view text, Report& report) {
  if (text.size() > json_bytes_max) {
    report.error({}, "", fmt::format("the text is longer than {} bytes", json_bytes_max));
    return std::nullopt;
  }
  if (const std::optional<Position> nul = nul_position(text)) {
    report.error(*nul, "", "a NUL byte is not allowed");
    return std::nullopt;
  }
  TreeBuilder builder(text, report);
  constexpr bool nothing_may_follow = true;
  constexpr bool ignore_comments = true;
  const bool sound =
      Json::sax_parse(text.begin(), text.end(), &builder, nlohmann::detail::input_format_t::json,
                      nothing_may_follow, ignore_comments);
  return sound ? builder.take_root() : std::nullopt;
}

}  // namespace corelane::config
