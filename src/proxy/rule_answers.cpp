// SPDX-License-Identifier: Apache-2.0
// What rules answer with.
#include "proxy/http_actions.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/text_writer.hpp"

namespace corelane::proxy {

namespace {

constexpr std::uint16_t status_of_last_resort = 500;
constexpr std::size_t redirect_bytes_max = 8 * 1024;  // what clients take for a head

/// Begins a page; it is the whole head but for the end of its last field.
PageView begin_page(TextWriter& page, std::uint16_t status, std::size_t body_bytes) {
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
Verdict answer_with(RuleRun& run, TextWriter& page, PageView view, const TextWriter& body,
                    std::uint16_t status) {
  view.head_bytes = static_cast<std::uint32_t>(page.text().size());
  page.append(body.text());
  run.status = status_of_last_resort;
  if (!body.fits() || !page.fits()) return Verdict::answered;
  view.text = page.text();
  run.lane().rules->answer = view;
  run.status = status;
  return Verdict::answered;
}

}  // namespace

Verdict act_deny(RuleRun& run, const config::CompiledRule& rule) {
  run.status = static_cast<std::uint16_t>(rule.rule->status);
  return Verdict::answered;
}

Verdict act_return(RuleRun& run, const config::CompiledRule& rule) {
  TextWriter body(run.lane().rules->text);
  body.append(rule.text, run.evaluation(rule.text.needs()));
  TextWriter page(run.lane().rules->page);
  const auto status = static_cast<std::uint16_t>(rule.rule->status);
  const PageView view = begin_page(page, status, body.text().size());
  if (!body.text().empty()) {
    page.append("\r\ncontent-type: ");
    page.append(rule.rule->content_type);
  }
  page.append("\r\n\r\n");
  return answer_with(run, page, view, body, status);
}

Verdict act_redirect(RuleRun& run, const config::CompiledRule& rule) {
  const proto::HttpRequestHead& head = run.request();
  const auto status = static_cast<std::uint16_t>(rule.rule->status);
  TextWriter target(run.lane().rules->text);
  target.append(rule.text, run.evaluation(rule.text.needs()));
  TextWriter page(std::span(run.lane().rules->page).first(redirect_bytes_max));
  const PageView view = begin_page(page, status, 0);
  page.append("\r\nlocation: ");
  page.append_uri(target.text());
  if (rule.redirect_to == config::RedirectTo::scheme) {
    page.append("://");
    page.append_uri(head.host);
  }
  if (rule.redirect_to != config::RedirectTo::location) page.append_uri(head.path_and_query);
  // A browser keeps what is permanent.
  const bool permanent = status == 301 || status == 308;
  page.append(permanent ? "\r\n\r\n" : "\r\ncache-control: no-cache\r\n\r\n");
  TextWriter none({});
  if (!target.fits()) none.append("too long");
  return answer_with(run, page, view, none, status);
}

}  // namespace corelane::proxy
