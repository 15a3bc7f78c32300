// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "runtime/exit_status.hpp"

/// The commands of the program, one function each. They print what they have to say and answer with the exit
/// status.
namespace corelane::runtime {

/// `file`, or `listen` and `to`.
struct RunRequest {
  std::string file;
  std::string listen;
  std::string to;
  std::string mode;
  std::string save;  // where the configuration that `listen` and `to` stand for is written; empty: nowhere
};
ExitStatus command_run(const RunRequest& request);

struct DemoRequest {
  std::string listen;    // empty: a free loopback port
  std::string admin;     // empty: 127.0.0.1:8404, or a free port when that is taken
  std::string duration;  // empty: until a signal
};
ExitStatus command_demo(const DemoRequest& request);

/// "-" is standard input.
ExitStatus command_check(const std::string& file, bool json);
ExitStatus command_dump(const std::string& file);
ExitStatus command_schema();
ExitStatus command_keywords();
ExitStatus command_reference();
ExitStatus command_doctor(const std::string& file, bool json);
ExitStatus command_version(bool json);

/// A fault of the command line, on standard error.
ExitStatus usage_error(const std::string& text);

}  // namespace corelane::runtime
