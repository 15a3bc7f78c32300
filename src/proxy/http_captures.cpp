// SPDX-License-Identifier: Apache-2.0
#include "proxy/http_captures.hpp"

#include <algorithm>
#include <optional>
#include <string_view>
#include <vector>

#include "proto/http_name.hpp"
#include "proxy/lane_state.hpp"
#include "sample/captured.hpp"

namespace corelane::proxy {
namespace {

void add(const std::optional<std::string_view>& value, std::uint32_t bytes_max,
         logfmt::HttpLogTextWriter& texts) {
  value ? texts.add(*value, bytes_max) : texts.add_absent();
}

void capture_fields(const std::vector<config::CaptureField>& wanted, const proto::HttpFields& fields,
                    logfmt::HttpLogTextWriter& texts) {
  for (const config::CaptureField& one : wanted) {
    std::optional<std::string_view> value;
    for (const proto::HttpField& field : fields)
      if (proto::http_same_name(field.name, one.name)) value = field.value;
    add(value, one.length, texts);
  }
}

/// "NAME=VALUE" where `text` begins with that and that with `beginning`, as HAProxy has it; cookies' names
/// heed case.
std::optional<std::string_view> cookie_at_front(std::string_view text, std::string_view beginning) {
  const std::string_view cookie = text.substr(0, text.find(';'));
  if (!cookie.starts_with(beginning) || cookie.find('=') == cookie.npos) return std::nullopt;
  return cookie.substr(0, cookie.find_last_not_of(" \t") + 1);
}

/// The first such one among "a=1; b=2".
std::optional<std::string_view> cookie_in_list(std::string_view list, std::string_view beginning) {
  for (;;) {
    list.remove_prefix(std::min(list.find_first_not_of(" \t"), list.size()));
    if (const auto cookie = cookie_at_front(list, beginning)) return cookie;
    const std::size_t end = list.find(';');
    if (end == std::string_view::npos) return std::nullopt;
    list.remove_prefix(end + 1);
  }
}

template <class Find>
void capture_cookie(const std::optional<config::CaptureField>& wanted, const proto::HttpFields& fields,
                    proto::HttpName carrier, Find find, logfmt::HttpLogTextWriter& texts) {
  if (!wanted) return texts.add_absent();
  std::optional<std::string_view> cookie;
  for (const proto::HttpField* field = fields.first(carrier); field != nullptr && !cookie;
       field = fields.next(*field)) {
    cookie = find(field->value, wanted->name);
  }
  add(cookie, wanted->length, texts);
}

/// The variables of a stream's exchange. Only where rules name some.
std::optional<sample::VariableBlock> kept_values(LaneState& lane, const Stream& stream) {
  if (lane.rules == nullptr || lane.rules->variables == nullptr) return std::nullopt;
  if (lane.rules->variables->names().of_stream() == 0) return std::nullopt;
  return lane.rules->variables->of_stream(lane.streams.slot(&stream));
}

void keep(sample::VariableBlock& values, const std::optional<sample::Variable>& variable,
          std::string_view text) {
  if (!variable) return;
  sample::Sample sample;
  sample.set(text);
  (void)values.set(variable->slot, sample);
}

void keep_fields(sample::VariableBlock& values, const std::vector<KeptCaptures::Field>& kept,
                 const std::vector<config::CaptureField>& wanted, const proto::HttpFields& fields) {
  for (const KeptCaptures::Field& one : kept) {
    const config::CaptureField& captured = wanted[one.index];
    for (const proto::HttpField& field : fields)
      if (proto::http_same_name(field.name, captured.name))
        keep(values, one.variable, field.value.substr(0, captured.length));
  }
}

std::string_view version_text(proto::HttpVersion version) {
  return version == proto::HttpVersion::http10 ? "HTTP/1.0" : "HTTP/1.1";
}

/// Parts of `from`, as they are.
void copy_parts(logfmt::HttpLogTextReader& from, std::size_t count, logfmt::HttpLogTextWriter& to) {
  for (std::size_t i = 0; i < count; ++i) {
    const std::optional<std::string_view> part = from.next();
    part ? to.add(*part, part->size()) : to.add_absent();
  }
}

}  // namespace

void keep_request(LaneState& lane, const Stream& stream, const Session& session,
                  const proto::HttpRequestHead& head) {
  const KeptCaptures& kept = lane.shared.topology.kept_captures(session.frontend);
  if (!kept.of_request()) return;
  std::optional<sample::VariableBlock> values = kept_values(lane, stream);
  if (!values) return;
  keep(*values, kept.method, head.method_text);
  keep(*values, kept.uri, head.target.substr(0, sample::captured_uri_bytes_max));
  keep(*values, kept.request_version, version_text(head.version));
  keep_fields(*values, kept.request_fields,
              lane.model().frontends[session.frontend].http.capture.request_headers, head.fields);
}

void keep_response(LaneState& lane, const Stream& stream, const Session& session,
                   const proto::HttpResponseHead& head) {
  const KeptCaptures& kept = lane.shared.topology.kept_captures(session.frontend);
  if (!kept.of_response()) return;
  std::optional<sample::VariableBlock> values = kept_values(lane, stream);
  if (!values) return;
  keep(*values, kept.response_version, version_text(head.version));
  keep_fields(*values, kept.response_fields,
              lane.model().frontends[session.frontend].http.capture.response_headers, head.fields);
}

std::string_view with_captured_slots(LaneState& lane, const Stream& stream, std::uint32_t frontend,
                                     std::string_view texts) {
  const config::CaptureSlots& slots = lane.shared.topology.capture_slots(frontend);
  std::optional<sample::VariableBlock> values = kept_values(lane, stream);
  if (!slots.rules_fill_some() || !values) return texts;
  const Topology& topology = lane.shared.topology;
  logfmt::HttpLogTextReader from(texts);
  logfmt::HttpLogTextWriter to(lane.rules->page);
  const auto add_slots = [&](const std::vector<sample::Variable>& variables) {
    for (const sample::Variable& variable : variables) {
      lane.rules->arena.reset();
      sample::Sample sample;
      values->get(variable.slot, lane.rules->arena, sample) ? to.add(sample.text, sample.text.size())
                                                            : to.add_absent();
    }
  };
  const KeptCaptures& kept = topology.kept_captures(frontend);
  copy_parts(from, 1 + slots.request_fields, to);
  add_slots(kept.request_slots);
  copy_parts(from, 1 + slots.response_fields, to);
  add_slots(kept.response_slots);
  copy_parts(from, 1, to);
  return to.text();
}

std::size_t captured_bytes_max(const config::Capture& capture, const proto::HttpRequestHead& head) {
  std::size_t parts = 3;  // the request line, and two cookies
  std::size_t bytes = std::min(head.request_line.size(), logfmt::http_log_request_line_max);
  for (const auto* fields : {&capture.request_headers, &capture.response_headers}) {
    for (const config::CaptureField& field : *fields) bytes += field.length;
    parts += fields->size();
  }
  if (capture.cookie) bytes += 2 * std::size_t{capture.cookie->length};
  return bytes + parts * sizeof(std::uint16_t);
}

std::size_t captured_response_bytes_max(const config::Capture& capture) {
  std::size_t bytes = capture.cookie ? capture.cookie->length : 0;
  for (const config::CaptureField& field : capture.response_headers) bytes += field.length;
  return bytes + (capture.response_headers.size() + 1) * sizeof(std::uint16_t);
}

void capture_request(const config::Capture& capture, const proto::HttpRequestHead& head,
                     logfmt::HttpLogTextWriter& texts) {
  texts.add_request_line(head.request_line);
  capture_fields(capture.request_headers, head.fields, texts);
  capture_cookie(capture.cookie, head.fields, proto::HttpName::cookie, cookie_in_list, texts);
}

void capture_response(const config::Capture& capture, const proto::HttpResponseHead& head,
                      logfmt::HttpLogTextWriter& texts) {
  capture_fields(capture.response_headers, head.fields, texts);
  capture_cookie(capture.cookie, head.fields, proto::HttpName::set_cookie, cookie_at_front, texts);
}

}  // namespace corelane::proxy
