// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "logfmt/end_reason.hpp"
#include "logfmt/http_log_text.hpp"
#include "logfmt/record.hpp"
#include "proto/http_persistence.hpp"
#include "proxy/http_message.hpp"
#include "proxy/lane_rules.hpp"
#include "proxy/rule_wait.hpp"
#include "proxy/stream.hpp"
#include "sample/expression.hpp"

namespace corelane::proxy {

class CookiePersistence;
struct Server;
struct PageView;
struct RequestJudged;

/// One request and its response: what a stream knows only while it has one. The functions of the first group
/// are the HTTP side of the stream's phases; as those they submit, decide, and say how it goes on.
class HttpExchange {
 public:
  explicit HttpExchange(Stream& stream);
  HttpExchange(const HttpExchange&) = delete;
  HttpExchange& operator=(const HttpExchange&) = delete;
  ~HttpExchange();

  using Step = Stream::Step;

  /// Phase reading_request (http_request.cpp): bytes of a request are there, or its client has ended or is
  /// late.
  Step read_request();
  /// A connection to the chosen server stands; the exchange is in phase exchanging from now on.
  void begin_sending();
  /// What of the request decides on its server, hashed: for ServerChoice.
  std::optional<std::uint32_t> key() const noexcept { return key_; }
  /// The server that the request's cookie asks for, or config::no_index.
  std::uint32_t wanted_server() const;
  /// By force_persist: no other one will do.
  bool server_forced() const noexcept { return persistence_rules_.forced; }
  /// Phase exchanging (http_exchange.cpp).
  Step exchange();
  /// Phase replying (http_reply.cpp).
  Step reply();
  /// The request cannot be served: the client is told why, unless it has gone.
  Step fail(logfmt::EndReason reason);

  /// Writes a log line of what is known while rules are looked at (http_finish.cpp).
  void log_now(const RuleInput& input);
  logfmt::EndPhase end_phase() const;
  /// The connection is being closed under the exchange (http_finish.cpp).
  void log_end(logfmt::EndReason reason, logfmt::EndPhase phase);

  /// The client has ended its side, and that means that it waits for nothing any more.
  bool client_left();
  /// When the client or the server will have been silent for too long, in phases exchanging and replying.
  base::TimeUs deadline() const;
  /// When rules of the request or of the response have waited long enough.
  base::TimeUs wait_until() const noexcept { return wait_until_; }
  /// A kept connection has failed the request already.
  const RuleEffects& effects() const noexcept { return effects_; }
  bool wants_fresh_connection() const noexcept { return stale_connection_met_; }
  /// The address that a sample of the request makes (stream_transparent.cpp); Family::none: none.
  base::Endpoint client_address(const sample::Expression& expression) const;
  /// A sample of the request as it goes to the server, with what this machine has added; lasts until the next
  /// evaluation. False: there is none.
  bool sample_of_request(const sample::Expression& expression, sample::Type type,
                         sample::Sample& sample) const;
  /// A connection that was kept comes from where this request's has to come from.
  bool is_from_client(const ServerConnection& connection, const Server& server) const;
  bool server_connection_reusable() const;
  /// The server has got a part of the request, or may have.
  bool request_cut_short() const noexcept { return request_.bytes != 0 && !request_.delivered(); }
  /// The client has a part of a response, and only the end of its connection says that this is the whole.
  bool response_cut_short() const noexcept {
    return response_begun_ && !response_.delivered() &&
           response_.body.opaque_remaining() == proto::HttpBodyReader::without_end;
  }

 private:
  // The request (http_request.cpp)
  Step request_head_missing();
  void note_request(const proto::HttpRequestHead& head);
  bool add_connection_field(const proto::HttpRequestHead& head, proto::HttpHeadEdits& edits);
  void note_head(const proto::HttpRequestHead& head);
  Step take_request();
  Step refuse_request(proto::HttpError error, std::size_t position);
  config::HttpConnection connection_mode() const;
  RequestJudged judge(RuleInput& rule_input);
  proto::HttpError compose_request(bool resumed);
  bool write_request(const proto::HttpRequestHead& head, const proto::HttpRequestHead& original);
  void begin_body(const proto::HttpRequestHead& head);
  void take_hints();
  Step send_interim();
  Step request_read();
  void join_body_to_head();
  void note_key(const proto::HttpRequestHead& head);  // http_key.cpp, both
  bool awaits_key();

  // Rules that wait (http_waits.cpp)
  void begin_rule_wait();
  void end_rule_wait();
  bool body_is_enough(HttpMessage& message, const proto::HttpHead& head, const proto::HttpLimits& limits);
  void hold_request(const proto::HttpRequestHead& head, const proto::HttpRequestHead& original, bool resumed);
  void ask_for_body();
  Step await_request_rules();
  bool request_wait_is_over();
  void read_held_request();
  Step resume_request();
  Step hold_response(const proto::HttpResponseHead& head, std::uint32_t consumed);
  Step await_response_rules();

  // Persistence (http_cookie.cpp)
  CookiePersistence* cookie() const;
  bool read_cookie(const proto::HttpRequestHead& head);
  void write_cookie(const proto::HttpResponseHead& head);
  void log_cookie(logfmt::HttpRecord& record) const;

