// SPDX-License-Identifier: Apache-2.0
#include "control/session_admin.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace corelane::control {

namespace {

std::string json_text(const nlohmann::ordered_json& json) {
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
}

AdminResponse fault_response(const SessionFault& fault) {
  return admin_error(fault.status, fault.text, fault.hint);
}

AdminResponse no_such_session(std::string_view id) {
  return admin_error(404, fmt::format("there is no session \"{}\"", id));
}

}  // namespace

SessionAdmin::SessionAdmin(Loop& loop, const config::Model& model, const Lanes& lanes,
                           std::function<void(const std::string& text)> say)
    : loop_(loop), model_(model), lanes_(lanes), say_(std::move(say)) {
  timer_.owner = this;
  timer_.handler = &SessionAdmin::on_timer;
  loop_.on_wake(&SessionAdmin::on_wake, this);
}

SessionAdmin::~SessionAdmin() {
  loop_.timers().stop(timer_);
  loop_.forget_wake(this);
}

std::optional<AdminResponse> SessionAdmin::list(const AdminCall& call) {
  SessionRequest request;
  if (const auto fault = read_session_request(call.target, model_, true, request))
    return fault_response(*fault);
  Job job = job_of(request, call.later);
  job.limit = request.limit;
  if (request.after) {
    job.lane = request.after->lane;
    job.query.slot_first = request.after->slot + 1;
  }
  add(std::move(job));
  return std::nullopt;
}

std::optional<AdminResponse> SessionAdmin::end_one(const AdminCall& call) {
  const std::optional<SessionId> id = read_session_id(call.names[0]);
  if (!id || id->lane >= lanes_.size()) return no_such_session(call.names[0]);
  Job job = job_of({}, call.later);
  job.lane = job.lane_last = id->lane;
  job.one = call.names[0];
  job.query.slot_first = id->slot;
  job.query.slots = 1;
  job.query.accepted_at = id->accepted_at;
  job.query.end = true;
  add(std::move(job));
  return std::nullopt;
}

std::optional<AdminResponse> SessionAdmin::end_matching(const AdminCall& call) {
  SessionRequest request;
  if (const auto fault = read_session_request(call.target, model_, false, request))
    return fault_response(*fault);
  if (!request.filtered()) {
    return admin_error(400,
                       "which sessions? Every one of the process is not ended by a request without a filter",
                       {.allowed = {"frontend", "backend", "server"}, .near_miss = {}});
  }
  Job job = job_of(request, call.later);
  job.query.end = true;
  add(std::move(job));
  return std::nullopt;
}

SessionAdmin::Job SessionAdmin::job_of(const SessionRequest& request, const AdminReply& reply) const {
  Job job;
  job.query.frontend = request.frontend;
  job.query.backend = request.backend;
  job.query.server = request.server;
  job.lane_last = static_cast<std::uint32_t>(lanes_.size()) - 1;
  job.reply = reply;
  return job;
}

// Nothing is answered before the caller has returned.
void SessionAdmin::add(Job job) {
  jobs_.push_back(std::move(job));
  if (jobs_.size() == 1) loop_.timers().set(timer_, loop_.now());
}

void SessionAdmin::on_timer(base::Timer& timer) {
  auto& self = *static_cast<SessionAdmin*>(timer.owner);
  if (!self.asked_) {
    self.work();
    return;
  }
  self.read_replies();
  if (!self.asked_) return;
  if (self.lanes_[self.jobs_.front().lane]->running()) {
    self.loop_.timers().set(timer, self.loop_.now() + patience_us);
  } else {
    self.asked_ = false;  // it finished without having seen the question
    self.work();
  }
}

void SessionAdmin::on_wake(void* context) {
  auto& self = *static_cast<SessionAdmin*>(context);
  if (self.asked_) self.read_replies();
}

void SessionAdmin::read_replies() {
  base::SpscQueue<proxy::SessionReply>& replies = lanes_[jobs_.front().lane]->session_replies();
  proxy::SessionReply reply;
  while (asked_ && replies.pop(reply)) take(reply);
}

void SessionAdmin::take(const proxy::SessionReply& reply) {
  Job& job = jobs_.front();
  if (!reply.last) {
    job.found.emplace_back(job.lane, reply.row);
    return;
  }
  asked_ = false;
  job.matches += reply.matches;
  job.query.slot_first = reply.slot_next;
  if (!job.one.empty() || reply.slot_next == config::no_index) {
    ++job.lane;
    job.query.slot_first = 0;
  }
  work();
}

// Goes on with the first job: asks the next question, or answers.
void SessionAdmin::work() {
  Job& job = jobs_.front();
  while (job.lane <= job.lane_last && !lanes_[job.lane]->running()) {
    ++job.lane;
    job.query.slot_first = 0;
  }
  job.complete = job.lane > job.lane_last;
  if (job.complete || job.matches >= job.limit) {
    finish();
    return;
  }
  job.query.matches = std::min(job.limit - job.matches, proxy::SessionQuery::matches_max);
  asked_ = true;
  loop_.timers().set(timer_, loop_.now() + patience_us);
  lanes_[job.lane]->post({.kind = proxy::LaneMessage::Kind::sessions, .sessions = job.query}, &loop_.ring());
}

void SessionAdmin::finish() {
  const Job job = std::move(jobs_.front());
  jobs_.pop_front();
  if (jobs_.empty()) {
    loop_.timers().stop(timer_);
  } else {
    loop_.timers().set(timer_, loop_.now());
  }
  job.reply(job.query.end ? ending(job) : listing(job));
}

AdminResponse SessionAdmin::listing(const Job& job) const {
  nlohmann::ordered_json sessions = nlohmann::ordered_json::array();
  for (const auto& [lane, row] : job.found) sessions.push_back(session_tree(row, lane, model_, loop_.now()));
  nlohmann::ordered_json json = {{"sessions", std::move(sessions)}, {"next", nullptr}};
  if (!job.complete) {
    const auto& [lane, row] = job.found.back();
    json["next"] = session_id_text({lane, row.slot, row.accepted_at});
  }
  return {.body = json_text(json)};
}

AdminResponse SessionAdmin::ending(const Job& job) const {
  if (!job.one.empty() && job.matches == 0) return no_such_session(job.one);
  if (job.matches > 0) say_(fmt::format("{} sessions were ended by the administrator.", job.matches));
  return {.body = json_text({{"ended", job.matches}})};
}

}  // namespace corelane::control
