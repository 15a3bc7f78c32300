// SPDX-License-Identifier: Apache-2.0
// What rules change of a message: its fields, and the status of a response.
#include "proxy/http_actions.hpp"

#include <algorithm>

#include "proto/http_tokens.hpp"
#include "proxy/lane_state.hpp"
#include "proxy/text_writer.hpp"
#include "rules/replacement.hpp"

namespace corelane::proxy {

namespace {

bool is_named(const proto::HttpField& field, const config::CompiledRule& rule) {
  const std::string& name = rule.rule->name;
  const auto same = [](char a, char b) { return sample::lower_case(a) == sample::lower_case(b); };
  switch (rule.rule->method) {
    case config::NameMethod::str:
      return proto::http_same_name(field.name, name);
    case config::NameMethod::beg:
      return field.name.size() >= name.size() &&
             proto::http_same_name(field.name.substr(0, name.size()), name);
    case config::NameMethod::end:
      return field.name.size() >= name.size() &&
             proto::http_same_name(field.name.substr(field.name.size() - name.size()), name);
    case config::NameMethod::sub:
      return std::search(field.name.begin(), field.name.end(), name.begin(), name.end(), same) !=
             field.name.end();
    case config::NameMethod::reg:
      break;
  }
  return rules::matches(*rule.regex, field.name);
}

/// What a rule makes of a value, or of an element of one.
class Replacing {
 public:
  Replacing(RuleRun& run, const config::CompiledRule& rule, std::string_view format)
      : rule_(rule), format_(format), arena_(run.evaluation(0).arena), out_(run.lane().rules->replaced) {}

  void append(std::string_view value) { append_element({}, value, {}); }

  /// The elements of a list, with what stands between those that stay as it is.
  void append_elements(std::string_view value) {
    constexpr std::string_view blanks = " \t";
    for (;;) {
      const std::size_t end = proto::http::element_end(value);
      const std::string_view element = value.substr(0, end);
      const std::size_t begin = std::min(element.find_first_not_of(blanks), end);
      const std::size_t last = begin == end ? end : element.find_last_not_of(blanks) + 1;
      append_element(element.substr(0, begin), element.substr(begin, last - begin), element.substr(last));
      if (end == value.size()) return;
      out_.append(",");
      value.remove_prefix(end + 1);
    }
  }

  bool changed() const { return changed_; }
  bool fits() const { return fits_ && out_.fits(); }
  std::string_view text() const { return out_.text(); }

 private:
  /// Of one that is replaced the blanks around it go as well, as for HAProxy.
  void append_element(std::string_view before, std::string_view value, std::string_view behind) {
    arena_.reset();
    std::string_view result;
    const rules::Replaced replaced = rules::replace_match(*rule_.regex, value, format_, arena_, result);
    fits_ = fits_ && replaced != rules::Replaced::too_long;
    if (replaced == rules::Replaced::done) {
      changed_ = true;
      out_.append(result);
    } else {
      for (const std::string_view part : {before, value, behind}) out_.append(part);
    }
  }

  const config::CompiledRule& rule_;
  std::string_view format_;
  sample::Arena& arena_;
  TextWriter out_;
  bool changed_ = false;
  bool fits_ = true;
};

/// In every field of the rule's name.
Verdict replace_fields(RuleRun& run, const config::CompiledRule& rule,
                       void (Replacing::*append)(std::string_view)) {
  const RuleText format(run, rule);
  if (!format.fits()) return run.fail();
  for (const proto::HttpField& field : run.head().fields) {
    if (!proto::http_same_name(field.name, rule.rule->name)) continue;
    Replacing value(run, rule, format.text());
    (value.*append)(field.value);
    if (!value.fits()) return run.fail();
    if (value.changed()) run.replace(field.value, value.text());
  }
  return Verdict::next;
}

}  // namespace

Verdict act_set_header(RuleRun& run, const config::CompiledRule& rule) {
  const RuleText value(run, rule);
  if (!value.fits()) return run.fail();
  const std::string_view text = value.text();
  run.set_field(rule.rule->name, &text);
  return Verdict::next;
}

Verdict act_add_header(RuleRun& run, const config::CompiledRule& rule) {
  const RuleText value(run, rule);
  if (!value.fits()) return run.fail();
  run.add_field(rule.rule->name, value.text());
  return Verdict::next;
}

// What frames the message stays, whatever the name is compared with.
Verdict act_del_header(RuleRun& run, const config::CompiledRule& rule) {
  for (const proto::HttpField& field : run.head().fields)
    if (is_named(field, rule) && rules::may_edit_field(field.name)) run.remove(field);
  return Verdict::next;
}

Verdict act_replace_header(RuleRun& run, const config::CompiledRule& rule) {
  return replace_fields(run, rule, &Replacing::append);
}

Verdict act_replace_value(RuleRun& run, const config::CompiledRule& rule) {
  return replace_fields(run, rule, &Replacing::append_elements);
}

Verdict act_set_status(RuleRun& run, const config::CompiledRule& rule) {
  const std::string_view line = run.response().status_line;
  const auto status = static_cast<std::uint16_t>(rule.rule->status);
  TextWriter text(run.lane().rules->text);
  text.append(line.substr(0, line.find(' ') + 1));
  text.append_number(status);
  text.append(" ");
  text.append(rule.rule->reason.empty() ? status_reason(status) : std::string_view(rule.rule->reason));
  run.replace(line, text.text());
  return Verdict::next;
}

}  // namespace corelane::proxy
