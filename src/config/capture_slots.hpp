// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/model.hpp"

/// What a frontend's log lines have of a request and of its response, in HAProxy's order: captured fields,
/// the slots that it declares, those that rules bring along.
namespace corelane::config {

struct CaptureSlots {
  std::vector<std::uint32_t> request;  // how many bytes each may have
  std::vector<std::uint32_t> response;
  std::uint32_t request_fields = 0;  // so many of them are fields
  std::uint32_t response_fields = 0;

  /// How many bytes a slot may have; none: there is no such slot.
  std::optional<std::uint32_t> bytes_of(bool of_response, std::size_t slot) const noexcept {
    const std::vector<std::uint32_t>& lengths = of_response ? response : request;
    return slot < lengths.size() ? std::optional(lengths[slot]) : std::nullopt;
  }
  std::array<std::uint32_t, 2> counts() const noexcept {
    return {static_cast<std::uint32_t>(request.size()), static_cast<std::uint32_t>(response.size())};
  }
  bool rules_fill_some() const noexcept {
    return request.size() != request_fields || response.size() != response_fields;
  }
};

CaptureSlots capture_slots(const Frontend& frontend);

/// The variable that keeps what was captured. Its name is none that rules can choose by accident.
std::string capture_variable(bool of_response, std::size_t slot);

}  // namespace corelane::config
