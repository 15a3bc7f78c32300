// SPDX-License-Identifier: Apache-2.0
// The files that rules answer with.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "config/capture_slots.hpp"
#include "config/cross_checks.hpp"

namespace corelane::config {
namespace {

class ContentReader {
 public:
  ContentReader(const FileReader& read_file, Report& report) : read_file_(read_file), report_(report) {}

  template <class Owner>
  void read(Owner& owner, const Node& object, const std::string& path) {
    for (const rules::RuleListRow& row : rules::rule_lists) {
      std::vector<Rule>& rules = owner.rules[row.list];
      if (!row.group.empty() || rules.empty()) continue;
      const Node& list = *object.find(row.key);
      for (std::size_t i = 0; i < rules.size(); ++i)
        read(rules[i], list.children[i], path_index(path_key(path, row.key), i));
    }
  }

 private:
  void read(Rule& rule, const Node& node, const std::string& path) {
    if (!rule.error_file.empty() && !rule.error_file.starts_with('/'))
      refuse(node, path, "error_file", "an error file's path is absolute");
    const std::string& file = rule.file.empty() ? rule.lf_file : rule.file;
    if (file.empty() || !read_file_) return;
    const std::string_view key = rule.file.empty() ? "lf_file" : "file";
    std::string failure;
    if (!read_file_(file, rule.content.bytes, failure)) return refuse(node, path, key, failure);
    if (rule.content.bytes.size() > rule_content_bytes_max) {
      refuse(node, path, key,
             fmt::format("{} has {} bytes: an answer has {} at most", file, rule.content.bytes.size(),
                         rule_content_bytes_max));
    }
  }

  void refuse(const Node& node, const std::string& path, std::string_view key, const std::string& fault) {
    report_.error(node.find(key)->position, path_key(path, key), fault);
  }

  const FileReader& read_file_;
  Report& report_;
};

/// Slots that rules name are those of the frontends whose requests they see.
void check_slots(const RuleLists& lists, const Node& object, const std::string& path,
                 const Frontend& frontend, Report& report) {
  const CaptureSlots slots = capture_slots(frontend);
  for (const rules::RuleList where : {rules::RuleList::tcp_request_content, rules::RuleList::http_request,
                                      rules::RuleList::http_response, rules::RuleList::http_after_response}) {
    const std::vector<Rule>& rules = lists[where];
    const bool of_response =
        where == rules::RuleList::http_response || where == rules::RuleList::http_after_response;
    const std::size_t count = of_response ? slots.response.size() : slots.request.size();
    for (std::size_t i = 0; i < rules.size(); ++i) {
      if (rules[i].action != rules::Action::capture || rules[i].length != 0 || rules[i].slot < count)
        continue;
      const Node* list = &object;
      std::string place = path;
      for (const std::string_view key : {rules::row_of(where).group, rules::row_of(where).key}) {
        if (key.empty()) continue;
        list = list->find(key);
        place = path_key(place, key);
      }
      report.error(list->children[i].find("slot")->position, path_key(path_index(place, i), "slot"),
                   fmt::format("the frontend \"{}\" has {} slots here: capture.{} declares some",
                               frontend.name, count, of_response ? "response_slots" : "request_slots"));
    }
  }
}

}  // namespace

namespace {

void check_waits(const RuleLists& lists, const Node& object, const std::string& path, Report& report) {
  const std::vector<Rule>& rules = lists[rules::RuleList::http_request];
  for (std::size_t i = 0; i < rules.size(); ++i) {
    if (rules[i].action != rules::Action::wait_for_handshake) continue;
    report.error(object.find("http_request")->children[i].find("action")->position,
                 path_key(path_index(path_key(path, "http_request"), i), "action"),
                 "has nothing to wait for: a bind whose tls has early_data is wanted");
  }
}

}  // namespace

void check_handshake_waits(const Document& document, const Node& root, Report& report) {
  const auto takes_early_data = [](const Frontend& frontend) {
    return std::any_of(frontend.bind.begin(), frontend.bind.end(),
                       [](const Bind& bind) { return bind.tls && bind.tls->early_data; });
  };
  for (std::size_t f = 0; f < document.frontends.size(); ++f)
    if (!takes_early_data(document.frontends[f]))
      check_waits(document.frontends[f].rules, root.find("frontends")->children[f],
                  path_key("frontends", document.frontends[f].name), report);
  for (std::uint32_t b = 0; b < document.backends.size(); ++b)
    if (std::none_of(document.frontends.begin(), document.frontends.end(), [&](const Frontend& frontend) {
          return frontend.leads_to(b) && takes_early_data(frontend);
        }))
      check_waits(document.backends[b].rules, root.find("backends")->children[b],
                  path_key("backends", document.backends[b].name), report);
}

void check_capture_slots(const Document& document, const Node& root, Report& report) {
  for (std::size_t f = 0; f < document.frontends.size(); ++f) {
    const Frontend& frontend = document.frontends[f];
    check_slots(frontend.rules, root.find("frontends")->children[f], path_key("frontends", frontend.name),
                frontend, report);
    for (std::uint32_t b = 0; b < document.backends.size(); ++b) {
      if (!frontend.leads_to(b)) continue;
      check_slots(document.backends[b].rules, root.find("backends")->children[b],
                  path_key("backends", document.backends[b].name), frontend, report);
    }
  }
}

void read_rule_contents(Document& document, const Node& root, const FileReader& read_file, Report& report) {
  ContentReader reader(read_file, report);
  for (std::size_t f = 0; f < document.frontends.size(); ++f)
    reader.read(document.frontends[f], root.find("frontends")->children[f],
                path_key("frontends", document.frontends[f].name));
  for (std::size_t b = 0; b < document.backends.size(); ++b)
    reader.read(document.backends[b], root.find("backends")->children[b],
                path_key("backends", document.backends[b].name));
}

}  // namespace corelane::config
