// SPDX-License-Identifier: Apache-2.0
#include "runtime/commands.hpp"

#include <fmt/format.h>

#include <cstdio>
#include <utility>

#include "config/config.hpp"
#include "runtime/config_file.hpp"
#include "runtime/doctor.hpp"
#include "runtime/error_page_files.hpp"
#include "runtime/notices.hpp"
#include "runtime/process.hpp"
#include "runtime/tls_files.hpp"
#include "runtime/version.hpp"

namespace corelane::runtime {

namespace {

ExitStatus print(const std::string& text) {
  stream_write(stdout, text);
  return ExitStatus::fine;
}

ExitStatus fail(const Failure& failure) {
  stream_write(stderr, fmt::format("corelane: error: {}\n", failure.text));
  return failure.status;
}

/// Reads what the configuration names. Error pages are only looked at: the process reads its own.
TlsSettings check_named_files(LoadedFile& loaded, const std::string& file) {
  proxy::ErrorPages pages;
  TlsSettings settings;
  std::vector<config::Diagnostic> of_pages = load_error_pages(*loaded.model, file, pages);
  std::vector<config::Diagnostic> of_tls = load_tls(*loaded.model, file, settings);
  loaded.add(std::move(of_pages));
  loaded.add(std::move(of_tls));
  return settings;
}

ExitStatus serve(config::Model model, TlsSettings tls = {}) {
  Process process(std::move(model), std::move(tls), Notices(output_form_of_standard_error()));
  if (const std::optional<Failure> failure = process.start()) return fail(*failure);
  return process.run();
}

ExitStatus run_file(const std::string& file) {
  LoadedFile loaded = config_load_file(file);
  TlsSettings tls;
  if (loaded.model) tls = check_named_files(loaded, file);
  diagnostics_print(loaded.diagnostics);
  return loaded.model ? serve(std::move(*loaded.model), std::move(tls)) : ExitStatus::configuration;
}

ExitStatus run_listen(const RunRequest& request) {
  config::LoadResult loaded = config::model_from_listen(request.listen, request.to, request.mode);
  diagnostics_print(loaded.diagnostics);
  if (!loaded.model) return ExitStatus::usage;
  std::string failure;
  if (!request.save.empty() && !file_create(request.save, config::dump(*loaded.model), failure)) {
    return usage_error(failure);
  }
  return serve(std::move(*loaded.model));
}

}  // namespace

ExitStatus usage_error(const std::string& text) {
  stream_write(stderr, fmt::format("corelane: error: {}\n", text));
  return ExitStatus::usage;
}

ExitStatus command_run(const RunRequest& request) {
  const bool listens = !request.listen.empty() || !request.to.empty();
  if (request.file.empty() == !listens) {
    return usage_error("run takes either a FILE, or --listen ADDRESS and --to ADDRESS[,ADDRESS...]");
  }
  if (!request.file.empty()) {
    return request.save.empty() ? run_file(request.file) : usage_error("--save goes with --listen and --to");
  }
  if (request.listen.empty() || request.to.empty()) return usage_error("--listen and --to go together");
  return run_listen(request);
}

ExitStatus command_check(const std::string& file, bool json) {
  LoadedFile loaded = config_load_file(file);
  if (loaded.model) (void)check_named_files(loaded, file);
  if (json) {
    print(config::diagnostics_json(loaded.diagnostics));
  } else {
    diagnostics_print(loaded.diagnostics);
    if (loaded.model) print(fmt::format("{}: sound\n", file));
  }
  return loaded.model ? ExitStatus::fine : ExitStatus::configuration;
}

ExitStatus command_dump(const std::string& file) {
  const LoadedFile loaded = config_load_file(file);
  diagnostics_print(loaded.diagnostics);
  return loaded.model ? print(config::dump(*loaded.model)) : ExitStatus::configuration;
}

ExitStatus command_schema() {
  return print(config::schema());
}

ExitStatus command_reference() {
  return print(config::reference_markdown());
}

ExitStatus command_keywords() {
  std::string text;
  for (const std::string& word : config::keywords()) text += word + "\n";
  return print(text);
}

ExitStatus command_doctor(const std::string& file, bool json) {
  LoadedFile loaded;
  if (!file.empty()) {
    loaded = config_load_file(file);
    diagnostics_print(loaded.diagnostics);
    if (!loaded.model) return ExitStatus::configuration;
  }
  const DoctorFacts facts = doctor_facts();
  const DoctorWishes wishes = loaded.model ? doctor_wishes(*loaded.model, file, facts) : doctor_wishes(facts);
  const std::vector<Finding> findings = doctor_findings(facts, wishes);
  print(json ? doctor_json(findings) : doctor_text(findings));
  return doctor_all_well(findings) ? ExitStatus::fine : ExitStatus::configuration;
}

ExitStatus command_version(bool json) {
  const VersionReport report = version_report();
  return print(json ? version_report_json(report) : version_report_text(report));
}

}  // namespace corelane::runtime
