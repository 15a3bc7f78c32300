// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "../unit/sample/scene.hpp"

/// An input of two parts: a text of the configuration's language and, behind the first empty line, the head
/// of a request that it is evaluated on; of another one where that is none.
struct SceneInput {
  static constexpr std::size_t bytes_max = 4096;

  SceneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view input(reinterpret_cast<const char*>(data), size);
    const std::size_t end = input.find("\n\n");
    text = input.substr(0, end);
    scene.emplace(std::string(end == std::string_view::npos ? "" : input.substr(end + 2)), "10.0.0.1");
    if (scene->context().request == nullptr) scene.emplace(corelane::sample::request_of("GET /a?b=c"), "::1");
  }

  std::string_view text;
  std::optional<corelane::sample::Scene> scene;
};
