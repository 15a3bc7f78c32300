// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "config/frontend_rules.hpp"
#include "proto/http_head.hpp"
#include "proxy/error_pages.hpp"
#include "proxy/head_block.hpp"
#include "proxy/identities.hpp"
#include "proxy/kept_body.hpp"
#include "proxy/lane_variables.hpp"
#include "proxy/live_state.hpp"
#include "proxy/queue_priority.hpp"
#include "proxy/sticking.hpp"
#include "proxy/tracking.hpp"
#include "proxy/verified_users.hpp"
#include "sample/sample.hpp"

namespace corelane::proxy {

struct HttpMessage;
struct LaneState;
struct ServerConnection;
struct Session;

/// Fields of the response 103 that rules have asked for, until the call that looks at them has taken them.
class HintText {
 public:
  /// False: it does not fit.
  bool add(std::string_view name, std::string_view value) noexcept;
  /// Each with its line end.
  std::string_view fields() const noexcept { return {bytes_.data(), size_}; }
  void clear() noexcept { size_ = 0; }

 private:
  std::array<char, 2048> bytes_;  // together with a page they fit in a block
  std::size_t size_ = 0;
};

/// Samples of one log line, with what an exchange keeps for it.
inline constexpr std::size_t log_values_bytes_max = 16 * 1024;
inline constexpr std::size_t log_text_bytes_max = log_values_bytes_max + 24 * 1024;

/// What one lane needs to evaluate rules and samples of log lines; made only where a frontend or a backend
/// has some. All but the variables is scratch memory, which holds what it says during a call and nothing
/// after it.
struct LaneRules {
  LaneRules(const Topology& topology, const LaneOptions& options);

  std::array<char, 32 * 1024> memory;           // of arena
  std::array<char, error_page_bytes_max> text;  // of a template, while it is used
  std::array<char, error_page_bytes_max> page;
  std::array<char, log_text_bytes_max> log_text;
  // In `page`, or an error page: what the request that was judged last gets; without a text: nothing, unless
  // it closes.
  PageView answer;
  std::array<char, config::rule_body_bytes_max> body;  // without its framing
  std::array<char, error_page_bytes_max> replaced;     // what becomes of a part of a head
  HintText hints;
  // A message's head as rules have changed it: the places take turns.
  std::array<proto::HttpRequestHead, 2> requests;
  std::array<proto::HttpResponseHead, 2> responses;
  std::array<std::array<char, HeadBlocks::bytes_max>, 2> heads;
  sample::Arena arena{memory};
  std::uint64_t random_state;
  std::unique_ptr<LaneVariables> variables;  // null: no rule names one
  LaneIdentities identities;
  VerifiedUsers users;
  bool refuses = false;                    // `answer` stands for a request that is denied
  std::unique_ptr<LaneTracking> tracking;  // null: there is no stick table
  std::vector<RuledStream> ruled;          // by the places of streams
  bool sets_priorities = false;            // some rule does
  std::unique_ptr<LaneSticking> sticking;  // null: no backend keeps clients by one
};

/// What rules change of an exchange beside its messages.
struct RuleEffects {
  sample::RuledTimeouts timeouts;
  std::optional<config::LogLevel> log_level;
};

/// What rules can look at now: a connection, and in mode http its request or the response.
struct RuleInput {
  LaneState& lane;
  const Session& session;
  const proto::HttpRequestHead* request = nullptr;  // null in mode tcp, and where there is a response
  std::uint32_t request_number = 0;
  const ServerConnection* server_connection = nullptr;  // null where there is none
  const proto::HttpResponseHead* response = nullptr;
  proto::HttpMethod method = proto::HttpMethod::get;  // that a response answers
  std::uint32_t backend = config::no_index;           // where one was chosen, as the next
  std::uint32_t server = config::no_index;
  const sample::Content* content = nullptr;
  const HttpMessage* body = nullptr;  // whose body is kept: the request, or the response
  RuleEffects* effects = nullptr;     // of an HTTP exchange

  const proto::HttpHead* head() const noexcept {
    if (response != nullptr) return response;
    return request;
  }
};

/// Null: the frontend has none.
const config::FrontendRules* rules_of(const RuleInput& input);

/// A new client, or a new request of one: nothing is known of it yet, and it has no name.
void forget_session_variables(LaneState& lane, const Stream& stream);
void forget_stream_variables(LaneState& lane, const Stream& stream);
/// The response is there: those of scope req are over.
void forget_request_variables(LaneState& lane, const Stream& stream);

/// What rules are evaluated on: made of the input, and as short-lived.
class RuleScene {
 public:
  explicit RuleScene(const RuleInput& input);
  RuleScene(const RuleScene&) = delete;
  RuleScene& operator=(const RuleScene&) = delete;

  rules::Evaluation evaluation() const { return {context_, arena_}; }
  /// The head is another one from now on.
  void set_head(const RuleInput& input) {
    context_.request = input.request;
    context_.response = input.response;
  }

  sample::VariableScopes& variables() { return variables_; }

 private:
  void find_variables(const RuleInput& input);
  void find_tracked(const RuleInput& input);

  ProcessState live_;
  SceneIdentity identity_;
  KeptBody body_;
  sample::Context context_;
  sample::Arena& arena_;
  sample::VariableScopes variables_;
  std::optional<sample::VariableBlock> session_variables_;
  std::optional<sample::VariableBlock> stream_variables_;
  sample::StickView stick_;
};

/// Where use_backend sends it; its frontend's default_backend where no rule applies.
std::uint32_t backend_by_rules(const RuleInput& input);
/// Which server use_server sends it to, of `input.backend`; config::no_index: none. One that is down does not
/// count unless `forced`.
std::uint32_t server_by_rules(const RuleInput& input, bool forced);
/// What force_persist and ignore_persist of `input.backend` say of a request.
struct PersistenceJudged {
  bool forced = false;
  bool ignored = false;
};
PersistenceJudged judge_persistence(const RuleInput& input);
/// Whether monitor_fail holds.
bool monitor_fails(const RuleInput& input);

}  // namespace corelane::proxy
