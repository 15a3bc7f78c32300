// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "config/model_health.hpp"
#include "rules/action.hpp"

namespace corelane::rules {
class PatternSets;
}

/// What frontends and backends say about rules, as it is written: conditions are texts here, checked but not
/// kept in another form. RuleSet is what they are made to.
namespace corelane::config {

/// Tests under a name; one of the lines must hold.
struct Acl {
  std::string name;
  std::vector<std::string> lines;

  friend bool operator==(const Acl&, const Acl&) = default;
};

/// When something applies: always where both are empty, which at most one is not.
struct When {
  std::string if_true;
  std::string unless;

  friend bool operator==(const When&, const When&) = default;
};

enum class RedirectTo : std::uint8_t { location, prefix, scheme };

/// A field of an answer; its value has samples in it.
struct RuleHeader {
  std::string name;
  std::string value;

  friend bool operator==(const RuleHeader&, const RuleHeader&) = default;
};

/// Time-outs that a request may have of its own.
enum class ExchangeTimeout : std::uint8_t { server, tunnel };

/// Syslog's, and none.
enum class LogLevel : std::uint8_t { emerg, alert, crit, err, warning, notice, info, debug, silent };

/// How the names of fields are compared.
enum class NameMethod : std::uint8_t { str, beg, end, sub, reg };

/// So much may a rule's file have: an answer is written in one piece, head included.
inline constexpr std::size_t rule_content_bytes_max = 15 * 1024;
/// So much of a body is kept for rules.
inline constexpr std::uint32_t rule_body_bytes_max = 16 * 1024;

/// What a file has that a rule answers with, read once. It is no part of what the configuration says: two
/// that name the same file are equal.
struct RuleContent {
  std::string bytes;

  friend bool operator==(const RuleContent&, const RuleContent&) { return true; }
};

/// The line of the file that a rule stands in; 0: in none. Two that differ in nothing else are equal.
struct RuleLine {
  std::uint32_t number = 0;

  friend bool operator==(const RuleLine&, const RuleLine&) { return true; }
};

/// One rule of any list. What its action has no use for is empty.
struct Rule {
  rules::Action action = rules::Action::deny;
  When when;
  std::uint32_t status = 0;  // deny, return, redirect
  std::string string;        // return; as the next four with samples in it
  std::string location;      // redirect: one of three
  std::string prefix;
  std::string scheme;
  std::string value;  // of a field or a variable, with samples
  std::string content_type;
  std::string name;        // of a field or a variable
  std::string expression;  // what a variable is set to
  std::string match;       // a regular expression
  NameMethod method = NameMethod::str;
  std::string reason;
  bool enabled = true;
  std::vector<RuleHeader> headers;  // of an answer
  std::string set_cookie;           // NAME=VALUE
  std::string clear_cookie;
  bool drop_query = false;
  bool append_slash = false;
  std::string realm;
  rules::UriNormalizer normalizer = rules::UriNormalizer::fragment_encode;
  bool full = false;    // path-strip-dotdot: above the root as well
  bool strict = false;  // percent-...: what is no sequence has no normal form
  ExchangeTimeout timeout = ExchangeTimeout::server;
  std::int64_t time_ms = 0;
  LogLevel level = LogLevel::emerg;
  std::string key;  // track-sc: the expression that makes it; of an entry of a list, with samples
  std::string map;  // a list that the rule changes, as the next: its file or its id
  std::string acl;
  std::string table;  // track-sc: its owner's name; empty: that of the rule's owner
  std::uint32_t counter = 0;
  std::uint32_t index = 0;          // of an array's element
  std::string file;                 // of an answer: what is in it; or
  std::string lf_file;              // the same, with samples in it; or
  std::string error_file;           // a whole response; or
  std::uint32_t errors = no_index;  // that of the status in a group, in Model::errors
  RuleContent content;              // of file or lf_file
  std::string sample;               // capture: the expression that makes it
  std::uint32_t length = 0;         // capture: bytes of a slot of its own; 0: it is
  std::uint32_t slot = 0;           // that one
  std::uint32_t at_least = 0;       // wait-for-body: bytes that are enough; 0: the whole body
  RuleLine line;

  /// Answers with one of its own.
  bool has_body() const noexcept { return !string.empty() || !file.empty() || !lf_file.empty(); }

  friend bool operator==(const Rule&, const Rule&) = default;
};

/// The rules of a frontend or backend, list by list.
struct RuleLists {
  std::array<std::vector<Rule>, rules::rule_list_count> lists;

  std::vector<Rule>& operator[](rules::RuleList list) { return lists[static_cast<std::size_t>(list)]; }
  const std::vector<Rule>& operator[](rules::RuleList list) const {
    return lists[static_cast<std::size_t>(list)];
  }
  bool empty() const noexcept {
    return std::all_of(lists.begin(), lists.end(), [](const auto& list) { return list.empty(); });
  }

  friend bool operator==(const RuleLists&, const RuleLists&) = default;
};

/// The files that rules name, read once. They are no part of what the configuration says: two that name the
/// same files are equal.
struct PatternFiles {
  std::shared_ptr<rules::PatternSets> sets;  // null: nothing is known of files

  friend bool operator==(const PatternFiles&, const PatternFiles&) { return true; }
};

/// Who may be asked for a password.
struct User {
  std::string name;
  std::string password;           // as crypt(3) has it; or
  std::string insecure_password;  // as it is
  std::vector<std::string> groups;

  friend bool operator==(const User&, const User&) = default;
};

struct UserList {
  std::string name;
  std::vector<User> users;

  friend bool operator==(const UserList&, const UserList&) = default;
};

struct UseBackend {
  std::uint32_t backend = no_index;  // of the same mode; none: `name` says which
  std::string name;                  // with samples in it: "bk_%[req.hdr(host),lower]"
  When when;

  friend bool operator==(const UseBackend&, const UseBackend&) = default;
};

struct UseServer {
  std::string server;  // of the same backend
  When when;

  friend bool operator==(const UseServer&, const UseServer&) = default;
};

/// How a backend keeps clients at servers by a stick table: one of four expressions, each of which makes a
/// key.
struct StickRule {
  std::string on;              // match and store_request at once
  std::string match;           // the server that the table has for the key is taken
  std::string store_request;   // the server that answers becomes the key's
  std::string store_response;  // likewise, of the server's response
  std::string table;           // its owner's name; empty: the backend's own
  When when;

  friend bool operator==(const StickRule&, const StickRule&) = default;
};

}  // namespace corelane::config
