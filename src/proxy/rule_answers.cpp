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

void append_headers(RuleRun& run, const config::CompiledRule& rule, TextWriter& page) {
  for (const config::CompiledHeader& header : rule.headers) {
    TextWriter value(run.lane().rules->replaced);
    value.append(header.value, run.evaluation(header.value.needs()));
    if (!value.fits() || !is_field_value(value.text())) continue;
    page.append("\r\n");
    page.append(header.name);
    page.append(": ");
    page.append(value.text());
  }
}

/// A whole response; the error page of `status` where the group has none for that.
Verdict answer_with_page(RuleRun& run, const config::Rule& rule) {
  const ErrorPages& pages = run.lane().shared.error_pages;
  run.status = static_cast<std::uint16_t>(rule.status);
  const ErrorPage* page =
      rule.error_file.empty() ? pages.of_group(rule.errors, run.status) : pages.of_file(rule.error_file);
  run.lane().rules->answer = page != nullptr ? page->view() : PageView();
  return Verdict::answered;
}

bool has_whole_page(const config::Rule& rule) {
  return !rule.error_file.empty() || rule.errors != config::no_index;
}

Verdict answer_with_text(RuleRun& run, const config::CompiledRule& rule) {
  TextWriter body(run.lane().rules->text);
  if (rule.rule->file.empty()) {
    body.append(rule.text, run.evaluation(rule.text.needs()));
  } else {
    body.append(rule.rule->content.bytes);
  }
  TextWriter page(run.lane().rules->page);
  const auto status = static_cast<std::uint16_t>(rule.rule->status);
  const PageView view = begin_page(page, status, body.text().size());
  if (!body.text().empty()) {
    page.append("\r\ncontent-type: ");
    page.append(rule.rule->content_type);
  }
  append_headers(run, rule, page);
  page.append("\r\n\r\n");
  return answer_with(run, page, view, body, status);
}

}  // namespace

Verdict act_deny(RuleRun& run, const config::CompiledRule& rule) {
  run.lane().rules->refuses = true;
  if (has_whole_page(*rule.rule)) return answer_with_page(run, *rule.rule);
  if (rule.rule->has_body() || !rule.headers.empty()) return answer_with_text(run, rule);
  run.status = static_cast<std::uint16_t>(rule.rule->status);
  return Verdict::answered;
}

Verdict act_tarpit(RuleRun& run, const config::CompiledRule& rule) {
  run.held = true;
  return act_deny(run, rule);
}

Verdict act_return(RuleRun& run, const config::CompiledRule& rule) {
  if (has_whole_page(*rule.rule)) return answer_with_page(run, *rule.rule);
  return answer_with_text(run, rule);
}

// The error page for 401, with what asks for a password.
Verdict act_auth(RuleRun& run, const config::CompiledRule& rule) {
  constexpr std::uint16_t status = 401;
  const RuleInput& input = run.input();
  const ErrorPages& pages = input.lane.shared.error_pages;
  const PageView given = pages.page(input.session.frontend, input.backend, status).view();
  TextWriter page(run.lane().rules->page);
  page.append(given.text.substr(0, given.status_line_bytes));
  page.append("www-authenticate: Basic realm=\"");
  const std::string& realm = rule.rule->realm;
  page.append(!realm.empty() ? std::string_view(realm)
                             : input.lane.model().frontends[input.session.frontend].name);
  page.append("\"\r\n");
  const auto added = static_cast<std::uint32_t>(page.text().size() - given.status_line_bytes);
  page.append(given.text.substr(given.status_line_bytes));
  run.status = page.fits() ? status : status_of_last_resort;
  if (page.fits()) {
    run.lane().rules->answer = {.text = page.text(),
                                .status_line_bytes = given.status_line_bytes,
                                .head_bytes = given.head_bytes + added,
                                .closes = given.closes};
  }
  return Verdict::answered;
}

// A client of HTTP/1.0 knows no interim responses (RFC 9110, 15.2).
Verdict act_early_hint(RuleRun& run, const config::CompiledRule& rule) {
  if (run.input().request->version == proto::HttpVersion::http10) return Verdict::next;
  const RuleText value(run, rule);
  if (!value.fits()) return run.fail();
  if (!is_field_value(value.text())) return Verdict::next;
  return run.lane().rules->hints.add(rule.rule->name, value.text()) ? Verdict::next : run.fail();
}

namespace {

/// What the client asked for, behind another scheme or a prefix.
void append_asked(const config::CompiledRule& rule, const proto::HttpRequestHead& head, TextWriter& page) {
  if (rule.redirect_to == config::RedirectTo::scheme) {
    page.append("://");
    page.append_uri(head.host);
  }
  const std::string_view asked = head.path_and_query;
  const bool drops = rule.rule->drop_query;
  page.append_uri(drops ? asked.substr(0, asked.find('?')) : asked);
}

void append_cookie(const config::Rule& rule, TextWriter& page) {
  if (!rule.set_cookie.empty()) {
    page.append("\r\nset-cookie: ");
    page.append(rule.set_cookie);
    page.append("; path=/;");
  } else if (!rule.clear_cookie.empty()) {
    page.append("\r\nset-cookie: ");
    page.append(rule.clear_cookie);
    page.append("=; path=/; Max-Age=0;");
  }
}

}  // namespace

Verdict act_redirect(RuleRun& run, const config::CompiledRule& rule) {
  const auto status = static_cast<std::uint16_t>(rule.rule->status);
  TextWriter target(run.lane().rules->text);
  target.append(rule.text, run.evaluation(rule.text.needs()));
  TextWriter page(std::span(run.lane().rules->page).first(redirect_bytes_max));
  const PageView view = begin_page(page, status, 0);
  page.append("\r\nlocation: ");
  const bool to_location = rule.redirect_to == config::RedirectTo::location;
  // A prefix of one slash is none: the path begins with it.
  const bool no_prefix = rule.redirect_to == config::RedirectTo::prefix && rule.rule->prefix == "/";
  if (!no_prefix) page.append_uri(target.text());
  if (!to_location) append_asked(rule, run.request(), page);
  if (rule.rule->append_slash && !page.text().ends_with('/')) page.append("/");
  // A browser keeps what is permanent.
  const bool permanent = status == 301 || status == 308;
  if (!permanent) page.append("\r\ncache-control: no-cache");
  append_cookie(*rule.rule, page);
  page.append("\r\n\r\n");
  TextWriter none({});
  if (!target.fits()) none.append("too long");
  return answer_with(run, page, view, none, status);
}

}  // namespace corelane::proxy
