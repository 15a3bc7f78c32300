// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "check/registry.hpp"
#include "check/run.hpp"
#include "config/http_check_rows.hpp"
#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/shared_rows.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

using check::ConnectOptions;
using check::Options;
using check::ScriptStep;

constexpr Bounds interval_bounds{10, row::day_ms};
constexpr Bounds count_bounds{1, 1000};
constexpr Bounds port_bounds{0, 65535};
constexpr std::int64_t steps_max = 100;
constexpr std::string_view none_word = "none";

/// The row of the type that a check has; only if it has one.
const check::CheckType& type_of(const void* object) {
  return check::registry()[static_cast<const Check*>(object)->type - 1];
}

bool is_on(const void* object) {
  return static_cast<const Check*>(object)->type != no_check;
}

bool is_http(const void* object) {
  return is_on(object) && type_of(object).name == "http";
}

bool has_steps(const void* object) {
  return is_http(object) || (is_on(object) && type_of(object).name == "tcp");
}

bool asks_once(const void* object) {
  return is_http(object) && static_cast<const Check*>(object)->steps.empty();
}

bool is_websocket(const void* object) {
  return is_on(object) && type_of(object).name == "websocket";
}

bool asks_for_one(const void* object) {
  return asks_once(object) || is_websocket(object);
}

constexpr Condition on_only{"type", is_on, "the type is other than none"};
constexpr Condition steps_only{"type", has_steps, "the type is tcp or http"};
constexpr Condition http_only{"type", is_http, "the type is http"};
constexpr Condition once_only{"", asks_once, "the type is http and there are no steps"};
constexpr Condition one_only{"", asks_for_one, "the type is websocket, or http and there are no steps"};

bool has_user(const void* object) {
  return is_on(object) && (type_of(object).name == "mysql" || type_of(object).name == "pgsql");
}

bool has_database(const void* object) {
  return is_on(object) && type_of(object).name == "pgsql";
}

bool has_domain(const void* object) {
  return is_on(object) && (type_of(object).name == "smtp" || type_of(object).name == "esmtp");
}

bool logs_in(const void* object) {
  return is_on(object) && type_of(object).name == "mysql" && !static_cast<const Check*>(object)->user.empty();
}

bool asks_query(const void* object) {
  return logs_in(object) && !static_cast<const Check*>(object)->query.empty();
}

bool has_answer(const void* object) {
  return asks_once(object) || asks_query(object);
}

constexpr Condition user_only{"type", has_user, "the type is mysql or pgsql"};
constexpr Condition database_only{"type", has_database, "the type is pgsql"};
constexpr Condition domain_only{"type", has_domain, "the type is smtp or esmtp"};
constexpr Condition login_only{"", logs_in, "the type is mysql and there is a user"};
constexpr Condition answer_only{"", has_answer,
                                "the type is http and there are no steps, or mysql and there is a query"};

// --- scripts

constexpr Field connect_fields[] = {
    row::value<&ConnectOptions::port>("port", as_count, "0", "Where to connect. 0: the checked port.",
                                      port_bounds),
    row::value<&ConnectOptions::linger>("linger", as_optional_boolean, "",
                                        "Ends the connection with FIN instead of RST.")
        .with_note("true for http, false for tcp"),
    row::value<&ConnectOptions::tls>(
        "tls", as_optional_boolean, "",
        "Whether this connection is over TLS, as tls of each server's check describes it.")
        .with_note("as the check, or false where port is given"),
};
constexpr Section connect_section{.help = "A connection; the one before it is ended first.",
                                  .fields = connect_fields};

bool expects(const void* step) {
  return static_cast<const ScriptStep*>(step)->expects() && !static_cast<const ScriptStep*>(step)->of_http;
}

constexpr Condition expects_only{"", expects, "the step expects something"};

