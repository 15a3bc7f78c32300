// SPDX-License-Identifier: Apache-2.0
// Files of patterns and maps: a file is read whole or refused with its line, whatever method its patterns are
// for, and any text can be looked up in it. The first byte says the method, the text to look up ends at the
// first line's end.
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "rules/pattern_sets.hpp"

namespace {

using namespace corelane;

constexpr std::array<std::string_view, 10> methods{"str", "beg", "end", "sub", "dir",
                                                   "dom", "reg", "int", "ip",  "len"};

sample::PatternUse use_of(std::uint8_t choice) {
  const std::uint8_t flags = choice / methods.size();
  return {.method = methods[choice % methods.size()],
          .ignore_case = (flags & 1) != 0,
          .is_map = (flags & 2) != 0,
          .has_values = (flags & 2) != 0};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t bytes_max = 4096;
  if (size < 1 || size > bytes_max) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  const std::size_t end = input.find('\n');
  const std::string_view text = input.substr(0, end);
  const std::string content(end == std::string_view::npos ? std::string_view() : input.substr(end + 1));

  rules::PatternSets sets([&content](const std::string&, std::string& read, std::string&) {
    read = content;
    return true;
  });
  sample::Fault fault;
  const sample::PatternUse use = use_of(data[0]);
  if (sets.from_file("file", use, fault) == nullptr) {
    if (!fault.message.starts_with("file:")) std::abort();
    return 0;
  }
  rules::PatternSet& set = sets.all().front();
  (void)set.matches(text);
  const auto change = set.replace(rules::PatternContent::from_text(std::string(text), use.has_values));
  if (change.replaced == nullptr && change.fault.message.empty()) std::abort();
  (void)set.matches(text);
  return 0;
}
