// SPDX-License-Identifier: Apache-2.0
#include "runtime/doctor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <functional>
#include <nlohmann/json.hpp>

using namespace corelane::runtime;

namespace {

DoctorFacts sound_facts() {
  DoctorFacts facts;
  facts.kernel_release = "6.18.0";
  facts.ring_features = "io_uring single_issuer";
  facts.descriptors_soft = 1024;
  facts.descriptors_hard = 524'288;
  facts.somaxconn = 4096;
  facts.ports = {32'768, 60'999};
  facts.tcp_tw_reuse = 1;
  facts.pipe_bytes_max = 1U << 20;
  facts.pipe_user_pages_soft = 16'384;
  facts.cpus = 4;
  return facts;
}

DoctorWishes modest_wishes() {
  DoctorWishes wishes;
  wishes.lanes = 4;
  wishes.connections = 10'000;
  wishes.pipe_bytes = 1U << 20;
  wishes.pipes = 64;
  return wishes;
}

const Finding& finding_of(const std::vector<Finding>& findings, std::string_view subject) {
  const auto found = std::find_if(findings.begin(), findings.end(),
                                  [&](const Finding& finding) { return finding.subject == subject; });
  REQUIRE(found != findings.end());
  return *found;
}

}  // namespace

TEST_CASE("a sound system gets no advice") {
  const std::vector<Finding> findings = doctor_findings(sound_facts(), modest_wishes());
  CHECK(doctor_all_well(findings));
  CHECK(findings.size() == 11);
  for (const Finding& finding : findings) {
    CAPTURE(std::string(finding.subject));
    CHECK(finding.verdict == Verdict::ok);
    CHECK(finding.advice.empty());
    CHECK_FALSE(finding.value.empty());
  }
}

TEST_CASE("what sockets ask for is looked at where the configuration asks for it") {
  DoctorFacts facts = sound_facts();
  facts.transparent_allowed = facts.mark_allowed = false;
  CHECK(doctor_all_well(doctor_findings(facts, modest_wishes())));
  DoctorWishes wishes = modest_wishes();
  wishes.transparent = wishes.mark = true;
  const std::vector<Finding> findings = doctor_findings(facts, wishes);
  CHECK_FALSE(doctor_all_well(findings));
  for (const char* subject : {"IP_TRANSPARENT", "SO_MARK"}) {
    CAPTURE(subject);
    CHECK(finding_of(findings, subject).value == "not permitted");
    CHECK(finding_of(findings, subject).advice.find("AmbientCapabilities=CAP_NET_RAW") != std::string::npos);
    CHECK(finding_of(doctor_findings(sound_facts(), wishes), subject).verdict == Verdict::ok);
  }
}