constexpr Field step_fields[] = {
    row::optional_object<&ScriptStep::connect>(
        "connect", connect_section,
        "Connects. A script that does not begin with this step makes its first connection by itself."),
    row::optional_object<&ScriptStep::request>(
        "request", http_request_section,
        "http: sends a request, over the present connection while the server keeps it, else over another "
        "one. Without an expect after it the answer must be 2xx or 3xx."),
    row::value<&ScriptStep::send>("send", as_content, "", "Sends this text."),
    row::value<&ScriptStep::send_binary>("send_binary", as_bytes, "", "Sends these bytes."),
    row::value<&ScriptStep::expect>(
        "expect", as_content, "",
        "tcp: waits until the server has sent this text. http: what the answer must be, as the check's "
        "expect. "
        "Expects that follow each other look at the same bytes, or the same answer."),
    row::value<&ScriptStep::expect_binary>("expect_binary", as_bytes, "",
                                           "Waits until the server has sent these bytes."),
    row::value<&ScriptStep::expect_regex>(
        "expect_regex", as_regex, "",
        "Waits until what the server has sent matches (RE2's syntax; a character is a byte)."),
    row::value<&ScriptStep::negate>("negate", as_boolean, "false",
                                    "Fails the check when the content comes. The step passes when the server "
                                    "ends the connection, or by within.")
        .only_if(expects_only),
    row::value<&ScriptStep::within>("within", as_count, "0",
                                    "Judges the step as soon as so many bytes came, by them alone. 0: by all "
                                    "that come.",
                                    {0, static_cast<std::int64_t>(check::received_bytes_max)})
        .only_if(expects_only),
    row::value<&ScriptStep::comment>("comment", as_line, "",
                                     "What the step is for: part of the report when it fails."),
};

constexpr std::array<std::string_view, 7> action_keys{
    "connect", "request", "send", "send_binary", "expect", "expect_binary", "expect_regex"};

void refuse_several_actions(DecodeContext& context, const Node& node, const std::string& path, void*,
                            const void*) {
  const auto actions = std::count_if(node.children.begin(), node.children.end(), [](const Node& child) {
    return std::find(action_keys.begin(), action_keys.end(), child.key) != action_keys.end();
  });
  if (actions == 1) return;
  context.report.error(node.position, path,
                       fmt::format("a step does one thing, this has {}", actions == 0 ? "none" : "several"),
                       {{action_keys.begin(), action_keys.end()}, ""});
}

constexpr Section step_section{
    .help = "One step of a script: a connection, something said or an expectation.",
    .fields = step_fields,
    .finish = refuse_several_actions};

// --- the check

