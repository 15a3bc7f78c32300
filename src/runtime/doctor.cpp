// SPDX-License-Identifier: Apache-2.0
#include "runtime/doctor.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "base/units.hpp"
#include "runtime/cpus.hpp"
#include "runtime/limits.hpp"
#include "runtime/option_permission.hpp"

namespace corelane::runtime {

namespace {

constexpr std::uint64_t descriptors_enough = 4096;
constexpr std::uint64_t descriptors_advised = 65'536;
constexpr std::uint64_t somaxconn_enough = 1024;
constexpr std::uint64_t somaxconn_advised = 4096;
constexpr std::uint64_t ports_enough = 16'384;
// Leaves the ports just above 1024 to services.
constexpr std::string_view ports_advised = "\"10240 65535\"";

std::string_view verdict_word(Verdict verdict) {
  switch (verdict) {
    case Verdict::ok:
      return "ok";
    case Verdict::hint:
      return "hint";
    case Verdict::lacking:
      break;
  }
  return "short";
}

Finding judge_ring(const DoctorFacts& facts) {
  if (!facts.ring_failure.empty()) return {"io_uring", Verdict::lacking, "no ring", facts.ring_failure};
  return {"io_uring", Verdict::ok, facts.ring_features, ""};
}

Finding judge_memlock(const DoctorFacts& facts) {
  const std::string value =
      facts.memlock_bytes == unlimited ? "unlimited" : base::size_text(facts.memlock_bytes);
  // Only what io_uring itself reported can tell: kernels from 5.12 on do not count rings against this limit.
  return {"RLIMIT_MEMLOCK", Verdict::ok, value, ""};
}

Finding judge_descriptors(const DoctorFacts& facts, const DoctorWishes& wishes) {
  Finding finding{
      "RLIMIT_NOFILE", Verdict::ok,
      fmt::format("{} (soft {}, raised at start)", facts.descriptors_hard, facts.descriptors_soft), ""};
  if (!wishes.connections_failure.empty()) {
    finding.verdict = Verdict::lacking;
    finding.advice = wishes.connections_failure;
  } else if (facts.descriptors_hard < descriptors_enough) {
    finding.verdict = wishes.file.empty() ? Verdict::lacking : Verdict::hint;
    finding.advice =
        fmt::format("LimitNOFILE={0} in the service unit, or ulimit -n {0} as root before the start",
                    descriptors_advised);
  }
  return finding;
}

Finding judge_connections(const DoctorWishes& wishes) {
  if (!wishes.connections_failure.empty()) return {"connections", Verdict::lacking, "would not start", ""};
  return {"connections", Verdict::ok, fmt::format("{} at most", wishes.connections), ""};
}

Finding judge_somaxconn(std::uint64_t somaxconn, const DoctorWishes& wishes) {
  Finding finding{"net.core.somaxconn", Verdict::ok, std::to_string(somaxconn), ""};
  if (somaxconn < somaxconn_enough) {
    finding.verdict = Verdict::lacking;
    finding.advice = fmt::format(
        "new connections that wait to be accepted are dropped beyond it: sysctl -w "
        "net.core.somaxconn={}",
        std::max<std::uint64_t>(somaxconn_advised, wishes.backlog));
  } else if (somaxconn < wishes.backlog) {
    finding.verdict = Verdict::hint;
    finding.advice = fmt::format("a backlog of {} is cut to this: sysctl -w net.core.somaxconn={}",
                                 wishes.backlog, wishes.backlog);
  }
  return finding;
}

Finding judge_ports(std::pair<std::uint64_t, std::uint64_t> range, const DoctorWishes& wishes) {
  const std::uint64_t ports = range.second >= range.first ? range.second - range.first + 1 : 0;
  Finding finding{
      "net.ipv4.ip_local_port_range", Verdict::ok,
      fmt::format("{} {} ({} connections to each server address)", range.first, range.second, ports), ""};
  if (wishes.all_have_source_ports) {
    finding.value = fmt::format("{} {} (not used: every server has source ports)", range.first, range.second);
    return finding;
  }
  const bool too_few_for_file = !wishes.file.empty() && wishes.connections > ports * wishes.server_addresses;
  if (ports < ports_enough) {
    finding.verdict = Verdict::lacking;
  } else if (too_few_for_file) {
    finding.verdict = Verdict::hint;
  }
  if (finding.verdict != Verdict::ok) {
    finding.advice = fmt::format(
        "each connection to a server address takes one, and keeps it for a minute when Corelane closed "
        "first: "
        "sysctl -w net.ipv4.ip_local_port_range={}, or source.addresses with ranges of ports",
        ports_advised);
  }
  return finding;
}

// Who looks for a free port when a source address has no range.
Finding judge_port_search(const DoctorFacts& facts) {
  if (facts.ports_can_be_asked_for)
    return {"IP_LOCAL_PORT_RANGE", Verdict::ok, "source addresses without a range share the system's ports",
            ""};
  return {"IP_LOCAL_PORT_RANGE", Verdict::hint, "not in this kernel (Linux 6.3)",
          "with many ports in use each connect searches long for a free one: give source.addresses ranges of "
          "ports"};
}

Finding judge_time_wait(std::uint64_t reuse, const DoctorWishes& wishes) {
  constexpr std::string_view advice =
      "for many short connections to servers on other machines, whose ports are otherwise kept for a minute: "
      "sysctl -w net.ipv4.tcp_tw_reuse=1, or \"close\": \"server-first\" in the backend";
  if (reuse == 1) return {"net.ipv4.tcp_tw_reuse", Verdict::ok, "1", ""};
  if (wishes.all_have_source_ports) {
    return {"net.ipv4.tcp_tw_reuse", Verdict::ok,
            fmt::format("{} (not used: every server has source ports)", reuse), ""};
  }
  return {"net.ipv4.tcp_tw_reuse", Verdict::hint, reuse == 2 ? "2 (loopback only)" : std::to_string(reuse),
          std::string(advice)};
}

// A client's connection and the server's are two entries, each kept for a while after its end.
Finding judge_conntrack(std::uint64_t entries_max, const DoctorFacts& facts, const DoctorWishes& wishes) {
  constexpr std::uint64_t entries_per_connection = 2;
  const std::uint64_t entries = facts.conntrack_count.value_or(0);
  Finding finding{"net.netfilter.nf_conntrack_max", Verdict::ok,
                  fmt::format("{} ({} in use)", entries_max, entries), ""};
  const std::uint64_t wanted = 2 * entries_per_connection * wishes.connections;
  if (entries >= entries_max / 10 * 9) {
    finding.verdict = Verdict::lacking;
    finding.advice = "beyond it new connections are dropped: ";
  } else if (!wishes.file.empty() && wanted > entries_max) {
    finding.verdict = Verdict::hint;
    finding.advice = fmt::format("{} connections and those just closed take more: ", wishes.connections);
  }
  if (finding.verdict != Verdict::ok) {
    finding.advice += fmt::format("sysctl -w net.netfilter.nf_conntrack_max={}",
                                  std::max<std::uint64_t>(wanted, 2 * entries_max));
  }
  return finding;
}

Finding judge_pipe_size(std::uint64_t bytes, const DoctorWishes& wishes) {
  Finding finding{"fs.pipe-max-size", Verdict::ok, base::size_text(bytes), ""};
  if (bytes < wishes.pipe_bytes) {
    finding.verdict = Verdict::hint;
    finding.advice =
        fmt::format("bulk transfers use smaller pipes; sysctl -w fs.pipe-max-size={}", wishes.pipe_bytes);
  }
  return finding;
}

Finding judge_pipe_pages(std::uint64_t pages, const DoctorFacts& facts, const DoctorWishes& wishes) {
  const std::uint64_t pages_wanted =
      wishes.pipes * ((wishes.pipe_bytes + facts.page_bytes - 1) / facts.page_bytes);
  Finding finding{"fs.pipe-user-pages-soft", Verdict::ok, pages == 0 ? "no limit" : std::to_string(pages),
                  ""};
  if (facts.pipe_limits_apply && pages != 0 && pages < pages_wanted) {
    finding.verdict = Verdict::hint;
    finding.advice = fmt::format(
        "many bulk transfers at once fall back to small pipes; sysctl -w "
        "fs.pipe-user-pages-soft={}",
        pages_wanted);
  }
  return finding;
}

Finding judge_cpus(const DoctorFacts& facts, const DoctorWishes& wishes) {
  Finding finding{"CPUs", Verdict::ok, fmt::format("{} allowed, {} lanes", facts.cpus, wishes.lanes), ""};
  if (facts.cgroup_cpus > 0) {
    finding.value += fmt::format(", control group allows {:.2f}", facts.cgroup_cpus);
    if (facts.cgroup_cpus < wishes.lanes) {
      const auto fitting = static_cast<std::uint32_t>(std::max(1.0, std::floor(facts.cgroup_cpus)));
      if (fitting < wishes.lanes) {
        finding.verdict = Verdict::lacking;
        finding.advice = fmt::format(
            "lanes would be held up by the quota: set \"reactors\": {} in global, or "
            "CPUQuota={}% in the service unit",
            fitting, wishes.lanes * 100);
      }
    }
  }
  if (finding.verdict == Verdict::ok && wishes.lanes > facts.cpus) {
    finding.verdict = Verdict::hint;
    finding.advice =
        fmt::format("more lanes than CPUs share CPUs: set \"reactors\": {} in global", facts.cpus);
  }
  return finding;
}

Finding judge_option(io::SocketOption option, std::string_view subject, bool allowed) {
  if (allowed) return {subject, Verdict::ok, "allowed", ""};
  return {subject, Verdict::lacking, "not permitted", option_permission_hint(option).substr(2)};
}

bool has_mark(const config::SocketMarks& marks) {
  return marks.mark != 0;
}

}  // namespace

DoctorWishes doctor_wishes(const config::Model& model, const std::string& file, const DoctorFacts& facts) {
  DoctorWishes wishes;
  wishes.file = file;
  wishes.lanes = lane_count(model.global.reactors, facts.cpus);
  DescriptorPlan plan;
  const DescriptorNeeds needs = descriptor_needs(model, wishes.lanes);
  if (const auto failure =
          plan_descriptors(needs, model.global.max_connections, facts.descriptors_hard, plan)) {
    wishes.connections_failure = failure->text;
  }
  wishes.connections = plan.connections;
  wishes.pipe_bytes = model.global.tune.pipe_size;
  wishes.pipes = std::uint64_t{plan.pipes_per_lane} * wishes.lanes;
  wishes.all_have_source_ports = !model.backends.empty();
  std::set<std::string> addresses;
  for (const config::Backend& backend : model.backends) {
    for (const config::Server& server : backend.servers) {
      addresses.insert(server.address.text);
      const auto& sources = server.source.addresses;
      const bool has_ports =
          std::any_of(sources.begin(), sources.end(), [](const auto& source) { return source.has_ports(); });
      wishes.all_have_source_ports &= has_ports;
      wishes.source_without_ports |=
          std::any_of(sources.begin(), sources.end(), [](const auto& source) { return !source.has_ports(); });
      wishes.transparent |= server.source.transparent != config::TransparentSource::none;
      wishes.mark |= has_mark(server.source.marks);
    }
  }
  for (const config::Frontend& frontend : model.frontends) {
    for (const config::Bind& bind : frontend.bind) {
      wishes.backlog = std::max(wishes.backlog, bind.backlog);
      wishes.transparent |= bind.transparent;
      wishes.mark |= has_mark(bind.marks);
    }
  }
  wishes.server_addresses = addresses.size();
  return wishes;
}

DoctorWishes doctor_wishes(const DoctorFacts& facts) {
  return doctor_wishes(config::Model{}, "", facts);
}

std::vector<Finding> doctor_findings(const DoctorFacts& facts, const DoctorWishes& wishes) {
  std::vector<Finding> findings;
  findings.push_back({"kernel", Verdict::ok, "Linux " + facts.kernel_release, ""});
  findings.push_back(judge_ring(facts));
  findings.push_back(judge_memlock(facts));
  findings.push_back(judge_descriptors(facts, wishes));
  findings.push_back(judge_connections(wishes));
  if (facts.somaxconn) findings.push_back(judge_somaxconn(*facts.somaxconn, wishes));
  if (facts.ports) findings.push_back(judge_ports(*facts.ports, wishes));
  if (wishes.source_without_ports) findings.push_back(judge_port_search(facts));
  if (facts.tcp_tw_reuse) findings.push_back(judge_time_wait(*facts.tcp_tw_reuse, wishes));
  if (facts.conntrack_max) findings.push_back(judge_conntrack(*facts.conntrack_max, facts, wishes));
  if (facts.pipe_bytes_max) findings.push_back(judge_pipe_size(*facts.pipe_bytes_max, wishes));
  if (facts.pipe_user_pages_soft) {
    findings.push_back(judge_pipe_pages(*facts.pipe_user_pages_soft, facts, wishes));
  }
  if (wishes.transparent) {
    findings.push_back(
        judge_option(io::SocketOption::transparent, "IP_TRANSPARENT", facts.transparent_allowed));
  }
  if (wishes.mark) findings.push_back(judge_option(io::SocketOption::mark, "SO_MARK", facts.mark_allowed));
  findings.push_back(judge_cpus(facts, wishes));
  return findings;
}

bool doctor_all_well(const std::vector<Finding>& findings) {
  return std::none_of(findings.begin(), findings.end(),
                      [](const Finding& finding) { return finding.verdict == Verdict::lacking; });
}

std::string doctor_text(const std::vector<Finding>& findings) {
  std::size_t widest = 0;
  for (const Finding& finding : findings) widest = std::max(widest, finding.subject.size());
  std::string text;
  for (const Finding& finding : findings) {
    text += fmt::format("{:<5}  {:<{}}  {}\n", verdict_word(finding.verdict), finding.subject, widest,
                        finding.value);
    if (!finding.advice.empty()) text += fmt::format("{:>9}{}\n", "-> ", finding.advice);
  }
  return text;
}

std::string doctor_json(const std::vector<Finding>& findings) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const Finding& finding : findings) {
    nlohmann::ordered_json entry{
        {"subject", finding.subject}, {"verdict", verdict_word(finding.verdict)}, {"value", finding.value}};
    if (!finding.advice.empty()) entry["advice"] = finding.advice;
    list.push_back(std::move(entry));
  }
  const nlohmann::ordered_json report{{"ok", doctor_all_well(findings)}, {"findings", std::move(list)}};
  return report.dump(2) + "\n";
}

}  // namespace corelane::runtime