TEST_CASE("each shortage gets its verdict and the command that mends it") {
  struct Row {
    const char* name;
    std::string_view subject;
    Verdict verdict;
    const char* advice;
    std::function<void(DoctorFacts&, DoctorWishes&)> change;
  };
  const Row rows[] = {
      {"no ring", "io_uring", Verdict::lacking, "sysctl -w kernel.io_uring_disabled=0",
       [](DoctorFacts& facts, DoctorWishes&) {
         facts.ring_failure = "sysctl -w kernel.io_uring_disabled=0";
       }},
      {"few descriptors", "RLIMIT_NOFILE", Verdict::lacking,
       "LimitNOFILE=", [](DoctorFacts& facts, DoctorWishes&) { facts.descriptors_hard = 1024; }},
      {"few descriptors, enough for the file", "RLIMIT_NOFILE", Verdict::hint, "LimitNOFILE=",
       [](DoctorFacts& facts, DoctorWishes& wishes) {
         facts.descriptors_hard = 1024;
         wishes.file = "a.json";
       }},
      {"the file wants more", "RLIMIT_NOFILE", Verdict::lacking, "needs 40000",
       [](DoctorFacts&, DoctorWishes& wishes) { wishes.connections_failure = "needs 40000"; }},
      {"short backlog", "net.core.somaxconn", Verdict::lacking, "sysctl -w net.core.somaxconn=4096",
       [](DoctorFacts& facts, DoctorWishes&) { facts.somaxconn = 128; }},
      {"few ports", "net.ipv4.ip_local_port_range", Verdict::lacking,
       "sysctl -w net.ipv4.ip_local_port_range=",
       [](DoctorFacts& facts, DoctorWishes&) {
         facts.ports = {40'000, 41'000};
       }},
      {"fewer ports than connections of the file", "net.ipv4.ip_local_port_range", Verdict::hint,
       "ip_local_port_range",
       [](DoctorFacts&, DoctorWishes& wishes) {
         wishes.file = "a.json";
         wishes.connections = 60'000;
         wishes.server_addresses = 2;
       }},
      {"time-wait ports", "net.ipv4.tcp_tw_reuse", Verdict::hint, "sysctl -w net.ipv4.tcp_tw_reuse=1",
       [](DoctorFacts& facts, DoctorWishes&) { facts.tcp_tw_reuse = 2; }},
      {"a kernel that searches for ports", "IP_LOCAL_PORT_RANGE", Verdict::hint, "ranges of ports",
       [](DoctorFacts& facts, DoctorWishes& wishes) {
         facts.ports_can_be_asked_for = false;
         wishes.source_without_ports = true;
       }},
      {"a longer backlog in the file", "net.core.somaxconn", Verdict::hint, "net.core.somaxconn=9000",
       [](DoctorFacts&, DoctorWishes& wishes) { wishes.backlog = 9000; }},
      {"tracked connections run out", "net.netfilter.nf_conntrack_max", Verdict::lacking,
       "sysctl -w net.netfilter.nf_conntrack_max=",
       [](DoctorFacts& facts, DoctorWishes&) {
         facts.conntrack_max = 1000;
         facts.conntrack_count = 950;
       }},
      {"fewer tracked connections than the file wants", "net.netfilter.nf_conntrack_max", Verdict::hint,
       "sysctl -w net.netfilter.nf_conntrack_max=40000",
       [](DoctorFacts& facts, DoctorWishes& wishes) {
         facts.conntrack_max = 8192;
         wishes.file = "corelane.json";
         wishes.connections = 10'000;
       }},
      {"small pipes", "fs.pipe-max-size", Verdict::hint, "sysctl -w fs.pipe-max-size=1048576",
       [](DoctorFacts& facts, DoctorWishes&) { facts.pipe_bytes_max = 65'536; }},
      {"few pipe pages", "fs.pipe-user-pages-soft", Verdict::hint, "sysctl -w fs.pipe-user-pages-soft=32768",
       [](DoctorFacts&, DoctorWishes& wishes) { wishes.pipes = 128; }},
      {"a quota below the lanes", "CPUs", Verdict::lacking, "\"reactors\": 2",
       [](DoctorFacts& facts, DoctorWishes&) { facts.cgroup_cpus = 2.5; }},
      {"more lanes than CPUs", "CPUs", Verdict::hint, "\"reactors\": 4",
       [](DoctorFacts&, DoctorWishes& wishes) { wishes.lanes = 8; }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    DoctorFacts facts = sound_facts();
    DoctorWishes wishes = modest_wishes();
    row.change(facts, wishes);
    const std::vector<Finding> findings = doctor_findings(facts, wishes);
    const Finding& finding = finding_of(findings, row.subject);
    CHECK(finding.verdict == row.verdict);
    CAPTURE(finding.advice);
    CHECK(finding.advice.find(row.advice) != std::string::npos);
    CHECK(doctor_all_well(findings) == (row.verdict != Verdict::lacking));
  }
}

TEST_CASE("what does not count against a system") {
  struct Row {
    const char* name;
    std::string_view subject;
    std::function<void(DoctorFacts&, DoctorWishes&)> change;
  };
  const Row rows[] = {
      {"pipe pages without a limit", "fs.pipe-user-pages-soft",
       [](DoctorFacts& facts, DoctorWishes& wishes) {
         facts.pipe_user_pages_soft = 0;
         wishes.pipes = 4096;
       }},
      {"pipe pages of a privileged process", "fs.pipe-user-pages-soft",
       [](DoctorFacts& facts, DoctorWishes& wishes) {
         facts.pipe_limits_apply = false;
         wishes.pipes = 4096;
       }},
      {"a kernel that takes the port it is asked for", "IP_LOCAL_PORT_RANGE",
       [](DoctorFacts&, DoctorWishes& wishes) { wishes.source_without_ports = true; }},
      {"a quota as wide as the lanes", "CPUs",
       [](DoctorFacts& facts, DoctorWishes&) { facts.cgroup_cpus = 4; }},
      {"a fraction of one CPU for one lane", "CPUs",
       [](DoctorFacts& facts, DoctorWishes& wishes) {
         facts.cgroup_cpus = 0.5;
         wishes.lanes = 1;
       }},
  };
  for (const Row& row : rows) {
    CAPTURE(row.name);
    DoctorFacts facts = sound_facts();
    DoctorWishes wishes = modest_wishes();
    row.change(facts, wishes);
    CHECK(finding_of(doctor_findings(facts, wishes), row.subject).verdict == Verdict::ok);
  }
}

TEST_CASE("the doctor's two forms") {
  const std::vector<Finding> findings{{"one", Verdict::ok, "1", ""},
                                      {"two long", Verdict::lacking, "2", "do it"}};
  CHECK(doctor_text(findings) == "ok     one       1\nshort  two long  2\n      -> do it\n");
  const nlohmann::json json = nlohmann::json::parse(doctor_json(findings));
  CHECK(json["ok"] == false);
  CHECK(json["findings"][1]["verdict"] == "short");
  CHECK(json["findings"][1]["advice"] == "do it");
  CHECK_FALSE(json["findings"][0].contains("advice"));
}
