// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string>
#include <string_view>

namespace corelane::runtime {

/// What the process answers to its parent; the table below says it in words.
enum class ExitStatus : int {
  fine = 0,
  configuration = 1,
  usage = 2,
  resources = 3,
  drain_cut = 4,
  stopped = 5,
};

struct ExitStatusRow {
  ExitStatus status;
  std::string_view meaning;
};

inline constexpr std::array exit_status_rows = {
    ExitStatusRow{ExitStatus::fine, "fine; run: every connection had ended by itself"},
    ExitStatusRow{ExitStatus::configuration, "the configuration is faulty; doctor: something is short"},
    ExitStatusRow{ExitStatus::usage, "the command line is wrong"},
    ExitStatusRow{ExitStatus::resources, "cannot listen on an address, or a limit of the system is too low"},
    ExitStatusRow{ExitStatus::drain_cut,
                  "run: connections were still open at global.drain_timeout and were cut"},
    ExitStatusRow{ExitStatus::stopped, "run: a second TERM or INT cut the connections that were left"},
};

/// The table as lines of help.
std::string exit_status_help();

/// Why a command ends early, as one or more complete sentences for a person.
struct Failure {
  ExitStatus status = ExitStatus::resources;
  std::string text;
};

}  // namespace corelane::runtime
