// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <deque>
#include <map>
#include <string>
#include <vector>

#include "config/model.hpp"
#include "sim/http_words.hpp"
#include "sim/peers.hpp"
#include "sim/talker.hpp"

namespace corelane::sim {

struct HttpClientPlan {
  enum class Ending : std::uint8_t {
    closes,       // once it has all its answers
    half_closes,  // after its last word
    waits,        // for the program to close
  };
  std::uint32_t frontend = 0;
  TimeUs arrives_at = 0;
  Pace pace;
  std::vector<HttpRequest> requests;
  std::size_t ahead = 1;  // so many requests may be without an answer
  TimeUs think_us_max = 0;
  TimeUs patience_us_max = 0;  // with a server that does not say 100
  TimeUs leaves_after = base::time_never;
  Ending ending = Ending::closes;
  bool leaves_by_reset = false;
};

/// How the connections to one server behave. Chances are per mille.
struct HttpHabits {
  HostHabits connects;
  Pace pace;
  std::size_t body_max = 0;
  TimeUs delay_us_max = 0;
  TimeUs dies_after_us_max = 0;
  unsigned chunked = 300, until_close = 100, http10 = 50, closes = 100, interims = 100, at_head = 100;
  unsigned errors = 50;    // a status that may be tried again
  unsigned accepts = 800;  // upgrades and CONNECT
  unsigned cuts = 0, junk = 0, excess = 0, dies = 0;
};

struct HttpPlan {
  bool waits = false;  // rules wait: for bodies, or for a time
  std::vector<HttpClientPlan> clients;
  std::vector<std::vector<HttpHabits>> hosts;
};

HttpAnswer make_answer(Random& random, const HttpHabits& habits, const HttpRequest& request,
                       std::uint32_t attempt);

class HttpClient;
class HttpServer;
class HttpHost;

/// Clients, servers, and what was asked and answered.
class HttpWorld {
 public:
  HttpWorld(Kernel& kernel_in, const config::Model& model_in, bool gentle_in, std::uint32_t lanes_in)
      : kernel(kernel_in), model(model_in), gentle(gentle_in), lanes(lanes_in) {}

  HttpRequest* request(std::string_view token);
  HttpAttempt* attempt(std::string_view number);
  void add_client(const HttpClientPlan& plan, Listener& listener, const base::Endpoint& address);
  Target& add_host(const HttpHabits& habits, std::uint32_t backend, std::uint32_t server);
  bool clients_over() const;
  /// Names clients that are not over.
  std::string unfinished() const;

  Kernel& kernel;
  const config::Model& model;
  const bool gentle;
  const std::uint32_t lanes;
  std::map<std::string, HttpRequest*, std::less<>> requests;
  std::deque<HttpAttempt> attempts;
  std::deque<HttpClient> clients;
  std::deque<HttpHost> hosts;
  std::deque<HttpServer> servers;  // connections
  std::uint64_t breaks = 0;
};

/// What a client got for one of its requests.
struct HttpFinal {
  int status = 0;
  const HttpAttempt* attempt = nullptr;  // null: the program's own
  bool stays = false;                    // another may follow
  bool complete = false;
  bool excess = false;   // what some server said unasked
  std::uint64_t at = 0;  // so many bytes had come before it
};

class HttpClient final : public Talker {
 public:
  HttpClient(HttpWorld& world, const HttpClientPlan& plan, Listener& listener, const base::Endpoint& address,
             std::uint32_t number);
  HttpClient(const HttpClient&) = delete;
  HttpClient& operator=(const HttpClient&) = delete;

  const HttpClientPlan& plan() const noexcept { return plan_; }
  const base::Endpoint& address() const noexcept { return address_; }
  const std::vector<HttpFinal>& finals() const noexcept { return finals_; }
  const std::vector<HttpRequest>& requests() const noexcept { return plan_.requests; }
  /// Requests of which something was said.
  std::size_t asked() const noexcept { return asked_; }
  std::uint32_t number() const noexcept { return number_; }
  bool left() const noexcept { return left_; }
  bool over() const noexcept { return refused_ || closed(); }
  bool in_tunnel() const noexcept { return tunnel_ != nullptr; }
  /// It takes whatever comes, to the end.
  bool attentive() const noexcept { return reads() && !left_ && !break_seen() && attached(); }

