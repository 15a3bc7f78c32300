// SPDX-License-Identifier: Apache-2.0
#include <array>

#include "config/http_rows.hpp"
#include "config/row.hpp"
#include "config/sections.hpp"
#include "config/values.hpp"

namespace corelane::config {
namespace {

constexpr std::int64_t kib = 1024;

constexpr std::array<std::string_view, 6> accept_invalids{"control_in_values",    "characters_in_names",
                                                          "characters_in_target", "percent_in_path",
                                                          "fragment_in_target",   "short_status_line"};
constexpr std::array<std::string_view, 3> http_connections{"keep-alive", "server-close", "close"};
constexpr std::array<std::string_view, 4> http_reuses{"never", "safe", "aggressive", "always"};
constexpr std::array<std::string_view, 4> cookie_modes{"passive", "insert", "rewrite", "prefix"};
/// Those of RetryReason, then the two that stand for none and for several.
constexpr std::array<std::string_view, 16> retry_ons{"conn-failure",  "empty-response",
                                                     "junk-response", "response-timeout",
                                                     "401",           "403",
                                                     "404",           "408",
                                                     "425",           "500",
                                                     "501",           "502",
                                                     "503",           "504",
                                                     "none",          "all-retryable-errors"};

// --- limits

constexpr Field limit_fields[] = {
    row::value<&HttpLimits::head_bytes>("head_bytes", as_size, "16k",
                                        "A message's head: its first line, all fields and the empty line.",
                                        {kib, 16 * kib}),
    row::value<&HttpLimits::fields>("fields", as_count, "128", "Fields of one head.", {16, 256}),
    row::value<&HttpLimits::uri_bytes>("uri_bytes", as_size, "8k", "A request's target.", {64, 16 * kib}),
    row::value<&HttpLimits::chunk_line_bytes>("chunk_line_bytes", as_size, "256",
                                              "The line before a chunk: its size and extensions.",
                                              {16, 4 * kib}),
    row::value<&HttpLimits::trailer_bytes>("trailer_bytes", as_size, "8k",
                                           "All fields behind the last chunk.", {256, 16 * kib}),
};

// --- fields that tell servers of the client's connection

constexpr Field header_field(std::string_view name) {
  return row::value<&ForwardedAddress::header>("header", as_token, name, "The field's name.");
}

constexpr Field except_field = row::values<&ForwardedAddress::except>(
    "except", as_network, "Networks whose addresses are not told.", {0, 1024});
constexpr Field if_none_field = row::value<&ForwardedAddress::if_none>(
    "if_none", as_boolean, "false", "Adds the field only to requests that have none of that name.");

constexpr Field forward_for_fields[] = {header_field("X-Forwarded-For"), except_field, if_none_field};
constexpr Field original_to_fields[] = {header_field("X-Original-To"), except_field, if_none_field};

constexpr Condition for_only{
    "for", [](const void* field) { return static_cast<const ForwardedField*>(field)->for_address; },
    "for is true"};
constexpr Condition by_only{
    "by", [](const void* field) { return static_cast<const ForwardedField*>(field)->by_address; },
    "by is true"};

constexpr Field forwarded_fields[] = {
    row::value<&ForwardedField::proto>("proto", as_boolean, "true",
                                       "Whether the client speaks http or https."),
    row::value<&ForwardedField::host>("host", as_boolean, "false", "The host that the request names."),
    row::value<&ForwardedField::for_address>("for", as_boolean, "true", "The client's address."),
    row::value<&ForwardedField::for_port>("for_port", as_boolean, "false", "And its port.").only_if(for_only),
    row::value<&ForwardedField::by_address>("by", as_boolean, "false",
                                            "The address that the client connected to."),
    row::value<&ForwardedField::by_port>("by_port", as_boolean, "false", "And its port.").only_if(by_only),
};

void refuse_empty_forwarded(DecodeContext& context, const Node& node, const std::string& path, void* object,
                            const void*) {
  const auto& field = *static_cast<const ForwardedField*>(object);
  if (field.proto || field.host || field.for_address || field.by_address) return;
  context.report.error(node.position, path, "would tell nothing; false is for no such field");
}

// --- capture

constexpr Field capture_field_fields[] = {
    row::value<&CaptureField::name>("name", as_token, "", "Whose value is logged.").as_required(),
    row::value<&CaptureField::length>("length", as_count, "", "So many bytes of it at most.", {1, 1024})
        .as_required(),
};
constexpr Section capture_field_section{.help = "One value that the log line has.",
                                        .fields = capture_field_fields};

constexpr Field capture_cookie_fields[] = {
    row::value<&CaptureField::name>("name", as_cookie_beginning, "",
                                    "What its name begins with; the whole name where it ends with \"=\".")
        .as_required(),
    row::value<&CaptureField::length>("length", as_count, "", "So many bytes of it at most, name included.",
                                      {1, 1024})
        .as_required(),
};
constexpr Section capture_cookie_section{.help = "The cookie that the log line has.",
                                         .fields = capture_cookie_fields};

constexpr Field capture_slot_fields[] = {
    row::value<&CaptureSlot::length>("length", as_count, "", "So many bytes at most.", {1, 1024})
        .as_required(),
};
constexpr Section capture_slot_section{.help = "A place in the log line that rules fill.",
                                       .fields = capture_slot_fields};

constexpr Field capture_fields[] = {
    row::objects<&Capture::request_headers>("request_headers", capture_field_section,
                                            "Fields of the request.", {0, 32}),
    row::objects<&Capture::response_headers>("response_headers", capture_field_section,
                                             "Fields of the response.", {0, 32}),
    row::objects<&Capture::request_slots>(
        "request_slots", capture_slot_section,
        "Places behind those fields for what rules of http_request capture.", {0, 16}),
    row::objects<&Capture::response_slots>("response_slots", capture_slot_section,
                                           "The same for rules of http_response.", {0, 16}),
    row::optional_object<&Capture::cookie>("cookie", capture_cookie_section,
                                           "A cookie of the request and the response.")
        .with_note("none"),
};

bool captures_nothing(const void* capture) {
  return *static_cast<const Capture*>(capture) == Capture{};
}

// --- cookie

bool cookie_mode_is(const void* cookie, CookieMode mode) {
  return static_cast<const Cookie*>(cookie)->mode == mode;
}

bool sets_cookie(const void* cookie) {
  return cookie_mode_is(cookie, CookieMode::insert);
}

bool may_hide_cookie(const void* cookie) {
  return sets_cookie(cookie) || cookie_mode_is(cookie, CookieMode::passive);
}

bool touches_responses(const void* cookie) {
  return !cookie_mode_is(cookie, CookieMode::passive);
}

constexpr Condition insert_only{"mode", sets_cookie, "the mode is insert"};
constexpr Condition hiding_only{"mode", may_hide_cookie, "the mode is insert or passive"};
constexpr Condition writing_only{"mode", touches_responses, "the mode is insert, rewrite or prefix"};
constexpr Condition dynamic_only{
    "dynamic", [](const void* cookie) { return static_cast<const Cookie*>(cookie)->dynamic; },
    "dynamic is true"};

constexpr Field cookie_fields[] = {
    row::value<&Cookie::name>("name", as_token, "", "The cookie's name.").as_required(),
    row::value<&Cookie::mode>(
        "mode", as_word<CookieMode>(), "",
        "Who sets the cookie. insert: Corelane does; rewrite: the servers do, with any value, which Corelane "
        "replaces by the server's cookie; prefix: the servers do, and Corelane puts the server's cookie and "
        "~ in front of the value; passive: the servers do, with the values that they have here.",
        {}, cookie_mode_words)
        .as_required(),
    row::value<&Cookie::indirect>("indirect", as_boolean, "false",
                                  "Hides the cookie from the servers, and a response sets none that the "
                                  "client has already.")
        .only_if(hiding_only),
    row::value<&Cookie::nocache>("nocache", as_boolean, "false",
                                 "Forbids caches to keep responses that set the cookie.")
        .only_if(writing_only),
    row::value<&Cookie::postonly>("postonly", as_boolean, "false",
                                  "Sets the cookie only in responses to POST.")
        .only_if(insert_only),
    row::value<&Cookie::preserve>("preserve", as_boolean, "false",
                                  "Leaves a cookie of that name alone that a server sets itself.")
        .only_if(insert_only),
    row::value<&Cookie::httponly>("httponly", as_boolean, "false", "Adds the attribute HttpOnly.")
        .only_if(insert_only),
    row::value<&Cookie::secure>("secure", as_boolean, "false", "Adds the attribute Secure.")
        .only_if(insert_only),
    row::values<&Cookie::domains>("domains", as_domain, "Adds an attribute Domain for each.", {0, 16})
        .only_if(insert_only),
    row::value<&Cookie::dynamic>("dynamic", as_boolean, "false",
                                 "Gives servers without a cookie one made of their address.")
        .only_if(writing_only),
    row::value<&Cookie::dynamic_key>("dynamic_key", as_line, "",
                                     "A secret of which those are made too, so that nobody can tell an "
                                     "address from them.")
        .with_note("none")
        .only_if(dynamic_only),
    row::value<&Cookie::max_idle_ms>("max_idle", as_whole_seconds, "",
                                     "So long a client may be away before its cookie counts no more.",
                                     {row::second_ms, 365 * row::day_ms})
        .with_note("no limit")
        .only_if(insert_only),
    row::value<&Cookie::max_life_ms>("max_life", as_whole_seconds, "",
                                     "So long a cookie counts in all, whether used or not.",
                                     {row::second_ms, 365 * row::day_ms})
        .with_note("no limit")
        .only_if(insert_only),
    row::values<&Cookie::attributes>("attributes", as_cookie_attribute,
                                     "Further attributes, such as `\"SameSite=Lax\"`.", {0, 16})
        .only_if(insert_only),
};

// --- errors

constexpr Field error_group_fields[] = {
    row::value<&ErrorGroup::files>("files", as_error_files, "", "Files with whole responses, head included.")
        .as_required(),
};

void refuse_time_out(DecodeContext& context, const Node& node, const std::string& path,
                     std::string_view key) {
  const Node* time_outs = node.find("timeouts");
  const Node* child = time_outs == nullptr ? nullptr : time_outs->find(key);
  if (child == nullptr) return;
  context.report.error(child->key_position, path_key(path_key(path, "timeouts"), key),
                       "has no effect unless the mode is http");
}

}  // namespace

void complete_http_timeouts(DecodeContext& context, const Node& node, const std::string& path, Mode mode,
                            Timeouts& timeouts) {
  if (mode == Mode::http) return;
  for (const std::string_view key : {"http_request", "http_keep_alive", "tarpit", "tunnel"})
    refuse_time_out(context, node, path, key);
  timeouts.http_request_ms = timeouts.http_keep_alive_ms = timeouts.tarpit_ms = timeouts.tunnel_ms = 0;
}

const Section http_limits_section{
    .help = "What one message of mode http may have; whatever has more is refused.", .fields = limit_fields};
const Section forward_for_section{
    .help = "A field with the client's address.", .fields = forward_for_fields, .switchable = true};
const Section original_to_section{.help = "A field with the address that the client connected to.",
                                  .fields = original_to_fields,
                                  .switchable = true};
const Section forwarded_section{.help = "The field Forwarded (RFC 7239).",
                                .fields = forwarded_fields,
                                .finish = refuse_empty_forwarded,
                                .switchable = true};
const Section capture_section{.help = "What of requests and responses the http log line has.",
                              .fields = capture_fields,
                              .absent = captures_nothing};
const Section cookie_section{
    .help = "The cookie that ties a client to a server.",
    .fields = cookie_fields,
    .example = R"({"name": "SRV", "mode": "insert", "indirect": true, "nocache": true})"};
const Section error_group_section{.help = "Error pages that frontends and backends refer to.",
                                  .fields = error_group_fields};

std::span<const std::string_view> accept_invalid_words() {
  return accept_invalids;
}
std::span<const std::string_view> http_connection_words() {
  return http_connections;
}
std::span<const std::string_view> http_reuse_words() {
  return http_reuses;
}
std::span<const std::string_view> retry_on_words() {
  return retry_ons;
}
std::span<const std::string_view> cookie_mode_words() {
  return cookie_modes;
}

}  // namespace corelane::config
