// SPDX-License-Identifier: Apache-2.0
#include <fmt/format.h>

#include <utility>
#include <vector>

#include "check/mysql_packet.hpp"
#include "check/mysql_result.hpp"
#include "check/registry.hpp"

namespace corelane::check {
namespace {

constexpr std::string_view com_quit = "\x01";
constexpr char com_query = '\x03';
constexpr std::uint32_t error_syntax = 1064;
constexpr std::string_view show_replica = "SHOW REPLICA STATUS";
constexpr std::string_view show_slave = "SHOW SLAVE STATUS";  // before MySQL 8.0.22 and MariaDB 10.5
constexpr std::int64_t second_ms = 1000;

/// One thing to ask. `fault` says what the answer shows to be wrong, or nothing.
struct Question {
  std::string_view query;
  std::string (*fault)(const Options& options, const MysqlResult& result);
};

std::string query_fault(const Options& options, const MysqlResult& result) {
  if (options.expect.empty()) return {};
  const std::string expected = report_text(options.expect);
  if (!result.has_row()) return fmt::format("the query returned no row, expected '{}'", expected);
  const std::optional<std::string> value = result.value(0);
  if (value == options.expect) return {};
  return report_text(fmt::format("the query returned {}, expected '{}'",
                                 value ? fmt::format("'{}'", *value) : "NULL", expected));
}

std::string read_only_fault(const Options& options, const MysqlResult& result) {
  const std::string value = result.value(0).value_or("");
  const bool read_only = value != "0" && value != "OFF";
  if (read_only == options.read_only) return {};
  return read_only ? "the server is read-only" : "the server is not read-only";
}

std::string lag_fault(const Options& options, const MysqlResult& result) {
  if (!result.has_row()) return "the server is no replica";
  std::optional<std::string> lag = result.value("Seconds_Behind_Source");
  if (!lag) lag = result.value("Seconds_Behind_Master");
  if (!lag) return "replication is not running";
  const std::string limit = std::to_string(options.max_replication_lag_ms / second_ms);
  // Digits without leading zeros, so the longer one is larger.
  const bool late = lag->size() != limit.size() ? lag->size() > limit.size() : *lag > limit;
  return late ? report_text(fmt::format("replication is {} s behind, the limit is {} s", *lag, limit))
              : std::string();
}

class Mysql final : public Conversation {
 public:
  explicit Mysql(const Plan& plan) : options_(plan.options()) {
    if (!options_.query.empty()) questions_.push_back({options_.query, query_fault});
    if (options_.read_only) questions_.push_back({"SELECT @@global.read_only", read_only_fault});
    if (options_.max_replication_lag_ms != 0) questions_.push_back({show_replica, lag_fault});
  }

  Step advance(Input& input) override {
    Step step;
    while (step.kind == Step::Kind::receive) {
      const MysqlPacket packet = mysql_next_packet(input);
      if (packet.state == MysqlPacket::State::incomplete) return step;
      std::string send = std::move(step.send);
      step = packet.state == MysqlPacket::State::whole ? take(packet) : malformed();
      step.send.insert(0, send);
    }
    return step;
  }

  std::string waiting_for() const override {
    switch (phase_) {
      case Phase::greeting:
        return " (expect the MySQL greeting)";
      case Phase::login:
        return " (expect the answer to the login)";
      case Phase::query:
        return fmt::format(" (expect the answer to '{}')", report_text(question().query));
    }
    return {};
  }

 private:
  enum class Phase : std::uint8_t { greeting, login, query };

  const Question& question() const { return questions_[asked_]; }

  Step take(const MysqlPacket& packet) {
    switch (phase_) {
      case Phase::greeting:
        return take_greeting(packet);
      case Phase::login:
        return take_login_answer(packet);
      case Phase::query:
        return take_result(packet);
    }
    return malformed();
  }

  Step take_greeting(const MysqlPacket& packet) {
    if (packet.is_error()) return refused(mysql_error(packet.payload));
    const std::optional<MysqlGreeting> greeting = mysql_greeting(packet.payload);
    if (!greeting || packet.sequence != 0) return malformed();
    version_ = report_text(greeting->version);
    if (options_.user.empty()) return done(CheckStatus::l7_ok, version_);
    if ((greeting->capabilities & mysql_protocol_41) == 0)
      return done(CheckStatus::l7_response, "the server is older than MySQL 4.1");
    phase_ = Phase::login;
    return send(1, mysql_login(options_.user, greeting->capabilities));
  }

  Step take_login_answer(const MysqlPacket& packet) {
    if (packet.is_error()) return refused(mysql_error(packet.payload));
    switch (packet.payload.front()) {
      case '\0':
        phase_ = Phase::query;
        return asked_ < questions_.size() ? ask() : passed();
      case '\xfe':
        return switch_plugin(packet);
      case '\x01':  // caching_sha2_password: 3 means in order, anything else asks for a password
        if (packet.payload == "\x01\x03") return {};
        return done(CheckStatus::l7_status, "the user has a password");
      default:
        return malformed();
    }
  }

  /// The user's plugin is another one: the empty password in that one's form.
  Step switch_plugin(const MysqlPacket& packet) {
    MysqlReader reader(packet.payload.substr(1));
    const std::string_view plugin = reader.at_end() ? "mysql_old_password" : reader.take_until_zero();
    const auto sequence = static_cast<std::uint8_t>(packet.sequence + 1);
    if (plugin == "mysql_native_password") return send(sequence, "");
    if (plugin == "caching_sha2_password" || plugin == "sha256_password")
      return send(sequence, std::string_view("\0", 1));
    return done(CheckStatus::l7_status,
                report_text(fmt::format("the user needs the authentication plugin {}", plugin)));
  }

  Step ask() {
    result_ = {};
    return send(0, com_query + std::string(question().query));
  }

  Step take_result(const MysqlPacket& packet) {
    switch (result_.take(packet.payload)) {
      case MysqlResult::State::reading:
        return {};
      case MysqlResult::State::malformed:
        return malformed();
      case MysqlResult::State::error:
        if (result_.error().code == error_syntax && question().query == show_replica) {
          questions_[asked_].query = show_slave;
          return ask();
        }
        return refused(result_.error());
      case MysqlResult::State::whole:
        break;
    }
    if (std::string fault = question().fault(options_, result_); !fault.empty())
      return done(CheckStatus::l7_status, std::move(fault), 0, quit());
    return ++asked_ < questions_.size() ? ask() : passed();
  }

  static Step send(std::uint8_t sequence, std::string_view payload) {
    Step step;
    step.send = mysql_packet_bytes(sequence, payload);
    return step;
  }
  static std::string quit() { return mysql_packet_bytes(0, com_quit); }
  Step passed() const { return done(CheckStatus::l7_ok, version_, 0, quit()); }
  /// A server that refuses a query still wants a goodbye; one that refuses a login has hung up.
  Step refused(const Verdict& error) const {
    return done(error.status, error.text, error.code, phase_ == Phase::query ? quit() : std::string());
  }
  Step malformed() const { return done(CheckStatus::l7_response, "not MySQL" + waiting_for()); }

  const Options& options_;
  std::vector<Question> questions_;
  std::size_t asked_ = 0;
  Phase phase_ = Phase::greeting;
  MysqlResult result_;
  std::string version_;
};

}  // namespace

std::unique_ptr<Conversation> start_mysql(const Plan& plan) {
  return std::make_unique<Mysql>(plan);
}

}  // namespace corelane::check
