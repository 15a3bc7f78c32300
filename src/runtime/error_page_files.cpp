// SPDX-License-Identifier: Apache-2.0
#include "runtime/error_page_files.hpp"

#include <fmt/format.h>

#include <map>
#include <utility>

#include "runtime/config_file.hpp"

namespace corelane::runtime {
namespace {

using Pages = std::vector<proxy::ErrorPage>;

class Loader {
 public:
  Loader(const config::Model& model, const std::string& config_file)
      : model_(model), config_file_(config_file) {}

  /// Groups that nobody refers to are looked at all the same.
  void load_groups() {
    for (const config::ErrorGroup& group : model_.errors)
      groups_.push_back(load(group.files, config::path_key("errors", group.name) + ".files"));
  }

  Pages load_own(const config::HttpShared& http, std::string_view section, const std::string& name) {
    Pages pages = load(http.error_files, config::path_key(std::string(section), name) + ".error_files");
    if (http.errors == config::no_index) return pages;
    const Pages& group = groups_[http.errors];
    pages.insert(pages.end(), group.begin(), group.end());
    return pages;
  }

  /// The whole responses that rules answer with.
  void load_of_rules(const config::RuleLists& lists, std::string_view section, const std::string& name) {
    for (const rules::RuleListRow& row : rules::rule_lists) {
      const std::vector<config::Rule>& rules = lists[row.list];
      const std::string path = config::path_key(config::path_key(std::string(section), name), row.key);
      for (std::size_t i = 0; i < rules.size(); ++i) {
        if (rules[i].error_file.empty()) continue;
        const auto status = static_cast<std::uint16_t>(rules[i].status);
        files_[rules[i].error_file] =
            load({status, rules[i].error_file}, config::path_index(path, i) + ".error_file");
      }
    }
  }

  std::vector<Pages> take_groups() { return std::move(groups_); }
  std::map<std::string, proxy::ErrorPage> take_files() { return std::move(files_); }
  std::vector<config::Diagnostic> take_faults() { return std::move(faults_); }

 private:
  Pages load(const std::vector<config::ErrorFile>& files, const std::string& path) {
    Pages pages;
    for (const config::ErrorFile& file : files)
      pages.push_back(load(file, config::path_key(path, fmt::format("{}", file.status))));
    return pages;
  }

  proxy::ErrorPage load(const config::ErrorFile& file, const std::string& path) {
    std::string content;
    proxy::ErrorPageRead read;
    if (file_read(file.path, content, read.fault)) {
      read = proxy::error_page_from_file(file.status, content);
      if (!read.fault.empty()) read.fault = fmt::format("{}: {}", file.path, read.fault);
    }
    if (!read.fault.empty()) refuse(path, read.fault);
    return std::move(read.page);
  }

  void refuse(std::string path, std::string fault) {
    config::Diagnostic& diagnostic = faults_.emplace_back();
    diagnostic.file = config_file_;
    diagnostic.json_path = std::move(path);
    diagnostic.message = std::move(fault);
  }

  const config::Model& model_;
  const std::string& config_file_;
  std::vector<Pages> groups_;
  std::map<std::string, proxy::ErrorPage> files_;
  std::vector<config::Diagnostic> faults_;
};

}  // namespace

std::vector<config::Diagnostic> load_error_pages(const config::Model& model, const std::string& config_file,
                                                 proxy::ErrorPages& pages) {
  Loader loader(model, config_file);
  loader.load_groups();
  std::vector<Pages> frontends;
  std::vector<Pages> backends;
  for (const config::Frontend& frontend : model.frontends) {
    frontends.push_back(loader.load_own(frontend.http, "frontends", frontend.name));
    loader.load_of_rules(frontend.rules, "frontends", frontend.name);
  }
  for (const config::Backend& backend : model.backends) {
    backends.push_back(loader.load_own(backend.http, "backends", backend.name));
    loader.load_of_rules(backend.rules, "backends", backend.name);
  }
  std::vector<config::Diagnostic> faults = loader.take_faults();
  if (!faults.empty()) return faults;
  pages = proxy::ErrorPages(std::move(frontends), std::move(backends));
  pages.add_for_rules(loader.take_groups(), loader.take_files());
  return faults;
}

}  // namespace corelane::runtime
