// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/near_miss.hpp"
#include "config/haproxy_words.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t token_bytes_max = 128;
constexpr std::size_t text_bytes_max = 256;
constexpr std::size_t uri_bytes_max = 1024;
constexpr std::string_view tchar_marks = "!#$%&'*+-.^_`|~";
constexpr std::string_view none_word = "none";
constexpr std::string_view all_word = "all-retryable-errors";

constexpr std::uint16_t page_statuses[] = {200, 400, 401, 403, 404, 405, 407, 408, 410, 413, 414,
                                           421, 422, 425, 429, 431, 500, 501, 502, 503, 504, 505};

constexpr std::uint32_t bit(RetryReason reason) {
  return 1U << static_cast<unsigned>(reason);
}

constexpr std::uint32_t all_bits = bit(RetryReason::conn_failure) | bit(RetryReason::empty_response) |
                                   bit(RetryReason::junk_response) | bit(RetryReason::response_timeout) |
                                   bit(RetryReason::status_500) | bit(RetryReason::status_502) |
                                   bit(RetryReason::status_503) | bit(RetryReason::status_504);

// --- mode

bool read_mode(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
               void* member) {
  if (enum_word_type.read(context, field, node, path, member)) return true;
  *static_cast<Mode*>(member) = Mode::http;
  return false;
}

// --- sets of words; the member begins with its bits

std::uint32_t& bits_of(void* member) {
  return *static_cast<std::uint32_t*>(member);
}
std::uint32_t bits_of(const void* member) {
  return *static_cast<const std::uint32_t*>(member);
}

bool refuse_word(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                 std::span<const std::string_view> words) {
  const std::string message =
      node.kind == Node::Kind::string
          ? fmt::format("\"{}\" is not a known word of {}", node.text, field.key)
          : fmt::format("expected a word in double quotes, found {}", node_kind_text(node.kind));
  context.report.error(node.position, path, message,
                       {{words.begin(), words.end()}, std::string(base::near_miss(node.text, words))});
  return false;
}

bool read_set_word(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                   bool, std::uint32_t& bits) {
  const std::span<const std::string_view> words = field.words();
  const auto found = std::find(words.begin(), words.end(), node.text);
  if (node.kind != Node::Kind::string || found == words.end())
    return refuse_word(context, field, node, path, words);
  bits |= 1U << static_cast<unsigned>(found - words.begin());
  return true;
}

using ReadWord = bool (*)(DecodeContext&, const Field&, const Node&, const std::string& path, bool alone,
                          std::uint32_t& bits);

/// One word, or a list of some.
template <ReadWord read>
bool read_words(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                void* member) {
  const bool bare = node.kind == Node::Kind::string;
  if (!bare && (node.kind != Node::Kind::array || node.children.empty()))
    return refuse_kind(context, node, path, "a word or a list of words");
  std::uint32_t bits = 0;
  bool sound = !bare || read(context, field, node, path, true, bits);
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    const bool alone = node.children.size() == 1;
    sound = read(context, field, node.children[i], path_index(path, i), alone, bits) && sound;
  }
  bits_of(member) = bits;
  return sound;
}

Json words_of(std::span<const std::string_view> words, std::uint32_t bits) {
  Json list = Json::array();
  for (std::size_t i = 0; i < words.size(); ++i) {
    if ((bits >> i & 1U) != 0) list.push_back(words[i]);
  }
  return list;
}

void write_word_set(const EncodeContext&, const Field& field, const void* member, Json& value) {
  value = words_of(field.words(), bits_of(member));
}

void describe_words(const Field& field, Json& schema) {
  const std::span<const std::string_view> words = field.words();
  Json word;
  word["enum"] = std::vector<std::string>(words.begin(), words.end());
  const Json list{{"type", "array"}, {"items", word}, {"minItems", 1}};
  schema["anyOf"] = Json::array({word, list});
}

bool empty_set(const void* member) {
  return bits_of(member) == 0;
}

void clear_set(void* member) {
  bits_of(member) = 0;
}

// --- retry_on: beside the reasons there are words for none and for several

/// The last two of the row's words are those.
std::span<const std::string_view> reasons_of(const Field& field) {
  return field.words().first(field.words().size() - 2);
}

