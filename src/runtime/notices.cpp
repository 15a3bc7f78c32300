// SPDX-License-Identifier: Apache-2.0
#include "runtime/notices.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

namespace corelane::runtime {

void stream_write(std::FILE* stream, std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stream);
  std::fflush(stream);
}

OutputForm output_form_of_standard_error() {
  return ::isatty(STDERR_FILENO) == 1 ? OutputForm::text : OutputForm::json;
}

std::string notice_text(OutputForm form, std::string_view event, std::string_view message) {
  if (form == OutputForm::text) return fmt::format("corelane: {}\n", message);
  const nlohmann::ordered_json json{{"event", event}, {"message", message}};
  return json.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

void Notices::say(std::string_view event, std::string_view message) const {
  write(notice_text(form_, event, message));
}

void Notices::write(const std::string& text) const {
  stream_write(stderr, text);
}

}  // namespace corelane::runtime
