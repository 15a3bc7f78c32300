// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "config/config.hpp"
#include "config/cross_checks.hpp"
#include "config/sections.hpp"
#include "rules/pattern_sets.hpp"

namespace corelane::config {
namespace {

/// Known before anything is decoded, so that a frontend may stand before its backend.
std::optional<std::vector<std::string_view>> backend_names(const Node& root) {
  const Node* backends = root.find("backends");
  if (backends == nullptr || backends->kind != Node::Kind::object || backends->children.empty())
    return std::nullopt;
  std::vector<std::string_view> names;
  for (const Node& backend : backends->children) names.push_back(backend.key);
  return names;
}

/// Likewise; a file without such groups has none to refer to.
std::optional<std::vector<std::string_view>> error_group_names(const Node& root) {
  std::vector<std::string_view> names;
  const Node* groups = root.find("errors");
  if (groups == nullptr) return names;
  if (groups->kind != Node::Kind::object) return std::nullopt;
  for (const Node& group : groups->children) names.push_back(group.key);
  return names;
}

Model model_from_document(Document document) {
  Model model;
  model.global = std::move(document.global);
  model.frontends = std::move(document.frontends);
  model.errors = std::move(document.errors);
  model.user_lists = std::move(document.user_lists);
  model.pattern_files = std::move(document.pattern_files);
  for (BackendDraft& draft : document.backends)
    model.backends.push_back(std::move(static_cast<Backend&>(draft)));
  return model;
}

}  // namespace

LoadResult load(std::string_view text, std::string_view file_name, const FileReader& read_file) {
  Report report(file_name);
  LoadResult result;
  if (const std::optional<Node> root = read_json(text, report)) {
    Document document;
    apply_defaults(document_section, &document);
    document.pattern_files.sets = std::make_shared<rules::PatternSets>(read_file);
    DecodeContext context{report, backend_names(*root), error_group_names(*root)};
    read_object(context, document_section, *root, "", &document, nullptr);
    if (report.errors() == 0) read_rule_contents(document, *root, read_file, report);
    check_document(document, *root, report);
    document.pattern_files.sets->number();
    if (report.errors() == 0) {
      result.model = model_from_document(std::move(document));
      result.model->file.text = file_name;
    }
  }
  result.diagnostics = report.take();
  return result;
}

}  // namespace corelane::config
