// SPDX-License-Identifier: Apache-2.0
// What rules change of a message.
#include "proxy/http_actions.hpp"

#include "proxy/lane_state.hpp"
#include "proxy/text_writer.hpp"

namespace corelane::proxy {

namespace {

/// The rule's text; it is good until the next one is made.
std::string_view text_of(RuleRun& run, const config::CompiledRule& rule, bool& fits) {
  TextWriter text(run.lane().rules->text);
  text.append(rule.text, run.evaluation(rule.text.needs()));
  fits = text.fits();
  return text.text();
}

}  // namespace

Verdict act_set_header(RuleRun& run, const config::CompiledRule& rule) {
  bool fits = false;
  const std::string_view value = text_of(run, rule, fits);
  if (fits) run.set_field(rule.rule->name, &value);
  return fits ? Verdict::next : run.fail();
}

Verdict act_add_header(RuleRun& run, const config::CompiledRule& rule) {
  bool fits = false;
  const std::string_view value = text_of(run, rule, fits);
  if (fits) run.add_field(rule.rule->name, value);
  return fits ? Verdict::next : run.fail();
}

Verdict act_del_header(RuleRun& run, const config::CompiledRule& rule) {
  run.set_field(rule.rule->name, nullptr);
  return Verdict::next;
}

}  // namespace corelane::proxy
