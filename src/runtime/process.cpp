// SPDX-License-Identifier: Apache-2.0
#include "runtime/process.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <new>
#include <random>
#include <utility>

#include "proxy/http_lane.hpp"
#include "proxy/tls_lane.hpp"
#include "runtime/cpus.hpp"
#include "runtime/error_page_files.hpp"
#include "runtime/host_name.hpp"
#include "runtime/signals.hpp"
#include "runtime/source_addresses.hpp"
#include "runtime/start_report.hpp"
#include "runtime/system_ports.hpp"
#include "runtime/version.hpp"

namespace corelane::runtime {

namespace {

std::string kernel_release() {
  utsname names{};
  ::uname(&names);
  return names.release;
}

/// Seconds east of Greenwich.
std::int32_t local_utc_offset(std::int64_t seconds) {
  const auto moment = static_cast<std::time_t>(seconds);
  std::tm local{};
  return ::localtime_r(&moment, &local) != nullptr ? static_cast<std::int32_t>(local.tm_gmtoff) : 0;
}

io::RingOptions ring_options(const config::Model& model, std::uint32_t connections) {
  const config::Tune& tune = model.global.tune;
  io::RingOptions options;
  options.buffer_size = tune.buffer_size;
  options.buffers_max = tune.buffers_max != 0
                            ? tune.buffers_max
                            : derived_buffers_max(connections, tune.buffer_size, machine_memory_bytes());
  // With TLS what came may be here twice for a moment: as it came, and what was said.
  const bool clients_tls = proxy::binds_with_tls(model);
  const bool servers_tls = proxy::servers_with_tls(model);
  const std::uint32_t users = connections * (1U + (clients_tls ? 1U : 0U) + (servers_tls ? 1U : 0U));
  if (proxy::speaks_http(model) || clients_tls || servers_tls)
    options.buffers_reserved = derived_buffers_reserved(users, tune.buffer_size, machine_memory_bytes());
  return options;
}

}  // namespace

Process::Process(config::Model model, TlsSettings tls, Notices notices)
    : notices_(notices),
      model_(std::move(model)),
      tls_(std::move(tls)),
      shutdown_(base::ms_to_us(model_.global.drain_timeout_ms)) {}

Process::~Process() = default;

namespace {

/// For what clients must not be able to work out.
stick::HashSeed secret_seed() {
  std::random_device entropy;
  const auto word = [&entropy] { return (std::uint64_t{entropy()} << 32U) | entropy(); };
  return {word(), word()};
}

}  // namespace

std::optional<Failure> Process::start() {
  Signals::block();
  std::vector<std::vector<io::SocketAddress>> servers;
  if (auto failure = plan()) return failure;
  const std::vector<config::Diagnostic> faults = load_error_pages(model_, "", error_pages_);
  if (!faults.empty())
    return Failure{ExitStatus::configuration, fmt::format("{}: {}", faults[0].json_path, faults[0].message)};
  Resolver resolver;
  if (auto failure = open_sockets(resolver, servers)) return failure;
  topology_ = std::make_unique<proxy::Topology>(std::move(model_), servers, secret_seed());
  if (auto failure = start_lanes(resolver)) return failure;
  report_start(servers);
  return std::nullopt;
}

std::optional<Failure> Process::plan() {
  const std::vector<std::uint32_t> allowed = cpus_allowed();
  lanes_wanted_ = lane_count(model_.global.reactors, static_cast<std::uint32_t>(allowed.size()));
  if (model_.global.pin) {
    for (std::uint32_t lane = 0; lane < lanes_wanted_; ++lane)
      cpus_.push_back(allowed[lane % allowed.size()]);
  }
  pipes_wanted_ = model_.global.tune.pipes_max;
  const DescriptorNeeds needs = descriptor_needs(model_, lanes_wanted_);
  if (auto failure =
          plan_descriptors(needs, model_.global.max_connections, raise_descriptor_limit(), descriptors_)) {
    return failure;
  }
  model_.global.tune.pipes_max = descriptors_.pipes_per_lane;
  return std::nullopt;
}

std::optional<Failure> Process::open_sockets(Resolver& resolver,
                                             std::vector<std::vector<io::SocketAddress>>& servers) {
  if (auto failure = resolver.resolve_servers(model_, servers)) return failure;
  if (auto failure = resolver.resolve_checks(model_, check_addresses_)) return failure;
  if (auto failure = check_source_addresses(model_, servers, check_addresses_, lanes_wanted_)) return failure;
  if (auto failure = sockets_.open(model_, lanes_wanted_, descriptors_.connections, resolver)) return failure;
  return sockets_.open_admin(model_, resolver);
}

std::optional<Failure> Process::make_session_cache() {
  const std::uint32_t blocks = topology_->model().global.tune.tls_session_cache;
  if (blocks == 0 || !proxy::binds_with_tls(topology_->model())) return std::nullopt;
  shared_->tls_sessions = std::make_unique<tls::SessionCache>(blocks);
  if (shared_->tls_sessions->has_memory()) return std::nullopt;
  return Failure{ExitStatus::resources, fmt::format("the system grants no memory for {} TLS sessions; set "
                                                    "global.tune.tls_session_cache lower",
                                                    blocks)};
}

std::optional<Failure> Process::start_lanes(Resolver& resolver) {
  std::string failure_text;
  control_ = ControlPlane::create(failure_text);
  if (control_ == nullptr) return Failure{ExitStatus::resources, failure_text};
  shared_ = std::make_unique<proxy::LaneShared>(*topology_, descriptors_.connections, lanes_wanted_);
  shared_->error_pages = std::move(error_pages_);
  if (auto failure = make_session_cache()) return failure;
  shared_->tls_binds = make_tls_binds(tls_.binds, lanes_wanted_, shared_->tls_sessions.get());
  shared_->tls_servers = make_tls_servers(tls_.servers, lanes_wanted_);
  shared_->host_name = host_name();
  shared_->process_id = ::getpid();
  shared_->utc_offset = local_utc_offset;
  shared_->system_ports = system_ports_for_lanes(lanes_wanted_);
  LaneThreadsOptions options;
  options.lanes = lanes_wanted_;
  options.connections_max = descriptors_.connections;
  options.cpus = cpus_;
  options.ring = ring_options(topology_->model(), descriptors_.connections);
  try {
    lanes_ = std::make_unique<LaneThreads>(*shared_, options);
  } catch (const std::bad_alloc&) {
    return Failure{ExitStatus::resources,
                   fmt::format("the system grants no memory for the pools of {} connections on {} lanes; set "
                               "global.max_connections or global.tune.buffers_max lower",
                               descriptors_.connections, lanes_wanted_)};
  }
  const auto tell_lanes = [this](const proxy::LaneMessage& message) {
    lanes_->post(message, control_->ring());
  };
  ControlPlaneParts parts{*topology_,
                          *shared_,
                          lanes_->lanes(),
                          notices_,
                          tell_lanes,
                          check_addresses_,
                          make_tls_checks(tls_.checks),
                          std::move(tls_)};
  if (auto failure = control_->open(std::move(parts), resolver)) return failure;
  if (auto failure = lanes_->start(sockets_, control_->ring())) return failure;
  if (!control_->start(facts(), sockets_.take_admin(), {&Process::on_signal, this})) {
    return Failure{ExitStatus::resources, "cannot watch signals: no file descriptor is left"};
  }
  return std::nullopt;
}

control::ProcessFacts Process::facts() const {
  control::ProcessFacts facts;
  facts.version = version_text();
  facts.kernel = kernel_release();
  facts.io_uring = lanes_->lanes().front()->ring_features().text();
  facts.pid = ::getpid();
  facts.connections_max = descriptors_.connections;
  for (const ListenSocket& socket : sockets_.sockets())
    facts.listeners.push_back({socket.frontend, socket.address});
  return facts;
}

void Process::report_start(const std::vector<std::vector<io::SocketAddress>>& servers) const {
  StartReport report;
  report.version = version_text();
  report.kernel = kernel_release();
  report.io_uring = lanes_->lanes().front()->ring_features().text();
  report.lanes = lanes_wanted_;
  report.cpus = cpus_;
  report.descriptors = descriptors_;
  report.pipes_wanted = pipes_wanted_;
  start_report_fill(report, topology_->model(), sockets_.sockets(), servers);
  notices_.write(notices_.form() == OutputForm::text ? start_report_text(report) : start_report_json(report));
}

ExitStatus Process::run() {
  while (!lanes_->finished()) {
    const base::TimeUs now = control_->ring().now();
    act(shutdown_.elapsed(now));
    const bool asked = drain_requested_.exchange(false, std::memory_order_acquire);
    if (asked && shutdown_.phase() == Shutdown::Phase::serving) act(shutdown_.asked(now));
    const base::TimeUs deadline = shutdown_.deadline();
    control_->loop().turn(deadline == base::time_never ? base::time_never
                                                       : std::max<base::TimeUs>(deadline - now, 0));
  }
  lanes_->join();
  control_->stop();
  notices_.say("stop", shutdown_.status() == ExitStatus::fine ? "stopped, every connection had ended"
                                                              : "stopped, open connections were cut");
  return shutdown_.status();
}

void Process::request_drain() {
  drain_requested_.store(true, std::memory_order_release);
  control_->ring().wake(nullptr);
}

void Process::on_signal(void* context, int signal_number) {
  auto& self = *static_cast<Process*>(context);
  switch (signal_number) {
    case SIGTERM:
    case SIGINT:
      self.act(self.shutdown_.asked(self.control_->ring().now()));
      break;
    case SIGHUP:
      self.control_->reload();
      break;
    case SIGUSR1:
      self.control_->reopen_logs();
      break;
    default:
      break;
  }
}

void Process::act(Shutdown::Action action) {
  if (action == Shutdown::Action::none) return;
  const bool draining = action == Shutdown::Action::drain;
  if (draining) {
    ending_.store(true, std::memory_order_release);
    control_->set_accepting(false);
    notices_.say("drain",
                 fmt::format("draining: no new connections are accepted, {} are open; a second TERM or INT "
                             "cuts them",
                             connections_current()));
  } else {
    control_->say(logfmt::SyslogSeverity::warning, "cut",
                  fmt::format("cutting {} connections", connections_current()));
  }
  const auto kind = draining ? proxy::LaneMessage::Kind::drain : proxy::LaneMessage::Kind::stop;
  lanes_->post({.kind = kind}, control_->ring());
}

std::uint64_t Process::connections_current() const {
  std::uint64_t sum = 0;
  for (const stats::LaneBlock* block : blocks()) sum += block->lane().connections_current.get();
  return sum;
}

}  // namespace corelane::runtime
