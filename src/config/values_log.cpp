// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/near_miss.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::string_view file_prefix = "file:";
constexpr std::string_view udp_prefix = "udp://";
constexpr std::string_view unix_prefix = "unix:";
constexpr std::string_view global_word = "global";
constexpr std::string_view none_word = "none";

constexpr std::string_view facilities[] = {"kern",   "user",   "mail",   "daemon", "auth",     "syslog",
                                           "lpr",    "news",   "uucp",   "cron",   "authpriv", "ftp",
                                           "ntp",    "audit",  "alert",  "clock",  "local0",   "local1",
                                           "local2", "local3", "local4", "local5", "local6",   "local7"};
constexpr std::string_view log_formats[] = {log_format_tcp, log_format_json, log_format_http, log_format_clf};
// The last is for rules alone.
constexpr std::array<std::string_view, 9> levels{"emerg",  "alert", "crit",  "err",   "warning",
                                                 "notice", "info",  "debug", "silent"};
constexpr std::string_view forms[] = {"local", "rfc3164", "rfc5424", "priority",
                                      "short", "timed",   "iso",     "raw"};

/// Fills the target from its text; what is wrong with the text otherwise.
std::string log_destination_from_text(std::string_view text, LogTarget& target) {
  if (text == "stdout") {
    target.kind = LogTarget::Kind::standard_output;
    target.form = logfmt::SyslogForm::raw;
  } else if (text.starts_with(file_prefix)) {
    target.kind = LogTarget::Kind::file;
    target.form = logfmt::SyslogForm::raw;
    target.path = text.substr(file_prefix.size());
    if (!target.path.starts_with('/')) return "a log file's path is absolute";
  } else if (text.starts_with(udp_prefix)) {
    target.kind = LogTarget::Kind::udp;
    AddressResult result = address_from_text(text.substr(udp_prefix.size()), AddressUse::log);
    if (!result.address) return result.fault;
    target.address = std::move(*result.address);
  } else if (text.starts_with(unix_prefix)) {
    target.kind = LogTarget::Kind::unix_datagram;
    AddressResult result = address_from_text(text, AddressUse::server);
    if (!result.address) return result.fault;
    target.path = result.address->path;
  } else {
    return "no such destination";
  }
  target.text = text;
  return {};
}

bool read_log_destination(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                          void* member) {
  if (node.kind != Node::Kind::string)
    return refuse_kind(context, node, path, "a destination in double quotes");
  const std::string fault = log_destination_from_text(node.text, *static_cast<LogTarget*>(member));
  if (fault.empty()) return true;
  context.report.error(node.position, path, fmt::format("bad log destination \"{}\": {}", node.text, fault),
                       {{"stdout", "file:/PATH", "udp://HOST:PORT", "unix:/PATH"}, ""});
  return false;
}

bool read_frontend_log_destination(DecodeContext& context, const Field& field, const Node& node,
                                   const std::string& path, void* member) {
  auto& target = *static_cast<LogTarget*>(member);
  const bool global = node.kind == Node::Kind::string && node.text == global_word;
  const bool none = node.kind == Node::Kind::string && node.text == none_word;
  if (!global && !none) return read_log_destination(context, field, node, path, member);
  target.kind = global ? LogTarget::Kind::global : LogTarget::Kind::none;
  target.text = node.text;
  return true;
}

void write_log_destination(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = static_cast<const LogTarget*>(member)->text;
}

void describe_log_destination(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["pattern"] = "^(stdout|file:/.*|udp://.+:[0-9]+|unix:[/@].+)$";
}

void describe_frontend_log_destination(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["pattern"] = "^(global|none|stdout|file:/.*|udp://.+:[0-9]+|unix:[/@].+)$";
}

bool read_log_sample(DecodeContext& context, const Field&, const Node& node, const std::string& path,
                     void* member) {
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, "ranges in double quotes");
  logfmt::LogSampleRead read = logfmt::read_log_sample(node.text);
  if (read.sample) {
    *static_cast<logfmt::LogSample*>(member) = std::move(*read.sample);
    return true;
  }
  context.report.error(node.position, path, fmt::format("bad sample \"{}\": {}", node.text, read.fault),
                       {{"RANGES:LINES, such as 1:10 or 1,3-4:10"}, ""});
  return false;
}

void write_log_sample(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = logfmt::log_sample_text(*static_cast<const logfmt::LogSample*>(member));
}

void describe_log_sample(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["pattern"] = "^[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*:[0-9]+$";
}

bool read_log_format(DecodeContext& context, const Field& field, const Node& node, const std::string& path,
                     void* member) {
  if (node.kind != Node::Kind::string) return refuse_kind(context, node, path, "a format in double quotes");
  const bool known = std::ranges::find(log_formats, node.text) != std::end(log_formats);
  if (!known && node.text.find('%') == std::string::npos) {
    Hint hint{{std::begin(log_formats), std::end(log_formats)},
              std::string(base::near_miss(node.text, log_formats))};
    hint.allowed.emplace_back("a text with %NAMEs");
    context.report.error(node.position, path, fmt::format("\"{}\" is not a known {}", node.text, field.key),
                         std::move(hint));
    return false;
  }
  *static_cast<std::string*>(member) = node.text;
  return true;
}

void write_text(const EncodeContext&, const Field&, const void* member, Json& value) {
  value = *static_cast<const std::string*>(member);
}

void describe_text(const Field&, Json& schema) {
  schema["type"] = "string";
  schema["minLength"] = 1;
}

}  // namespace

std::span<const std::string_view> syslog_facilities() {
  return facilities;
}
std::span<const std::string_view> syslog_levels() {
  return std::span(levels).first(levels.size() - 1);
}
std::span<const std::string_view> rule_log_levels() {
  return levels;
}
std::span<const std::string_view> syslog_forms() {
  return forms;
}

const ValueType log_destination_type{.name = "log destination",
                                     .spelling = Node::Kind::string,
                                     .read = read_log_destination,
                                     .write = write_log_destination,
                                     .describe = describe_log_destination};
const ValueType frontend_log_destination_type{.name = "log destination",
                                              .spelling = Node::Kind::string,
                                              .read = read_frontend_log_destination,
                                              .write = write_log_destination,
                                              .describe = describe_frontend_log_destination};
const ValueType log_sample_type{
    .name = "sample of lines",
    .spelling = Node::Kind::string,
    .read = read_log_sample,
    .write = write_log_sample,
    .describe = describe_log_sample,
    .absent =
        [](const void* member) { return static_cast<const logfmt::LogSample*>(member)->ranges.empty(); },
    .clear = [](void* member) { *static_cast<logfmt::LogSample*>(member) = {}; }};

const ValueType log_format_type{.name = "form of log lines",
                                .spelling = Node::Kind::string,
                                .read = read_log_format,
                                .write = write_text,
                                .describe = describe_text};
const ValueType error_log_format_type{
    .name = "form of log lines",
    .spelling = Node::Kind::string,
    .read = read_log_format,
    .write = write_text,
    .describe = describe_text,
    .absent = [](const void* member) { return static_cast<const std::string*>(member)->empty(); },
    .clear = [](void* member) { static_cast<std::string*>(member)->clear(); }};

}  // namespace corelane::config
