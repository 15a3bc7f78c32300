// SPDX-License-Identifier: Apache-2.0
// Forms of log lines and templates of actions: any text is read or refused at a place inside of it, and what
// was read can be filled in for any head that follows behind the first empty line. Nothing of a peer's breaks
// a line.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <optional>
#include <string_view>
#include <vector>

#define DOCTEST_CONFIG_DISABLE  // the examples are those of unit tests
#include "../unit/logfmt/http_example.hpp"
#include "logfmt/log_format.hpp"
#include "rules/template.hpp"
#include "scene_input.hpp"

namespace {

using namespace corelane;

void check_fault(const sample::Fault& fault, std::string_view text) {
  if (fault.message.empty() || fault.position > text.size()) std::abort();
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < ' ' || c == '\x7f';
}

void check_log_format(std::string_view text, const sample::Input& input) {
  const logfmt::LogFormatRead read = logfmt::read_log_format(text, true, sample::scene_names());
  if (!read.format) return check_fault(read.fault, text);
  std::vector<char> memory(logfmt::log_values_bytes_min);
  logfmt::HttpLogTextReader reader(logfmt::write_log_values(read.format->values(), input, memory));
  std::vector<std::optional<std::string_view>> values;
  for (std::size_t i = 0; i < read.format->values().size(); ++i) values.push_back(reader.next());
  const logfmt::HttpExample example;
  fmt::memory_buffer line;
  example.with_names([&](const logfmt::Names& names) {
    const std::string captured = example.text();
    const logfmt::HttpLogParts parts(example.record, captured, names);
    read.format->append_to(line, {example.record, values, parts, names, {}, 0});
  });
  const bool own = std::any_of(text.begin(), text.end(), is_control);
  if (!own && std::any_of(line.begin(), line.end(), is_control)) std::abort();
}

void check_template(std::string_view text, const sample::Input& input) {
  const rules::TemplateRead read = rules::read_template(text, sample::scene_names(), sample::phase_request);
  if (!read.made) return check_fault(read.fault, text);
  std::array<char, 2048> memory;
  std::size_t used = 0;
  if (read.made->append_to({input.context, input.arena}, memory, used) && used > memory.size()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > SceneInput::bytes_max) return 0;
  SceneInput input(data, size);
  check_log_format(input.text, {input.scene->context(), input.scene->arena()});
  check_template(input.text, {input.scene->context(), input.scene->arena()});
  return 0;
}
