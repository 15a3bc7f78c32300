// SPDX-License-Identifier: Apache-2.0
#include "proxy/http_rules.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "proxy/error_pages.hpp"
#include "proxy/lane_state.hpp"
#include "sample/numbers.hpp"

namespace corelane::proxy {

namespace {

using Rule = config::FrontendRules::HttpRule;

constexpr std::uint16_t status_of_last_resort = 500;
constexpr std::size_t redirect_bytes_max = 8 * 1024;  // what clients take for a head

/// Text in memory of the lane.
class Writer {
 public:
  explicit Writer(std::span<char> memory) : memory_(memory) {}

  void append(std::string_view text) {
    fits_ = fits_ && text.size() <= memory_.size() - used_;
    if (!fits_) return;
    std::copy(text.begin(), text.end(), memory_.begin() + static_cast<std::ptrdiff_t>(used_));
    used_ += text.size();
  }
  void append(const rules::Template& text, const rules::Evaluation& evaluation) {
    fits_ = fits_ && text.append_to(evaluation, memory_, used_);
  }
  /// As it may stand in a URI: what may not is encoded.
  void append_uri(std::string_view text) {
    for (const char c : text) {
      if (c > ' ' && c < 0x7f) {
        append({&c, 1});
        continue;
      }
      char digits[3] = {'%'};
      sample::write_hex({&c, 1}, digits + 1);
      append({digits, sizeof(digits)});
    }
  }
  void append_number(std::uint64_t number) {
    const fmt::format_int digits(number);
    append({digits.data(), digits.size()});
  }

  bool fits() const { return fits_; }
  std::string_view text() const { return {memory_.data(), used_}; }

 private:
  std::span<char> memory_;
  std::size_t used_ = 0;
  bool fits_ = true;
};

/// Begins a page; it is the whole head but for the end of its last field.
PageView begin_page(Writer& page, std::uint16_t status, std::size_t body_bytes) {
  page.append("HTTP/1.1 ");
  page.append_number(status);
  page.append(" ");
  page.append(status_reason(status));
  page.append("\r\n");
  const auto status_line_bytes = static_cast<std::uint32_t>(page.text().size());
  page.append("content-length: ");
  page.append_number(body_bytes);
  return {.text = {}, .status_line_bytes = status_line_bytes};
}

/// What is too long is not answered in part. The page is written but for its body.
std::uint16_t answer_with(const RuleInput& input, Writer& page, PageView view, const Writer& body,
                          std::uint16_t status) {
  view.head_bytes = static_cast<std::uint32_t>(page.text().size());
  page.append(body.text());
  if (!body.fits() || !page.fits()) return status_of_last_resort;
  view.text = page.text();
  input.lane.rules->answer = view;
  return status;
}

std::uint16_t answer(const RuleInput& input, const Rule& rule, const rules::Evaluation& evaluation) {
  Writer body(input.lane.rules->text);
  body.append(rule.text, evaluation);
  Writer page(input.lane.rules->page);
  const PageView view = begin_page(page, rule.status, body.text().size());
  if (!body.text().empty()) {
    page.append("\r\ncontent-type: ");
    page.append(rule.content_type);
  }
  page.append("\r\n\r\n");
  return answer_with(input, page, view, body, rule.status);
}

std::uint16_t redirect(const RuleInput& input, const Rule& rule, const rules::Evaluation& evaluation) {
  const proto::HttpRequestHead& head = *input.request;
  Writer target(input.lane.rules->text);
  target.append(rule.text, evaluation);
  if (!target.fits()) return status_of_last_resort;
  Writer page(std::span(input.lane.rules->page).first(redirect_bytes_max));
  const PageView view = begin_page(page, rule.status, 0);
  page.append("\r\nlocation: ");
  page.append_uri(target.text());
  if (rule.redirect_to == config::RedirectTo::scheme) {
    page.append("://");
    page.append_uri(head.host);
  }
  if (rule.redirect_to != config::RedirectTo::location) page.append_uri(head.path_and_query);
  // A browser keeps what is permanent.
  const bool permanent = rule.status == 301 || rule.status == 308;
  page.append(permanent ? "\r\n\r\n" : "\r\ncache-control: no-cache\r\n\r\n");
  return answer_with(input, page, view, Writer({}), rule.status);
}

bool remove_fields(const RuleInput& input, const Rule& rule, proto::HttpHeadEdits& edits) {
  bool fits = true;
  for (const proto::HttpField& field : input.request->fields)
    if (proto::http_same_name(field.name, rule.name)) fits = fits && edits.remove(field);
  return fits;
}

// A value that no field can have is not added.
bool edit_field(const RuleInput& input, const Rule& rule, const rules::Evaluation& evaluation,
                proto::HttpHeadEdits& edits) {
  if (rule.action != rules::Action::add_header && !remove_fields(input, rule, edits)) return false;
  if (rule.action == rules::Action::del_header) return true;
  Writer value(input.lane.rules->text);
  value.append(rule.text, evaluation);
  return value.fits() && (edits.add_field(rule.name, value.text()) || !edits.full());
}

// What an earlier rule has added is gone when a later one sets or removes the field. There is room for all.
void note_edit(std::vector<const Rule*>& edits, const Rule& rule) {
  if (rule.action != rules::Action::add_header) {
    std::erase_if(edits, [&rule](const Rule* earlier) {
      return earlier->action != rules::Action::del_header && proto::http_same_name(earlier->name, rule.name);
    });
  }
  edits.push_back(&rule);
}

}  // namespace

std::uint16_t judge_request(const RuleInput& input) {
  const config::FrontendRules* rules = rules_of(input);
  if (rules == nullptr || rules->http_request.empty()) return 0;
  const RuleScene scene(input);
  const rules::Evaluation evaluation = scene.evaluation();
  input.lane.rules->edits.clear();
  input.lane.rules->answer = {};
  for (const Rule& rule : rules->http_request) {
    if (!rule.when.applies(evaluation)) continue;
    if (rule.action == rules::Action::deny) return rule.status;
    if (rule.action == rules::Action::answer) return answer(input, rule, evaluation);
    if (rule.action == rules::Action::redirect) return redirect(input, rule, evaluation);
    note_edit(input.lane.rules->edits, rule);
  }
  return 0;
}

bool edit_fields(const RuleInput& input, proto::HttpHeadEdits& edits) {
  const config::FrontendRules* rules = rules_of(input);
  if (rules == nullptr || rules->http_request.empty()) return true;
  const RuleScene scene(input);
  for (const Rule* rule : input.lane.rules->edits)
    if (!edit_field(input, *rule, scene.evaluation(), edits)) return false;
  return true;
}

}  // namespace corelane::proxy