bool read_reason(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                 bool alone, std::uint32_t& bits) {
  const bool is_word = node.kind == Node::Kind::string;
  if (is_word && node.text == all_word) {
    bits |= all_bits;
    return true;
  }
  if (is_word && node.text == none_word) {
    if (!alone) context.report.error(node.position, path, "\"none\" stands alone");
    return alone;
  }
  const std::span<const std::string_view> reasons = reasons_of(field);
  const auto found = std::find(reasons.begin(), reasons.end(), node.text);
  if (const std::string_view instead = instead_of_haproxy_word(node.text); is_word && !instead.empty()) {
    context.report.error(node.position, path, fmt::format("\"{}\": {}", node.text, instead));
    return false;
  }
  if (!is_word || found == reasons.end()) return refuse_word(context, field, node, path, field.words());
  bits |= 1U << static_cast<unsigned>(found - reasons.begin());
  return true;
}

void write_retry_on(const EncodeContext&, const Field& field, const void* member, Json& value) {
  value = words_of(reasons_of(field), bits_of(member));
  if (value.empty()) value = none_word;
}

// --- texts of which only certain characters may be

bool is_tchar(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         tchar_marks.find(c) != std::string_view::npos;
}

bool is_visible(char c) {
  return c > ' ' && c < 0x7f;
}

bool is_cookie_octet(char c) {
  return is_visible(c) && c != '"' && c != ',' && c != ';' && c != '\\';
}

bool is_attribute_character(char c) {
  return c >= ' ' && c < 0x7f && c != ';';
}

bool is_domain_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
}

/// One kind of text: which characters, how many, and what a fault says is wanted.
struct TextKind {
  bool (*allowed)(char);
  std::size_t bytes_max;
  std::string_view wanted;
  std::string_view pattern;
  std::string_view begin = {};
};

constexpr TextKind token{is_tchar, token_bytes_max,
                         "a name of letters, digits and any of ! # $ % & ' * + - . ^ _ ` | ~",
                         "^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$"};
constexpr TextKind uri_path{is_visible, uri_bytes_max, "a path that begins with / and has no blanks",
                            "^/[!-~]{0,1023}$", "/"};
constexpr TextKind domain{is_domain_character, text_bytes_max, "a domain such as \".example.com\"",
                          "^[0-9A-Za-z.-]{1,256}$"};
constexpr TextKind cookie_value{is_cookie_octet, token_bytes_max,
                                "a cookie's value: visible characters without \" , ; \\",
                                "^[!#-+--:<-\\[\\]-~]{1,128}$"};
constexpr TextKind cookie_beginning{is_cookie_octet, token_bytes_max,
                                    "the beginning of a cookie: visible characters without \" , ; \\",
                                    "^[!#-+--:<-\\[\\]-~]{1,128}$"};
constexpr TextKind cookie_attribute{is_attribute_character, text_bytes_max,
                                    "a cookie's attribute: printable characters without ;",
                                    "^[ -:<-~]{1,256}$"};

template <const TextKind& kind>
bool read_text(DecodeContext& context, const Field&, const Node& node, const std::string& path,
               void* member) {
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, kind.wanted);
  const std::string& text = node.text;
  const bool sound = !text.empty() && text.size() <= kind.bytes_max && text.starts_with(kind.begin) &&
                     std::all_of(text.begin(), text.end(), kind.allowed);
  if (!sound) {
    context.report.error(
        node.position, path,
        fmt::format("\"{}\" is not {}, of at most {} bytes", text, kind.wanted, kind.bytes_max));
    return false;
  }
  *static_cast<std::string*>(member) = text;
  return true;
}

void write_text(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = *static_cast<const std::string*>(member);
}

template <const TextKind& kind>
void describe_text(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["pattern"] = kind.pattern;
}

bool no_text(const void* member) {
  return static_cast<const std::string*>(member)->empty();
}

void clear_text(void* member) {
  static_cast<std::string*>(member)->clear();
}

template <const TextKind& kind>
constexpr ValueType text_type(std::string_view name) {
  return {.name = name,
          .spelling = Node::Kind::string,
          .read = read_text<kind>,
          .write = write_text,
          .describe = describe_text<kind>,
          .absent = no_text,
          .clear = clear_text};
}

// --- error files

std::vector<std::string> status_words() {
  std::vector<std::string> words;
  for (const std::uint16_t status : page_statuses) words.push_back(fmt::format("{}", status));
  return words;
}

bool read_error_file(DecodeContext& context, const Node& node, const std::string& path, ErrorFile& file) {
  const std::vector<std::string> words = status_words();
  const auto found = std::find(words.begin(), words.end(), node.key);
  if (found == words.end()) {
    context.report.error(node.key_position, path,
                         fmt::format("\"{}\" is not a status with an error page", node.key), {words, ""});
    return false;
  }
  file.status = page_statuses[found - words.begin()];
  file.path = node.text;
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, "a path in double quotes");
  if (node.text.starts_with('/') && node.text.find('\0') == std::string::npos) return true;
  context.report.error(node.position, path, "an error file's path is absolute");
  return false;
}

