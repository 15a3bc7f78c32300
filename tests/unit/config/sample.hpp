// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <doctest/doctest.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/config.hpp"

namespace corelane::config {

/// A sound configuration that uses every key of every table at least once, every one with an effect.
extern const std::string_view full_sample;

/// The smallest sound configuration around some of its parts; each is JSON text.
struct Parts {
  std::string global = "{}";
  std::string defaults = "{}";
  std::string frontend = "";  // more keys of the frontend, each with a leading comma
  std::string bind = R"({"address": ":80"})";
  std::string backend = "";  // as frontend
  std::string server = "";   // as frontend
};
std::string file_with(const Parts& parts);

/// The model of a text that has no faults and no warnings.
Model sound_model(std::string_view text);

/// All diagnostics in their text form, one a line, with "f" for a file name.
std::string faults_of(std::string_view text);

}  // namespace corelane::config
