// SPDX-License-Identifier: Apache-2.0
// What leads connections and requests to backends and servers.
#include <fmt/format.h>

#include "config/sections.hpp"
#include "config/values.hpp"
#include "config/when_rows.hpp"

namespace corelane::config {
namespace {

constexpr Field use_backend_choice() {
  Field field = row::value<&UseBackend::backend>(
      "backend", as_backend_choice, "",
      "Where it goes. A name with samples in it, such as `bk_%[req.hdr(host),lower]`, is made for each "
      "connection or request; where no backend of the mode has it, `default_backend` is taken.");
  field.member = [](void* rule) { return rule; };  // the name as well
  return field.as_required();
}

constexpr Field use_server_fields[] = {
    row::value<&UseServer::server>("server", as_name, "", "The name of one of the backend's servers.")
        .as_required(),
    row::if_field<UseServer>,
    row::unless_field<UseServer>,
};

constexpr Field use_backend_fields[] = {
    use_backend_choice(),
    row::if_field<UseBackend>,
    row::unless_field<UseBackend>,
};

constexpr Field stick_rule_fields[] = {
    row::value<&StickRule::on>("on", as_condition, "", "`match` and `store_request` at once: `src`."),
    row::value<&StickRule::match>(
        "match", as_condition, "",
        "Where the table has the key that this expression makes, its server is taken, "
        "unless something before has chosen one."),
    row::value<&StickRule::store_request>(
        "store_request", as_condition, "",
        "The server that answers becomes the server of the key that this expression makes of the request."),
    row::value<&StickRule::store_response>("store_response", as_condition, "",
                                           "The same of the response, such as `res.cook(SESSION)`."),
    row::value<&StickRule::table>("table", as_condition, "",
                                  "The frontend or backend whose stick table it is.")
        .with_note("the backend's own"),
    row::if_field<StickRule>,
    row::unless_field<StickRule>,
};

void finish_stick_rule(DecodeContext& context, const Node& node, const std::string& path, void* object,
                       const void*) {
  row::refuse_both(context, node, path, static_cast<StickRule*>(object)->when);
  const Node* first = nullptr;
  for (const std::string_view key : {"on", "match", "store_request", "store_response"}) {
    const Node* child = node.find(key);
    if (child == nullptr) continue;
    if (first != nullptr)
      context.report.error(child->key_position, path_key(path, key),
                           fmt::format("{} stands here already: one of them for each entry", first->key));
    first = child;
  }
  if (first == nullptr)
    context.report.error(node.position, path,
                         "one of on, match, store_request and store_response is missing");
}

void finish_use_backend(DecodeContext& context, const Node& node, const std::string& path, void* object,
                        const void*) {
  row::refuse_both(context, node, path, static_cast<UseBackend*>(object)->when);
}

void finish_use_server(DecodeContext& context, const Node& node, const std::string& path, void* object,
                       const void*) {
  row::refuse_both(context, node, path, static_cast<UseServer*>(object)->when);
}

}  // namespace

void row::refuse_both(DecodeContext& context, const Node& node, const std::string& path, When& when) {
  const Node* unless = node.find("unless");
  if (unless == nullptr || node.find("if") == nullptr) return;
  context.report.error(unless->key_position, path_key(path, "unless"),
                       "one of if and unless: `!` turns a term of a condition round");
  when.unless.clear();
}

const Section use_backend_section{.help =
                                      "A backend for some connections, or in mode http requests. The first "
                                      "rule that applies decides.",
                                  .fields = use_backend_fields,
                                  .finish = finish_use_backend,
                                  .example = R"({"backend": "static", "if": "{ path_beg /img }"})"};
const Section use_server_section{
    .help =
        "A server for some connections, or in mode http requests, before cookies and the balance "
        "algorithm. The first rule that applies and whose server is up decides.",
    .fields = use_server_fields,
    .finish = finish_use_server,
    .example = R"({"server": "s1", "if": "{ src 10.0.0.0/8 }"})"};
const Section stick_rule_section{.help = "How a key leads to a server, or gets one. See docs/persistence.md.",
                                 .fields = stick_rule_fields,
                                 .finish = finish_stick_rule,
                                 .example = R"({"on": "src"})"};

}  // namespace corelane::config