bool read_error_files(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                      void* member) {
  if (node.kind != Node::Kind::object || node.children.empty())
    return refuse_kind(context, node, path, R"(an object such as {"503": "/etc/corelane/503.http"})");
  std::vector<ErrorFile> files;
  bool sound = true;
  for (const Node& child : node.children)
    sound = read_error_file(context, child, path_key(path, child.key), files.emplace_back()) && sound;
  std::sort(files.begin(), files.end(),
            [](const ErrorFile& left, const ErrorFile& right) { return left.status < right.status; });
  *static_cast<std::vector<ErrorFile>*>(member) = std::move(files);
  return sound;
}

void write_error_files(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = Json::object();
  for (const ErrorFile& file : *static_cast<const std::vector<ErrorFile>*>(member))
    value[fmt::format("{}", file.status)] = file.path;
}

void describe_error_files(const Field&, Json& schema) {
  schema["type"] = "object";
  schema["minProperties"] = 1;
  schema["propertyNames"]["enum"] = status_words();
  schema["additionalProperties"] = Json{{"type", "string"}, {"pattern", "^/"}};
}

bool no_files(const void* member) {
  return static_cast<const std::vector<ErrorFile>*>(member)->empty();
}

void clear_files(void* member) {
  static_cast<std::vector<ErrorFile>*>(member)->clear();
}

// --- a group of them

bool read_error_group(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                      void* member) {
  if (node.kind != Node::Kind::string)
    return refuse_kind(context, node, path, "the name of a group in errors");
  if (!context.error_group_names) return true;
  const std::vector<std::string_view>& names = *context.error_group_names;
  const auto found = std::find(names.begin(), names.end(), node.text);
  if (found == names.end()) {
    context.report.error(node.position, path, fmt::format("no group in errors is named \"{}\"", node.text),
                         {{names.begin(), names.end()}, std::string(base::near_miss(node.text, names))});
    return false;
  }
  *static_cast<std::uint32_t*>(member) = static_cast<std::uint32_t>(found - names.begin());
  return true;
}

void write_error_group(const EncodeContext& context, const Field&, const void* member, Json& value) {
  value = context.model.errors.at(*static_cast<const std::uint32_t*>(member)).name;
}

void describe_error_group(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["pattern"] = name_pattern;
}

bool no_group(const void* member) {
  return *static_cast<const std::uint32_t*>(member) == no_index;
}

void clear_group(void* member) {
  *static_cast<std::uint32_t*>(member) = no_index;
}

}  // namespace

std::span<const std::uint16_t> error_page_statuses() {
  return page_statuses;
}

const ValueType mode_type{
    .name = "word",
    .spelling = Node::Kind::string,
    .read = read_mode,
    .write = [](const EncodeContext& context, const Field& field, const void* member,
                Json& value) { enum_word_type.write(context, field, member, value); },
    .describe = [](const Field& field, Json& schema) { enum_word_type.describe(field, schema); }};
const ValueType word_set_type{.name = "word or list of words",
                              .spelling = Node::Kind::string,
                              .read = read_words<read_set_word>,
                              .write = write_word_set,
                              .describe = describe_words,
                              .absent = empty_set,
                              .clear = clear_set};
const ValueType retry_on_type{.name = "word or list of words",
                              .spelling = Node::Kind::string,
                              .read = read_words<read_reason>,
                              .write = write_retry_on,
                              .describe = describe_words};
const ValueType token_type = text_type<token>("name");
const ValueType uri_path_type = text_type<uri_path>("path");
const ValueType domain_type = text_type<domain>("domain");
const ValueType cookie_value_type = text_type<cookie_value>("text");
const ValueType cookie_beginning_type = text_type<cookie_beginning>("text");
const ValueType cookie_attribute_type = text_type<cookie_attribute>("text");
const ValueType error_files_type{.name = "object of paths, with statuses as keys",
                                 .spelling = Node::Kind::object,
                                 .read = read_error_files,
                                 .write = write_error_files,
                                 .describe = describe_error_files,
                                 .absent = no_files,
                                 .clear = clear_files};
const ValueType error_group_reference_type{.name = "name of a group in `errors`",
                                           .spelling = Node::Kind::string,
                                           .read = read_error_group,
                                           .write = write_error_group,
                                           .describe = describe_error_group,
                                           .absent = no_group,
                                           .clear = clear_group};

bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= token_bytes_max && std::all_of(text.begin(), text.end(), is_tchar);
}

}  // namespace corelane::config
