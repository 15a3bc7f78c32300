// SPDX-License-Identifier: Apache-2.0
#include "rules/action.hpp"

#include <array>
#include <cstddef>

#include "proto/http_name.hpp"

namespace corelane::rules {
namespace {

constexpr unsigned on_request = bit(RuleList::http_request);
constexpr unsigned on_responses = bit(RuleList::http_response) | bit(RuleList::http_after_response);
constexpr unsigned may_answer = on_request | bit(RuleList::http_response);
constexpr unsigned on_connection = bit(RuleList::tcp_request_connection);
constexpr unsigned on_content = bit(RuleList::tcp_request_content);
constexpr unsigned on_server_content = bit(RuleList::tcp_response_content);
constexpr unsigned on_tcp_request = on_connection | bit(RuleList::tcp_request_session) | on_content;

template <class... Parameters>
constexpr std::uint64_t all(Parameters... parameters) {
  return (bit(parameters) | ... | 0);
}
using enum Parameter;

/// Of what answers.
constexpr std::uint64_t answer_keys =
    all(status, string, content_type, headers, file, lf_file, error_file, errors);

constexpr unsigned on_either = on_request | on_tcp_request | bit(RuleList::http_response) | on_server_content;

constexpr std::array<ActionRow, action_count> rows{{
    {.name = "allow",
     .action = Action::allow,
     .lists = http_lists,
     .decides = true,
     .help = "Ends the list: no rule behind it is looked at."},
    {.name = "deny",
     .action = Action::deny,
     .lists = may_answer,
     .takes = answer_keys,
     .decides = true,
     .help =
         "Refuses the request, or the response: the error page of `status`, 403 or for a response 502, or "
         "what one of `string`, `file`, `lf_file`, `error_file` and `errors` says, with `headers`."},
    {.name = "return",
     .action = Action::answer,
     .lists = may_answer,
     .takes = answer_keys,
     .decides = true,
     .help =
         "Answers with `status`, 200, and a body of the type `content_type`: `string`, or what is in "
         "`file` or `lf_file`; or with the whole response that `error_file` or `errors` has for `status`."},
    {.name = "redirect",
     .action = Action::redirect,
     .lists = may_answer,
     .takes = all(status, location, prefix, scheme, set_cookie, clear_cookie, drop_query, append_slash),
     .decides = true,
     .help = "Sends the client elsewhere with `status`, 302: to `location`, or to what it asked for behind "
             "`prefix` or with another `scheme`."},
    {.name = "set-header",
     .action = Action::set_header,
     .lists = http_lists,
     .needs = all(name, value),
     .names = Named::field,
     .help = "Sets the field `name` to `value`; it is there once then."},
    {.name = "add-header",
     .action = Action::add_header,
     .lists = http_lists,
     .needs = all(name, value),
     .names = Named::field,
     .help = "Adds a field `name` with `value` to those of this name."},
    {.name = "del-header",
     .action = Action::del_header,
     .lists = http_lists,
     .needs = all(name),
     .takes = all(method),
     .names = Named::field,
     .help = "Removes every field `name`, or those whose name compares with that as `method` says."},
    {.name = "set-var",
     .action = Action::set_var,
     .lists = http_lists | on_tcp_request | on_server_content,
     .needs = all(name, Parameter::expression),
     .names = Named::variable,
     .help = "Keeps what `expression` makes in the variable `name`, such as `txn.host`."},
    {.name = "set-var-fmt",
     .action = Action::set_var_fmt,
     .lists = http_lists | on_tcp_request | on_server_content,
     .needs = all(name, value),
     .names = Named::variable,
     .help = "Keeps the text `value`, with its samples, in the variable `name`."},
    {.name = "unset-var",
     .action = Action::unset_var,
     .lists = http_lists | on_tcp_request | on_server_content,
     .needs = all(name),
     .names = Named::variable,
     .help = "Forgets the variable `name`."},
    {.name = "replace-header",
     .action = Action::replace_header,
     .lists = http_lists,
     .needs = all(name, match, value),
     .names = Named::field,
     .help =
         "Each field `name` a part of whose value matches `match` becomes `value`, in which `\\1` stands for "
         "the first group."},
    {.name = "replace-value",
     .action = Action::replace_value,
     .lists = http_lists,
     .needs = all(name, match, value),
     .names = Named::field,
     .help = "The same of each element of a field that is a list."},
    {.name = "set-method",
     .action = Action::set_method,
     .lists = on_request,
     .needs = all(value),
     .help = "Sets the method to `value`. HEAD and CONNECT neither come nor go."},
    {.name = "set-uri",
     .action = Action::set_uri,
     .lists = on_request,
     .needs = all(value),
     .help = "Sets the whole target to `value`."},
    {.name = "set-path",
     .action = Action::set_path,
     .lists = on_request,
     .needs = all(value),
     .help = "Sets the path to `value`; the query stays."},
    {.name = "set-pathq",
     .action = Action::set_pathq,
     .lists = on_request,
     .needs = all(value),
     .help = "Sets path and query to `value`."},
    {.name = "set-query",
     .action = Action::set_query,
     .lists = on_request,
     .needs = all(value),
     .help = "Sets the query to `value`; the path stays."},
    {.name = "replace-uri",
     .action = Action::replace_uri,
     .lists = on_request,
     .needs = all(match, value),
     .help =
         "The target becomes `value` where a part of it matches `match`; `\\1` stands for the first group."},
    {.name = "replace-path",
     .action = Action::replace_path,
     .lists = on_request,
     .needs = all(match, value),
     .help = "The same of the path; the query stays."},
    {.name = "replace-pathq",
     .action = Action::replace_pathq,
     .lists = on_request,
     .needs = all(match, value),
     .help = "The same of path and query together."},
    {.name = "set-status",
     .action = Action::set_status,
     .lists = on_responses,
     .needs = all(status),
     .takes = all(reason),
     .help = "Sets the response's status, and what is said behind it: `reason`, or what is usual."},
    {.name = "strict-mode",
     .action = Action::strict_mode,
     .lists = http_lists,
     .needs = all(enabled),
     .help =
         "Whether a change that cannot be made by a rule behind this one, for want of room or because the "
         "head would be none, ends the exchange with status 500, as it does without this; else it is left "
         "out."},
    {.name = "tarpit",
     .action = Action::tarpit,
     .lists = on_request,
     .takes = answer_keys,
     .decides = true,
     .help = "Refuses the request as deny does, with status 500, after it has been held for the time-out "
             "`tarpit`."},
    {.name = "auth",
     .action = Action::auth,
     .lists = on_request,
     .takes = all(realm),
     .decides = true,
     .help = "Asks the client for a name and a password (RFC 7617) with status 401. Its condition is when: "
             "`!{ http_auth(staff) }`."},
    {.name = "normalize-uri",
     .action = Action::normalize_uri,
     .lists = on_request,
     .needs = all(normalizer),
     .takes = all(full, strict),
     .help = "Writes path and query in the normal form that `normalizer` names. A target that has none gets "
             "status 400."},
    {.name = "set-timeout",
     .action = Action::set_timeout,
     .lists = on_request,
     .needs = all(timeout, Parameter::time),
     .help = "Sets the time-out `server` or `tunnel` for this request."},
    {.name = "set-log-level",
     .action = Action::set_log_level,
     .lists = http_lists | on_content | on_server_content,
     .needs = all(level),
     .help = "Sets the syslog level of the log line; with `silent` there is none."},
    {.name = "track-sc0",
     .action = Action::track_sc0,
     .lists = on_either,
     .needs = all(key),
     .takes = all(table),
     .help = "Stick counter 0 follows what the expression `key` makes, in `table`: what happens is counted "
             "there. It follows the first key that it gets until the connection ends, or the request where "
             "the rule is about one."},
    {.name = "track-sc1",
     .action = Action::track_sc1,
     .lists = on_either,
     .needs = all(key),
     .takes = all(table),
     .help = "The same of counter 1."},
    {.name = "track-sc2",
     .action = Action::track_sc2,
     .lists = on_either,
     .needs = all(key),
     .takes = all(table),
     .help = "The same of counter 2."},
    {.name = "sc-inc-gpc",
     .action = Action::sc_inc_gpc,
     .lists = on_either,
     .takes = all(counter, Parameter::index),
     .help = "Increments the element `index` of gpc of the key that stick counter `counter` follows, and of "
             "gpc_rate."},
    {.name = "sc-inc-gpc0",
     .action = Action::sc_inc_gpc0,
     .lists = on_either,
     .takes = all(counter),
     .help = "The same of gpc0 and gpc0_rate."},
    {.name = "sc-inc-gpc1",
     .action = Action::sc_inc_gpc1,
     .lists = on_either,
     .takes = all(counter),
     .help = "The same of gpc1 and gpc1_rate."},
    {.name = "sc-add-gpc",
     .action = Action::sc_add_gpc,
     .lists = on_either,
     .needs = all(Parameter::expression),
     .takes = all(counter, Parameter::index),
     .help = "Adds what `expression` makes to the element `index` of gpc."},
    {.name = "sc-set-gpt",
     .action = Action::sc_set_gpt,
     .lists = on_either,
     .needs = all(Parameter::expression),
     .takes = all(counter, Parameter::index),
     .help = "Sets the element `index` of gpt of the key that stick counter `counter` follows to what "
             "`expression` makes, such as `int(1)`."},
    {.name = "sc-set-gpt0",
     .action = Action::sc_set_gpt0,
     .lists = on_either,
     .needs = all(Parameter::expression),
     .takes = all(counter),
     .help = "The same of gpt0."},
    {.name = "accept",
     .action = Action::accept,
     .lists = on_tcp_request | on_server_content,
     .decides = true,
     .help = "Ends the list: no rule behind it is looked at."},
    {.name = "reject",
     .action = Action::reject,
     .lists = on_tcp_request | on_server_content | on_request,
     .decides = true,
     .help = "Closes the connection; of a request or response without an answer."},
    {.name = "silent-drop",
     .action = Action::silent_drop,
     .lists = on_either,
     .decides = true,
     .help = "Closes the connection without telling the client, which keeps it: where the process has "
             "CAP_NET_ADMIN nothing is sent, else a reset that no router passes on."},
    {.name = "expect-proxy",
     .action = Action::expect_proxy,
     .lists = on_connection,
     .help = "The connection begins with a PROXY header, as with `accept_proxy`."},
    {.name = "set-src",
     .action = Action::set_src,
     .lists = on_tcp_request | on_request,
     .needs = all(Parameter::expression),
     .help = "The client's address is what `expression` makes, for everything that comes; its port is 0 "
             "then."},
    {.name = "set-src-port",
     .action = Action::set_src_port,
     .lists = on_tcp_request | on_request,
     .needs = all(Parameter::expression),
     .help = "The client's port is what `expression` makes."},
    {.name = "set-dst",
     .action = Action::set_dst,
     .lists = on_tcp_request | on_request,
     .needs = all(Parameter::expression),
     .help = "The address that the client connected to is what `expression` makes, for everything that "
             "comes; its port is 0 then."},
    {.name = "set-dst-port",
     .action = Action::set_dst_port,
     .lists = on_tcp_request | on_request,
     .needs = all(Parameter::expression),
     .help = "The port that the client connected to is what `expression` makes."},
    {.name = "set-mark",
     .action = Action::set_mark,
     .lists = on_either,
     .needs = all(value),
     .help = "Marks the packets to the client (SO_MARK) with the number `value`, for ip rule and nft."},
    {.name = "set-tos",
     .action = Action::set_tos,
     .lists = on_either,
     .needs = all(value),
     .help = "The type of service or traffic class of the packets to the client is the number `value`."},
    {.name = "set-map",
     .action = Action::set_map,
     .lists = http_lists | on_tcp_request | on_server_content,
     .needs = all(Parameter::map, key, value),
     .help = "Gives `key`, a text with samples, the value `value` in a map. It is there in some "
             "milliseconds; see "
             "docs/rules.md."},
    {.name = "del-map",
     .action = Action::del_map,
     .lists = http_lists | on_tcp_request | on_server_content,
     .needs = all(Parameter::map, key),
     .help = "Takes `key` out of a map."},
    {.name = "add-acl",
     .action = Action::add_acl,
     .lists = http_lists | on_tcp_request | on_server_content,
     .needs = all(acl, key),
     .help = "Adds the pattern `key`, a text with samples, to a list of patterns."},
    {.name = "del-acl",
     .action = Action::del_acl,
     .lists = http_lists | on_tcp_request | on_server_content,
     .needs = all(acl, key),
     .help = "Takes the pattern `key` out of a list."},
    {.name = "capture",
     .action = Action::capture,
     .lists = may_answer | on_content | bit(RuleList::http_after_response),
     .needs = all(Parameter::sample),
     .takes = all(length, slot),
     .help =
         "Keeps what the expression `sample` makes for the log line, among the captured fields: in a slot "
         "of its own for `length` bytes, or in the slot `slot`."},
    {.name = "wait-for-body",
     .action = Action::wait_for_body,
     .lists = may_answer,
     .needs = all(Parameter::time),
     .takes = all(at_least),
     .help = "Waits until the whole body is there, or `at_least` so many bytes of it, or as many as are "
             "kept; for `time` at most. Rules behind it can look at it: `req.body`, `res.body`."},
    {.name = "pause",
     .action = Action::pause,
     .lists = may_answer,
     .needs = all(Parameter::time),
     .help = "Holds the request or the response for `time`, then goes on with the next rule."},
    {.name = "set-priority-class",
     .action = Action::set_priority_class,
     .lists = on_request | on_content,
     .needs = all(Parameter::expression),
     .help = "Where it waits for a server, every lower class goes first: -2047 to 2047, what `expression` "
             "makes; 0 without this."},
    {.name = "set-priority-offset",
     .action = Action::set_priority_offset,
     .lists = on_request | on_content,
     .needs = all(Parameter::expression),
     .help =
         "Where it waits for a server, it counts as if it had come so many milliseconds later, or earlier "
         "where they are below 0: -524287 to 524287."},
    {.name = "early-hint",
     .action = Action::early_hint,
     .lists = on_request,
     .needs = all(name, value),
     .names = Named::field,
     .help = "Sends the client a field `name` with `value` at once, in a response 103 before that to its "
             "request (RFC 8297); what several rules say goes into one. Clients of HTTP/1.0 get none."},
    {.name = "do-log",
     .action = Action::do_log,
     .lists = http_lists | on_tcp_request | on_server_content,
     .help = "Writes a log line in the frontend's format at once, of what is known by then; the one at the "
             "end comes all the same."},
    {.name = "close",
     .action = Action::close,
     .lists = on_server_content,
     .decides = true,
     .help = "Closes the server's connection at once; the client gets what had come."},
    {.name = "wait-for-handshake",
     .action = Action::wait_for_handshake,
     .lists = on_request,
     .help = "Holds a request that came as early data of TLS until the handshake is over, and it cannot be a "
             "recording any more; one of any method then."},
}};

constexpr bool in_order() {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i].action != static_cast<Action>(i)) return false;
    for (std::size_t k = 0; k < i; ++k)
      if (rows[k].name == rows[i].name) return false;
  }
  return true;
}
static_assert(in_order());

}  // namespace

std::span<const ActionRow> actions() noexcept {
  return rows;
}

const ActionRow& row_of(Action action) noexcept {
  return rows[static_cast<std::size_t>(action)];
}

bool may_edit_field(std::string_view name) noexcept {
  const proto::HttpName known = proto::http_name(name);
  return known == proto::HttpName::host || !proto::http_name_frames_or_routes(known);
}

}  // namespace corelane::rules
