// SPDX-License-Identifier: Apache-2.0
// What rules change of a request line.
#include <algorithm>

#include "proto/http_tokens.hpp"
#include "proxy/http_actions.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/text_writer.hpp"
#include "rules/replacement.hpp"

namespace corelane::proxy {

namespace {

/// A target in parts; together they are the whole.
struct Target {
  explicit Target(const proto::HttpRequestHead& head) {
    const bool has_path = head.target.ends_with(head.path_and_query) && !head.path_and_query.empty();
    const std::size_t begin = head.target.size() - (has_path ? head.path_and_query.size() : 0);
    const std::size_t mark = std::min(head.target.find('?', begin), head.target.size());
    before = head.target.substr(0, begin);
    path = head.target.substr(begin, mark - begin);
    query = head.target.substr(mark);
    path_and_query = head.target.substr(begin);
  }

  std::string_view before;  // scheme and authority of the absolute form
  std::string_view path;
  std::string_view query;  // with its question mark; may be empty
  std::string_view path_and_query;
};

/// What no target may have is encoded.
void append_target(TextWriter& out, std::string_view text) {
  for (const char c : text) {
    if (proto::http::is(c, proto::http::target)) {
      out.append({&c, 1});
      continue;
    }
    char digits[3] = {'%'};
    sample::write_hex({&c, 1}, digits + 1);
    out.append({digits, sizeof(digits)});
  }
}

Verdict set_target(RuleRun& run, std::string_view before, std::string_view middle, std::string_view after) {
  TextWriter target(run.lane().rules->replaced);
  target.append(before);
  append_target(target, middle);
  target.append(after);
  if (!target.fits()) return run.fail();
  run.replace(run.request().target, target.text());
  return Verdict::next;
}

/// What becomes of a part of the target. False: it stays as it is, and the rule ends with the verdict.
bool replaced_part(RuleRun& run, const config::CompiledRule& rule, std::string_view part,
                   std::string_view& result, Verdict& verdict) {
  const RuleText format(run, rule);
  sample::Arena& arena = run.evaluation(0).arena;
  arena.reset();
  verdict = Verdict::next;
  const rules::Replaced replaced = rules::replace_match(*rule.regex, part, format.text(), arena, result);
  if (!format.fits() || replaced == rules::Replaced::too_long) verdict = run.fail();
  return format.fits() && replaced == rules::Replaced::done;
}

}  // namespace

Verdict act_set_method(RuleRun& run, const config::CompiledRule& rule) {
  const RuleText method(run, rule);
  if (!method.fits()) return run.fail();
  run.replace(run.request().method_text, method.text());
  return Verdict::next;
}

Verdict act_set_uri(RuleRun& run, const config::CompiledRule& rule) {
  const RuleText uri(run, rule);
  return uri.fits() ? set_target(run, {}, uri.text(), {}) : run.fail();
}

Verdict act_set_path(RuleRun& run, const config::CompiledRule& rule) {
  const RuleText path(run, rule);
  const Target target(run.request());
  return path.fits() ? set_target(run, target.before, path.text(), target.query) : run.fail();
}

Verdict act_set_pathq(RuleRun& run, const config::CompiledRule& rule) {
  const RuleText pathq(run, rule);
  const Target target(run.request());
  return pathq.fits() ? set_target(run, target.before, pathq.text(), {}) : run.fail();
}

// A question mark at its beginning is the one that is there already. Without a query there is none.
Verdict act_set_query(RuleRun& run, const config::CompiledRule& rule) {
  const RuleText query(run, rule);
  if (!query.fits()) return run.fail();
  const Target target(run.request());
  std::string_view text = query.text();
  if (text.starts_with('?')) text.remove_prefix(1);
  TextWriter whole(run.lane().rules->page);
  whole.append(target.path);
  if (!text.empty()) whole.append("?");
  whole.append(text);
  return whole.fits() ? set_target(run, target.before, whole.text(), {}) : run.fail();
}

Verdict act_replace_uri(RuleRun& run, const config::CompiledRule& rule) {
  std::string_view text;
  Verdict verdict;
  if (!replaced_part(run, rule, run.request().target, text, verdict)) return verdict;
  return set_target(run, {}, text, {});
}

Verdict act_replace_path(RuleRun& run, const config::CompiledRule& rule) {
  std::string_view text;
  Verdict verdict;
  const Target target(run.request());
  if (!replaced_part(run, rule, target.path, text, verdict)) return verdict;
  return set_target(run, target.before, text, target.query);
}

Verdict act_replace_pathq(RuleRun& run, const config::CompiledRule& rule) {
  std::string_view text;
  Verdict verdict;
  const Target target(run.request());
  if (!replaced_part(run, rule, target.path_and_query, text, verdict)) return verdict;
  return set_target(run, target.before, text, {});
}

Verdict act_normalize_uri(RuleRun& run, const config::CompiledRule& rule) {
  constexpr std::uint16_t bad_request = 400;
  const Target target(run.request());
  if (!target.path_and_query.starts_with('/')) return Verdict::next;
  const std::span<char> out = run.lane().rules->text;
  const config::Rule& wanted = *rule.rule;
  std::size_t used = 0;
  const proto::UriNormalized result =
      proto::normalize_uri(wanted.normalizer, wanted.full || wanted.strict, target.path_and_query, out, used);
  if (result == proto::UriNormalized::too_long) return run.fail();
  if (result == proto::UriNormalized::invalid) {
    run.status = bad_request;
    return Verdict::answered;
  }
  const std::string_view text(out.data(), used);
  return text == target.path_and_query ? Verdict::next : set_target(run, target.before, text, {});
}

}  // namespace corelane::proxy