 private:
  void knock();
  void ask();
  void ask_later();
  void say_body();
  void cut_off();
  void heard(std::string_view bytes) override;
  void heard_end() override;
  void heard_break() override;
  void said_all() override;
  std::size_t hear_head();
  std::size_t hear_body();
  std::size_t hear_tunnel();
  void hear_own(std::string_view head);
  void hear_attempt(std::string_view head, HttpAttempt& attempt, int status);
  bool is_interim(std::string_view head, int status, const HttpAttempt* attempt);
  void finish();
  void begin_tunnel(const HttpAttempt& attempt);
  void fail(const std::string& what);
  void leave_now();

  HttpWorld& world_;
  HttpClientPlan plan_;
  Listener& listener_;
  base::Endpoint address_;
  std::uint32_t number_;
  std::string in_;
  std::string body_;  // that is to come
  std::size_t body_at_ = 0;
  std::vector<HttpFinal> finals_;
  std::size_t asked_ = 0;
  std::size_t answered_ = 0;
  std::size_t tunnel_heard_ = 0;
  const HttpAttempt* tunnel_ = nullptr;
  const HttpAttempt* interim_of_ = nullptr;
  std::string unsaid_body_;  // waits for a 100
  bool in_body_ = false;
  bool until_close_ = false;
  bool any_body_ = false;  // of a page of the program's own: not compared
  bool last_was_final_ = false;
  bool deaf_ = false;
  bool cut_ = false;
  bool left_ = false;
  bool refused_ = false;
  std::size_t asked_to_continue_ = 0;  // by the program itself: 1 + the request's number
};

/// A server's end of one connection.
class HttpServer final : public Talker {
 public:
  HttpServer(HttpWorld& world, HttpHost& host, Random random, std::uint32_t number);

  /// A request is in progress that the program has not given up.
  bool busy() const noexcept;
  bool in_tunnel() const noexcept { return in_tunnel_; }
  const std::vector<HttpAttempt*>& attempts() const noexcept { return attempts_; }
  std::uint32_t number() const noexcept { return number_; }
  bool died() const noexcept { return died_; }

 private:
  enum class State : std::uint8_t { idle, line, head, body, done, deaf };

  void heard(std::string_view bytes) override;
  void heard_end() override;
  void heard_break() override {}
  void said_all() override;
  bool hear_line();
  bool hear_head();
  bool hear_body();
  void hear_tunnel();
  void begin_request();
  void answer_later();
  void answer();
  void answer_ends();
  void next_request();
  void die_later();
  void fail(const std::string& what);

  HttpWorld& world_;
  HttpHost& host_;
  std::uint32_t number_;
  std::vector<HttpAttempt*> attempts_;
  HttpAttempt* attempt_ = nullptr;
  std::string in_;
  std::uint64_t requests_end_ = 0;   // bytes heard to the end of the last request
  std::uint64_t responses_end_ = 0;  // bytes said to the end of the last response that was asked for
  std::size_t tunnel_heard_ = 0;
  State state_ = State::idle;
  bool answering_ = false;
  bool in_tunnel_ = false;
  bool died_ = false;
  bool out_of_step_ = false;  // what it said unasked may have been taken for the answer to a later request
};

/// A server.
class HttpHost final : public Target {
 public:
  HttpHost(HttpWorld& world, const HttpHabits& habits, Random random, std::uint32_t backend,
           std::uint32_t server);
  Answer on_connect() override;
  void on_gone() override {}
  void on_established(Socket& server_end) override;

  /// Fails the run when more requests are in progress than the server's limit allows.
  void watch_limit();
  const HttpHabits& habits() const noexcept { return habits_; }
  std::uint32_t backend() const noexcept { return backend_; }
  std::uint32_t server() const noexcept { return server_; }

 private:
  HttpWorld& world_;
  HttpHabits habits_;
  Random random_;
  std::uint32_t backend_;
  std::uint32_t server_;
  std::vector<HttpServer*> connections_;
};

}  // namespace corelane::sim
