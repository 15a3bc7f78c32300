// SPDX-License-Identifier: Apache-2.0
// From a condition's text to what can be evaluated.
#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/near_miss.hpp"
#include "rules/test_reader.hpp"

namespace corelane::rules {
namespace {

struct BuiltIn {
  std::string_view name;
  std::string_view line;
};
constexpr BuiltIn built_in[] = {
    {"TRUE", "always_true"},
    {"FALSE", "always_false"},
    {"LOCALHOST", "src 127.0.0.0/8 ::1"},
    {"HTTP", "req.ver 1.0 1.1"},
    {"REQ_CONTENT", "req.len gt 0"},
    {"WAIT_END", "wait_end"},
    {"HTTP_1.0", "req.ver 1.0"},
    {"HTTP_1.1", "req.ver 1.1"},
    {"METH_CONNECT", "method CONNECT"},
    {"METH_DELETE", "method DELETE"},
    {"METH_GET", "method GET HEAD"},
    {"METH_HEAD", "method HEAD"},
    {"METH_OPTIONS", "method OPTIONS"},
    {"METH_POST", "method POST"},
    {"METH_PUT", "method PUT"},
    {"METH_TRACE", "method TRACE"},
    {"HTTP_CONTENT", "req.hdr_val(content-length) gt 0"},
    {"HTTP_URL_ABS", "url_reg ^[^/:]*://"},
    {"HTTP_URL_SLASH", "url_beg /"},
    {"HTTP_URL_STAR", "url *"},
};

}  // namespace

/// Walks over a condition; the first fault ends it.
class ConditionReader {
 public:
  ConditionReader(Acls& acls, std::string_view text, const sample::Phase& phase)
      : acls_(acls), words_(text), phase_(phase) {}

  ConditionRead read() {
    if (read_terms()) result_.condition = std::move(condition_);
    return std::move(result_);
  }

 private:
  bool fail(std::size_t position, std::string message) {
    result_.fault = {position, std::move(message), {}, {}};
    return false;
  }

  bool read_terms() {
    bool awaits_term = true;
    Word word;
    while (words_.next(word)) {
      if (word.is("or") || word.is("||")) {
        if (awaits_term) return fail(word.position, fmt::format("expected a term before {}", word.text));
        condition_.terms_.back().ends_alternative = true;
        awaits_term = true;
        continue;
      }
      if (word.is("and") || word.is("&&"))
        return fail(word.position,
                    fmt::format("{} has no place here: terms side by side must all hold", word.text));
      if (!read_term(word)) return false;
      awaits_term = false;
    }
    if (words_.unclosed()) return fail(words_.unclosed_at(), "the quote is not closed");
    if (awaits_term)
      return fail(words_.position(), "expected a term: the name of an ACL, or a test in braces");
    condition_.terms_.back().ends_alternative = true;
    return true;
  }

  /// "!name", "! name", "!{ test }"
  bool read_term(Word& word) {
    bool negated = false;
    std::size_t position = word.position;
    std::string_view name = word.written;
    for (;;) {
      for (; name.starts_with('!'); name.remove_prefix(1), ++position) negated = !negated;
      if (!name.empty()) break;
      if (!words_.next(word)) return fail(words_.position(), "expected a term after !");
      name = word.written;
      position = word.position;
    }
    const Acl* acl = name == "{" ? read_braces() : find_named(name, position);
    if (acl == nullptr) return false;
    condition_.terms_.push_back({acl, negated, false});
    return true;
  }

  const Acl* read_braces() {
    const std::size_t position = words_.position();
    TestRead read = read_test(words_, *acls_.names_, true);
    if (!read.test) {
      result_.fault = std::move(read.fault);
      return nullptr;
    }
    Acl& acl = acls_.acls_.emplace_back();
    acl.tests.push_back(std::move(*read.test));
    acl.used = true;
    return meets_needs(acl, "", position) ? &acl : nullptr;
  }

  const Acl* find_named(std::string_view name, std::size_t position) {
    Acl* acl = acls_.resolve(name);
    if (acl == nullptr) {
      refuse_name(name, position);
      return nullptr;
    }
    acl->used = true;
    return meets_needs(*acl, fmt::format("{}, by ", name), position) ? acl : nullptr;
  }

  void refuse_name(std::string_view name, std::size_t position) {
    const std::vector<std::string_view> known = acls_.names();
    result_.fault = {position, fmt::format("no ACL is named \"{}\"", name), {}, {}};
    if (name.starts_with('{') || name.ends_with('}')) {
      result_.fault.message = "braces stand between blanks: { path_beg /static }";
    } else if (sample::read_expression(name, *acls_.names_, {}).expression) {
      result_.fault.message += "; a test that has no name stands in braces: { path_beg /static }";
    } else {
      result_.fault.near_miss = base::near_miss(name, known);
    }
  }

  bool meets_needs(const Acl& acl, const std::string& user, std::size_t position) {
    for (const Test& test : acl.tests) {
      const sample::Expression& expression = test.expression();
      condition_.needs_ |= expression.needs();
      const std::string what = user + std::string(expression.fetch_name());
      if (auto fault = sample::unmet_need(expression.needs(), phase_, what, position)) {
        result_.fault = std::move(*fault);
        return false;
      }
    }
    return true;
  }

  Acls& acls_;
  WordReader words_;
  const sample::Phase& phase_;
  Condition condition_;
  ConditionRead result_;
};

std::optional<sample::Fault> Acls::add(const std::string& name, std::string_view line) {
  Acl* acl = find(name);
  if (acl == nullptr) {
    acl = &acls_.emplace_back();
    acl->name = name;
  }
  WordReader words(line);
  TestRead read = read_test(words, *names_, false);
  if (!read.test) return std::move(read.fault);
  acl->tests.push_back(std::move(*read.test));
  return std::nullopt;
}

ConditionRead Acls::read(std::string_view text, const sample::Phase& phase) {
  return ConditionReader(*this, text, phase).read();
}

Acl* Acls::find(std::string_view name) {
  const auto found = std::find_if(acls_.begin(), acls_.end(),
                                  [name](const Acl& acl) { return !name.empty() && acl.name == name; });
  return found == acls_.end() ? nullptr : &*found;
}

Acl* Acls::resolve(std::string_view name) {
  if (Acl* acl = find(name)) return acl;
  for (const BuiltIn& row : built_in) {
    if (row.name != name) continue;
    (void)add(std::string(name), row.line);
    return &acls_.back();
  }
  return nullptr;
}

std::vector<std::string_view> Acls::names() const {
  std::vector<std::string_view> names;
  for (const Acl& acl : acls_)
    if (!acl.name.empty()) names.push_back(acl.name);
  for (const BuiltIn& row : built_in) names.push_back(row.name);
  return names;
}

std::vector<std::string_view> Acls::unused() const {
  std::vector<std::string_view> names;
  for (const Acl& acl : acls_)
    if (!acl.used) names.push_back(acl.name);
  return names;
}

}  // namespace corelane::rules
