// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "control/admin_routes.hpp"
#include "control/loop.hpp"
#include "control/session_request.hpp"
#include "proxy/lane.hpp"

namespace corelane::control {

/// Lists and ends sessions for administrators: asks one lane after the other, in questions that each cost it
/// a bounded amount of work, and answers when all is told. One request is worked on at a time. Lives in the
/// control thread.
class SessionAdmin {
 public:
  /// Who has waited so long for a lane's answer looks whether the lane has finished meanwhile.
  static constexpr base::TimeUs patience_us = 100'000;

  using Lanes = std::vector<std::unique_ptr<proxy::Lane>>;

  /// `say` gets a line for the log when sessions were ended.
  SessionAdmin(Loop& loop, const config::Model& model, const Lanes& lanes,
               std::function<void(const std::string& text)> say);
  SessionAdmin(const SessionAdmin&) = delete;
  SessionAdmin& operator=(const SessionAdmin&) = delete;
  /// Drops what is not answered yet.
  ~SessionAdmin();

  std::optional<AdminResponse> list(const AdminCall& call);
  std::optional<AdminResponse> end_one(const AdminCall& call);
  std::optional<AdminResponse> end_matching(const AdminCall& call);

 private:
  struct Job {
    proxy::SessionQuery query;
    std::uint32_t lane = 0;       // asked now
    std::uint32_t lane_last = 0;  // included
    std::uint32_t limit = UINT32_MAX;
    std::string one;  // the id, where it is about a single session
    std::uint32_t matches = 0;
    std::vector<std::pair<std::uint32_t, proxy::SessionRow>> found;  // with their lanes
    bool complete = false;                                           // every lane has told all
    AdminReply reply;
  };

  static void on_wake(void* context);
  static void on_timer(base::Timer& timer);

  Job job_of(const SessionRequest& request, const AdminReply& reply) const;
  void add(Job job);
  void work();
  void ask();
  void read_replies();
  void take(const proxy::SessionReply& reply);
  void finish();
  AdminResponse listing(const Job& job) const;
  AdminResponse ending(const Job& job) const;

  Loop& loop_;
  const config::Model& model_;
  const Lanes& lanes_;
  std::function<void(const std::string& text)> say_;
  std::deque<Job> jobs_;  // the first is worked on
  bool asked_ = false;    // a lane owes an answer
  base::Timer timer_;
};

}  // namespace corelane::control
