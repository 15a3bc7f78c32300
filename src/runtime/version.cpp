// SPDX-License-Identifier: Apache-2.0
#include "runtime/version.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "runtime/commit.hpp"
#include "runtime/doctor.hpp"
#include "runtime/versions.hpp"

namespace corelane::runtime {

std::string version_text() {
  const std::string commit = build_commit;
  return commit.empty() ? program_version : fmt::format("{} ({})", program_version, commit);
}

VersionReport version_report() {
  const DoctorFacts facts = doctor_facts();
  return {.version = program_version,
          .commit = build_commit,
          .compiler = build_compiler,
          .build_type = build_type,
          .libraries = {{"liburing", liburing_version},
                        {"fmt", fmt_version},
                        {"nlohmann_json", nlohmann_json_version},
                        {"CLI11", cli11_version},
                        {"BoringSSL", boringssl_version}},
          .kernel = facts.kernel_release,
          .io_uring = facts.ring_failure.empty() ? facts.ring_features : facts.ring_failure};
}

std::string version_report_text(const VersionReport& report) {
  std::string libraries;
  for (const auto& [name, version] : report.libraries) {
    libraries += fmt::format("{}{} {}", libraries.empty() ? "" : ", ", name, version);
  }
  const std::string commit = report.commit.empty() ? "" : fmt::format(" ({})", report.commit);
  return fmt::format(
      "corelane {}{}\n  compiler   {}, {} build\n  libraries  {}\n  kernel     Linux {}\n  io_uring   {}\n",
      report.version, commit, report.compiler, report.build_type, libraries, report.kernel, report.io_uring);
}

std::string version_report_json(const VersionReport& report) {
  nlohmann::ordered_json libraries = nlohmann::ordered_json::object();
  for (const auto& [name, version] : report.libraries) libraries[name] = version;
  nlohmann::ordered_json json{{"version", report.version},         {"commit", report.commit},
                              {"compiler", report.compiler},       {"build_type", report.build_type},
                              {"libraries", std::move(libraries)}, {"kernel", report.kernel},
                              {"io_uring", report.io_uring}};
  return json.dump(2) + "\n";
}

}  // namespace corelane::runtime