constexpr Field check_fields[] = {
    row::whole<Check>("type", as_check_type, none_word,
                      "What is spoken; none switches an inherited check off.", check_type_words)
        .with_note("tcp in a check object; none without one"),
    row::objects<&Options::steps, Check>("steps", step_section,
                                         "What is sent and expected. tcp without steps takes a connection "
                                         "that is accepted for health, http makes "
                                         "one request.",
                                         {1, steps_max})
        .only_if(steps_only),
    row::http_method<Check>().only_if(once_only),
    row::http_uri<Check>().only_if(one_only),
    row::http_version<Check>().only_if(once_only),
    row::http_host<Check>().only_if(one_only),
    row::http_headers<Check>().only_if(one_only),
    row::http_body<Check>().only_if(once_only),
    row::value<&Options::user, Check>(
        "user", as_line, "",
        "Whom to log in as, without a password: checks cannot give one yet. mysql without a user only reads "
        "the greeting, which the server counts as an interrupted connection; pgsql needs one.")
        .only_if(user_only),
    row::value<&Options::database, Check>("database", as_line, "", "Where to log in.")
        .with_note("named as the user")
        .only_if(database_only),
    row::value<&Options::domain, Check>("domain", as_line, "localhost", "The name that HELO or EHLO gives.")
        .only_if(domain_only),
    row::value<&Options::query, Check>("query", as_line, "", "SQL to run.").only_if(login_only),
    row::value<&Options::expect, Check>("expect", as_line, "",
                                        "http: what the answer must be, in HAProxy's words: `status "
                                        "200-299,304`, `rstatus 4..`, `string TEXT`, "
                                        "`rstring REGEX`, `hdr name NAME value VALUE` or `fhdr ...`; `! ` "
                                        "before it turns it round. mysql: what the "
                                        "first column of the query's first row must be.")
        .with_note("2xx or 3xx; any answer but an error")
        .only_if(answer_only),
    row::value<&Options::disable_on_404, Check>(
        "disable_on_404", as_boolean, "false",
        "A server that is up and answers 404 gets no new connections (`NOLB`); those that it has go on.")
        .only_if(http_only),
    row::value<&Options::read_only, Check>("read_only", as_optional_boolean, "",
                                           "What the server's global read_only must be.")
        .with_note("not asked")
        .only_if(login_only),
    row::value<&Options::max_replication_lag_ms, Check>(
        "max_replication_lag", as_whole_seconds, "",
        "How far the server may be behind the one it replicates. One that replicates nothing fails.",
        {row::second_ms, row::day_ms})
        .with_note("not asked")
        .only_if(login_only),
    row::value<&Check::interval_ms>("interval", as_duration, "2s", "Time between checks.", interval_bounds)
        .only_if(on_only),
    row::value<&Check::fast_interval_ms>(
        "fast_interval", as_duration, "",
        "Time between checks while the server is changing between up and down.", interval_bounds)
        .with_note("interval")
        .only_if(on_only),
    row::value<&Check::down_interval_ms>("down_interval", as_duration, "",
                                         "Time between checks while the server is down.", interval_bounds)
        .with_note("interval")
        .only_if(on_only),
    row::value<&Check::rise>("rise", as_count, "2", "Passed checks in a row that bring a server up.",
                             count_bounds)
        .only_if(on_only),
    row::value<&Check::fall>("fall", as_count, "3", "Failed checks in a row that take a server down.",
                             count_bounds)
        .only_if(on_only),
};

/// A check object means a check.
void check_by_tcp(void* object, const void*) {
  auto& check = *static_cast<Check*>(object);
  if (check.type == no_check) check.type = no_check + 1;
}

void require_user(DecodeContext& context, const Node& node, const std::string& path, const Check& check) {
  if (!has_database(&check) || !check.user.empty()) return;
  if (node.find("user") == nullptr)
    context.report.error(node.position, path, "the type pgsql needs the key \"user\"");
}

/// With a faulty type nothing follows from the other keys.
bool type_is_sound(const Node& node, const Check& check) {
  const Node* type = node.find("type");
  if (type == nullptr || check.type == no_check) return check.type != no_check;
  return type->kind == Node::Kind::string && type->text == type_of(&check).name;
}

void finish_check(DecodeContext& context, const Node& node, const std::string& path, void* object,
                  const void*) {
  auto& check = *static_cast<Check*>(object);
  for (ScriptStep& step : check.steps) step.of_http = is_http(object);
  if (!type_is_sound(node, check)) return;
  require_user(context, node, path, check);
  check_steps(context, node, path, check);
  if (asks_for_one(object)) check_http(context, node, path, check);
}

/// "The health check of a backend's servers. tcp connects ...; redis sends ...".
std::string_view check_help() {
  static const std::string help = [] {
    std::string text = "The health check of a backend's servers. Its types:";
    for (const check::CheckType& type : check::registry()) {
      const bool last = &type == &check::registry().back();
      text += fmt::format(" `{}` {}{}", type.name, type.help, last ? "." : ";");
    }
    return text;
  }();
  return help;
}

}  // namespace

const Section check_section{.help = check_help(),
                            .fields = check_fields,
                            .prepare = check_by_tcp,
                            .finish = finish_check,
                            .example = R"({"type": "http", "interval": "2s"})"};

std::span<const std::string_view> check_type_words() {
  static const std::vector<std::string_view> words = [] {
    std::vector<std::string_view> names{none_word};
    for (const check::CheckType& type : check::registry()) names.push_back(type.name);
    return names;
  }();
  return words;
}

}  // namespace corelane::config