  // The response (http_response.cpp)
  Step read_response();
  Step take_response(std::uint32_t consumed, bool resumed);
  void note_response_read(const proto::HttpResponseHead& original);
  RuleInput response_rule_input();
  Step refuse_response(proto::HttpError error, std::size_t position);
  void note_response(const proto::HttpResponseHead& original, const proto::HttpResponseHead& head);
  void note_connections(const proto::HttpResponseHead& head);
  bool retries_status(std::uint16_t status) const;
  bool edit_response(RuleInput& input, bool interim);
  void send_response_head(const RuleInput& input, std::uint32_t consumed);
  void drop_response_head(std::uint32_t consumed);

  // Both (http_exchange.cpp)
  struct HeadSoFar {
    std::string_view text;
    std::uint32_t gathered;  // so many bytes of it are not in the queue any more
  };
  HeadSoFar head_so_far(HttpMessage& message);
  void gather_head(HttpMessage& message);
  void scan(HttpMessage& message);
  void send(HttpMessage& message, Peer& sink);
  bool server_spoke_unasked() const;
  Step receive_more();
  void receive(HttpMessage& message, Peer& source, Peer& sink);
  bool may_splice(const HttpMessage& message) const;
  void pump_splicing(HttpMessage& message, Peer& source, Peer& sink);
  void begin_waiting_for(const HttpMessage& message);
  Step request_body_invalid();
  Step response_body_invalid();
  Step response_delivered();
  Step server_ended();
  Step server_failed(logfmt::EndReason reason, config::RetryReason retry);
  Step retry_request();
  Step send_again(Stream::Phase from);
  Step timed_out();
  base::TimeUs client_deadline() const;
  base::TimeUs server_deadline() const;
  bool request_intact() const;
  bool may_be_repeated() const;
  static void on_sent(io::Op& op, io::Completion& completion);

  // Replies and the end (http_reply.cpp, http_finish.cpp)
  Step begin_reply(std::uint16_t status, logfmt::EndReason reason);
  Step begin_reply(std::uint16_t status, logfmt::EndReason reason, const PageView& page);
  Step reply_by_rule();
  void prepare_reply(std::uint16_t status, logfmt::EndReason reason, const PageView& page);
  Step hold_reply();
  void compose_reply(const PageView& page);
  bool compose_ruled_reply(const PageView& page);
  HeadBlock& empty_block(std::size_t bytes);
  void drop_rest_of_request();
  Step finish();
  bool wants_log() const;
  void log_before_end();
  logfmt::ConnectionRecord describe(logfmt::EndReason reason, logfmt::EndPhase phase) const;
  void write_log(logfmt::ConnectionRecord record);
  std::string_view log_text();
  void count_end(logfmt::EndReason reason);

  LaneState& lane() const;

  Stream& stream_;
  HttpMessage request_;
  HttpMessage response_;
  base::TimeUs began_at_;               // its first byte was seen; -1: none came
  base::TimeUs idle_since_;             // the connection was accepted or the exchange before had ended
  base::TimeUs request_read_at_ = -1;   // its head was complete
  base::TimeUs response_read_at_ = -1;  // the response's head was complete
  logfmt::HttpLogTextWriter texts_;     // in request_.block
  proto::Persistence persistence_;
  RuleEffects effects_;
  RuleWait rules_wait_;
  base::TimeUs wait_until_ = base::time_never;
  HeadBlock* held_head_ = nullptr;  // on its way to request_.gathered
  std::optional<std::uint32_t> key_;
  std::uint32_t ruled_server_ = config::no_index;  // by use_server
  PersistenceJudged persistence_rules_;
  std::uint32_t refused_at_ = 0;    // position in a refused head
  std::uint16_t ruled_status_ = 0;  // what a rule answers with; 0: none does
  std::int16_t status_ = -1;        // what the client was or will be told
  proto::HttpMethod method_ = proto::HttpMethod::other;
  proto::HttpVersion version_ = proto::HttpVersion::http11;
  proto::HttpError refusal_ = proto::HttpError::none;
  logfmt::EndReason reply_reason_ = logfmt::EndReason::none;  // why there is a reply of our own
  char cookie_written_ = 'N';                                 // HAProxy's letter
  logfmt::EndPhase reply_phase_ = logfmt::EndPhase::finished;
  bool client_stays_ : 1 = false;          // its connection may serve another request
  bool server_stays_ : 1 = false;          // likewise the server's, once the response is complete
  bool connection_reused_ : 1 = false;     // the server's connection has served others before
  bool stale_connection_met_ : 1 = false;  // it was closed as the request went out
  bool response_begun_ : 1 = false;        // something of a response went to the client
  bool becomes_tunnel_ : 1 = false;
  bool replies_ : 1 = false;  // with an answer of our own
  bool upgrade_wanted_ : 1 = false;
  bool key_in_body_ : 1 = false;  // perhaps: the server is chosen when the body has come
  bool chunked_ : 1 = false;
  bool continue_awaited_ : 1 = false;  // the client holds its body back until it gets a 100
  bool continue_sent_ : 1 = false;     // by us: the server's would be one too many
  bool too_early_ : 1 = false;         // it may be a recording, and must not be repeated
  bool monitored_ : 1 = false;         // asks for monitor_uri
  bool monitor_fails_ : 1 = false;
  bool logged_ : 1 = false;    // before its end
  bool held_ : 1 = false;      // the answer waits for the time-out `tarpit`
  bool rejected_ : 1 = false;  // a rule closes the connection
};

}  // namespace corelane::proxy
