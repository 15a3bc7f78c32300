// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string>
#include <variant>

#include "check/http_expectation.hpp"
#include "check/http_request.hpp"
#include "check/registry.hpp"
#include "config/http_check_rows.hpp"
#include "config/sections.hpp"

namespace corelane::config {
namespace {

using check::HttpExpectation;
using check::ScriptStep;

constexpr std::array<std::string_view, 2> versions{"HTTP/1.0", "HTTP/1.1"};
constexpr std::array<std::string_view, 6> keys_of_tcp_steps{"send",         "send_binary", "expect_binary",
                                                            "expect_regex", "negate",      "within"};

constexpr Field request_fields[] = {
    row::http_method<check::HttpRequest>(),  row::http_uri<check::HttpRequest>(),
    row::http_version<check::HttpRequest>(), row::http_host<check::HttpRequest>(),
    row::http_headers<check::HttpRequest>(), row::http_body<check::HttpRequest>()};

/// Whether the key has a text at all; what else is wrong has been reported.
bool is_text(const Node* node) {
  return node != nullptr && node->kind == Node::Kind::string && !node->text.empty() &&
         std::none_of(node->text.begin(), node->text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

void check_uri(DecodeContext& context, const Node& node, const std::string& path,
               const check::HttpRequest& request) {
  const Node* uri = node.find("uri");
  if (!is_text(uri)) return;
  const bool sound = check::http_method_fault(request.method).empty();
  const std::string fault = check::http_uri_fault(sound ? request.method : "GET", request.uri);
  if (!fault.empty()) context.report.error(uri->position, path_key(path, "uri"), fault);
}

void finish_request(DecodeContext& context, const Node& node, const std::string& path, void* object,
                    const void*) {
  check_uri(context, node, path, *static_cast<const check::HttpRequest*>(object));
}

/// At the key "expect" of a check or a step.
void check_expectation(DecodeContext& context, const Node& node, const std::string& path) {
  const Node* expect = node.find("expect");
  if (expect == nullptr || expect->kind != Node::Kind::string || expect->text.empty()) return;
  const auto read = HttpExpectation::read(expect->text);
  if (const auto* fault = std::get_if<HttpExpectation::Fault>(&read))
    context.report.error(expect->position, path_key(path, "expect"), fault->text,
                         {fault->allowed, fault->near_miss});
}

void refuse_key(DecodeContext& context, const Node& step, const std::string& path, std::string_view key,
                std::string_view type) {
  if (const Node* child = step.find(key))
    context.report.error(child->key_position, path_key(path, key),
                         fmt::format("has no effect unless the type is {}", type));
}

void check_http_steps(DecodeContext& context, const Node& steps, const std::string& path) {
  const bool readable = std::all_of(steps.children.begin(), steps.children.end(),
                                    [](const Node& step) { return step.kind == Node::Kind::object; });
  if (!readable || steps.children.empty()) return;
  bool asked = false;
  bool asked_here = false;  // on the present connection
  for (std::size_t i = 0; i < steps.children.size(); ++i) {
    const Node& step = steps.children[i];
    const std::string step_path = path_index(path, i);
    for (const std::string_view key : keys_of_tcp_steps) refuse_key(context, step, step_path, key, "tcp");
    check_expectation(context, step, step_path);
    if (step.find("connect") != nullptr) asked_here = false;
    if (step.find("request") != nullptr) asked = asked_here = true;
    if (step.find("expect") != nullptr && !asked_here)
      context.report.error(step.position, step_path, "nothing is requested whose answer this could be");
  }
  if (!asked) context.report.error(steps.position, path, "no step makes a request");
}

}  // namespace

const Section http_request_section{
    .help = "A request of HTTP.", .fields = request_fields, .finish = finish_request};

std::span<const std::string_view> http_version_words() {
  return versions;
}

void check_http(DecodeContext& context, const Node& node, const std::string& path, const Check& check) {
  check_uri(context, node, path, check);
  if (check::registry()[check.type - 1].name == "http" && is_text(node.find("expect")))
    check_expectation(context, node, path);
}

void check_steps(DecodeContext& context, const Node& node, const std::string& path, const Check& check) {
  const Node* steps = node.find("steps");
  if (steps == nullptr || steps->kind != Node::Kind::array || check.type == no_check) return;
  const std::string steps_path = path_key(path, "steps");
  const std::string_view type = check::registry()[check.type - 1].name;
  if (type == "http") check_http_steps(context, *steps, steps_path);
  for (std::size_t i = 0; i < steps->children.size() && type == "tcp"; ++i)
    refuse_key(context, steps->children[i], path_index(steps_path, i), "request", "http");
}

}  // namespace corelane::config
