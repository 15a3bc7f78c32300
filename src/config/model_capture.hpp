// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

/// What the log lines of an http frontend have of its messages.
namespace corelane::config {

struct CaptureField {
  std::string name;
  std::uint32_t length = 0;  // at most so many bytes of the value

  friend bool operator==(const CaptureField&, const CaptureField&) = default;
};

/// What a rule may fill.
struct CaptureSlot {
  std::uint32_t length = 0;

  friend bool operator==(const CaptureSlot&, const CaptureSlot&) = default;
};

struct Capture {
  std::vector<CaptureField> request_headers;
  std::vector<CaptureField> response_headers;
  std::optional<CaptureField> cookie;
  std::vector<CaptureSlot> request_slots;  // behind the fields
  std::vector<CaptureSlot> response_slots;

  friend bool operator==(const Capture&, const Capture&) = default;
};

}  // namespace corelane::config
