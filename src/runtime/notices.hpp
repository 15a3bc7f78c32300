// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace corelane::runtime {

enum class OutputForm : std::uint8_t { text, json };

/// Writes and flushes; a stream that is closed is nobody's failure.
void stream_write(std::FILE* stream, std::string_view text);

/// What standard error is: text for a terminal, JSON lines elsewhere.
OutputForm output_form_of_standard_error();

/// What the process says about itself on standard error, a line at a time: for a person, or for a program
/// that collects lines of JSON.
class Notices {
 public:
  explicit Notices(OutputForm form) : form_(form) {}

  OutputForm form() const noexcept { return form_; }
  /// `event` is one word for programs: "drain".
  void say(std::string_view event, std::string_view message) const;
  /// Already in the right form.
  void write(const std::string& text) const;

 private:
  OutputForm form_;
};

/// One notice, with its line end.
std::string notice_text(OutputForm form, std::string_view event, std::string_view message);

}  // namespace corelane::runtime
