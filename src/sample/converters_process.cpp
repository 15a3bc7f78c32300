// SPDX-License-Identifier: Apache-2.0
// Converters that ask the process about what their sample names, or leave it somewhere.
#include <array>

#include "sample/functions.hpp"
#include "sample/text_writer.hpp"

namespace corelane::sample {
namespace {

/// So much of a sample is shown.
constexpr std::size_t shown_bytes_max = 1024;

/// HAProxy's words.
constexpr std::string_view type_word(Type type) {
  switch (type) {
    case Type::boolean:
      return "bool";
    case Type::sint:
      return "sint";
    case Type::binary:
      return "bin";
    case Type::method:
      return "meth";
    default:
      return "str";
  }
}

std::string_view type_word(const Sample& sample) {
  if (sample.type != Type::address) return type_word(sample.type);
  return sample.address.family == base::Family::ipv6 ? "ipv6" : "ipv4";
}

/// The sample itself stays as it is, also where the frontend has no such slot.
bool capture(bool of_response, const Arguments& arguments, const Input& input, const Sample& sample) {
  const auto bytes =
      input.context.live->slot_bytes(of_response, static_cast<std::uint32_t>(arguments[0].integer));
  if (!bytes || input.context.variables == nullptr) return true;
  Sample kept;
  kept.set(sample.text.substr(0, *bytes));
  (void)input.context.variables->set(arguments[0].variable, kept);
  return true;
}

}  // namespace

bool convert_capture_req(const Arguments& arguments, const Input& input, Sample& sample) {
  return capture(false, arguments, input, sample);
}
bool convert_capture_res(const Arguments& arguments, const Input& input, Sample& sample) {
  return capture(true, arguments, input, sample);
}

bool convert_debug(const Arguments& arguments, const Input& input, Sample& sample) {
  Sample shown = sample;
  const bool displayable = cast(shown, Type::string, input.arena);
  TextWriter writer(input.arena);
  for (const std::string_view part : {std::string_view("[debug] "), std::string_view(arguments[0].text),
                                      std::string_view(": type="), type_word(sample)})
    writer.append(part);
  writer.append(displayable ? " <" : " (undisplayable)");
  // A line stays a line, and a terminal what it is.
  if (displayable)
    for (const char c : shown.text.substr(0, shown_bytes_max)) writer.append(c >= ' ' && c != 0x7f ? c : '.');
  if (displayable) writer.append('>');
  Sample line;
  if (writer.finish(line))
    input.context.live->show(line.text,
                             arguments[1].integer == 1 ? Display::standard_output : Display::standard_error);
  return true;
}

bool convert_nbsrv(const Arguments&, const Input& input, Sample& sample) {
  const LiveState& live = *input.context.live;
  const std::optional<std::uint32_t> backend = live.find_backend(sample.text);
  if (backend) sample.set(std::int64_t{live.servers_usable(*backend)});
  return backend.has_value();
}

// A server's name alone is one of the backend that was chosen.
bool convert_srv_queue(const Arguments&, const Input& input, Sample& sample) {
  const LiveState& live = *input.context.live;
  const std::size_t slash = sample.text.find('/');
  std::optional<std::uint32_t> backend;
  if (slash != std::string_view::npos) {
    backend = live.find_backend(sample.text.substr(0, slash));
  } else if (input.context.backend != UINT32_MAX) {
    backend = input.context.backend;
  }
  if (!backend) return false;
  const std::string_view name = slash == std::string_view::npos ? sample.text : sample.text.substr(slash + 1);
  const std::optional<std::uint32_t> server = live.find_server(*backend, name);
  if (server) sample.set(static_cast<std::int64_t>(live.server_queue(*backend, *server)));
  return server.has_value();
}

}  // namespace corelane::sample
