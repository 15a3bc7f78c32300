// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <vector>

#include "config/field.hpp"
#include "config/model.hpp"

/// The file as it is written: the model plus what only hands values down. The tables are in sections_*.cpp.
namespace corelane::config {

/// What frontends and backends take over where they say nothing.
struct Defaults {
  Mode mode = Mode::tcp;
  Timeouts timeouts;
  KeepAlive keep_alive;
  std::vector<LogTarget> log;
  std::string log_format;
  std::string error_log_format;
  bool log_format_given = false;  // otherwise it follows the mode
  bool dont_log_null = false;
  Balance balance;
  balance::Hash hash;
  std::uint32_t hash_balance_factor = 0;
  std::uint32_t retries = 0;
  bool redispatch = false;
  bool all_backups = false;
  Check check;
  HttpDefaults http;
};

struct BackendDraft : Backend {
  Server server_defaults;  // what servers take over: default_server, and the backend's own keys for servers
};

struct Document {
  Global global;
  Defaults defaults;
  std::vector<Frontend> frontends;
  std::vector<BackendDraft> backends;
  std::vector<ErrorGroup> errors;
  std::vector<UserList> user_lists;
  PatternFiles pattern_files;
};

extern const Section document_section;
extern const Section global_section;
extern const Section defaults_section;
extern const Section frontend_section;
extern const Section backend_section;
extern const Section keep_alive_section;
extern const Section balance_section;
extern const Section hash_section;
extern const Section source_section;
extern const Section close_section;
extern const Section check_section;
extern const Section http_request_section;
extern const Section server_check_section;
extern const Section agent_check_section;
extern const Section send_proxy_section;
extern const Section http_limits_section;
extern const Section forward_for_section;
extern const Section original_to_section;
extern const Section forwarded_section;
extern const Section capture_section;
extern const Section cookie_section;
extern const Section error_group_section;
extern const Section use_backend_section;
extern const Section use_server_section;
extern const Section stick_rule_section;
extern const Section rule_section;
extern const Section user_list_section;
extern const Section stick_table_section;
extern const Section log_section;
extern const Section frontend_log_section;
extern const Section bind_tls_section;
extern const Section server_tls_section;
extern const Section check_tls_section;

/// Whether `hash` means something to the algorithm.
bool is_hashing(const Balance& balance);
/// After a backend's keys are read: what its algorithm means for its hash, and whether its mode allows it.
void complete_balance(DecodeContext& context, const Node& node, const std::string& path,
                      BackendDraft& backend);

// The words of the model's enumerations, in their order.
std::span<const std::string_view> mode_words();
std::span<const std::string_view> algorithm_words();
std::span<const std::string_view> observe_words();
std::span<const std::string_view> tls_version_words();
std::span<const std::string_view> on_error_words();
std::span<const std::string_view> on_marked_down_words();
std::span<const std::string_view> check_type_words();
std::span<const std::string_view> http_version_words();
std::span<const std::string_view> proxy_version_words();
std::span<const std::string_view> proxy_option_words();
std::span<const std::string_view> close_policy_words();
std::span<const std::string_view> transparent_source_words();
std::span<const std::string_view> accept_invalid_words();
std::span<const std::string_view> http_connection_words();
std::span<const std::string_view> http_reuse_words();
std::span<const std::string_view> retry_on_words();
std::span<const std::string_view> cookie_mode_words();

/// After a list of rules is read: refuses actions that have no place in it. `list` may be null.
void check_rule_list(DecodeContext& context, const Node* list, const std::string& path,
                     std::vector<Rule>& rules, rules::RuleList where);

/// The same of each list of mode http that a frontend or backend has.
/// Those whose lists stand in the object `node` with this name.
void check_rules_of_group(DecodeContext& context, const Node& node, const std::string& path, RuleLists& rules,
                          std::string_view group);
void check_http_rules(DecodeContext& context, const Node& node, const std::string& path, RuleLists& rules);

/// After a frontend's or backend's keys are read: refuses time-outs of http in another mode, and forgets
/// those that were handed down.
void complete_http_timeouts(DecodeContext& context, const Node& node, const std::string& path, Mode mode,
                            Timeouts& timeouts);

/// After the keys of an http or websocket check are read: whether what it asks for, and what it expects, is
/// sound.
void check_http(DecodeContext& context, const Node& node, const std::string& path, const Check& check);
/// Whether the steps are those of the check's type.
void check_steps(DecodeContext& context, const Node& node, const std::string& path, const Check& check);

/// Whether a server's source can reach its address; reports what cannot.
void check_source(DecodeContext& context, const Node& node, const std::string& path, const Server& server);

}  // namespace corelane::config
