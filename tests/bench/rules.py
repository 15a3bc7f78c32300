# SPDX-License-Identifier: Apache-2.0
"""What rules cost a small keep-alive request: 50 paths, the flood rules, a tracked key; each beside no rules at all."""

import contextlib
import dataclasses
from collections.abc import Callable

from keepalive import measure
from loads import start_nginx, wrk
from proxies import start_corelane, start_haproxy
from rounds import Metric, interleave, summarize

CONNECTIONS = 64
PATHS = [f"/department-{number}/" for number in range(50)]
STATIC_BEGINNINGS = ["/static/", "/images/"]
STATIC_ENDINGS = [".jpg", ".gif", ".png", ".css", ".js"]
NEVER = 1_000_000_000  # requests in 10 s: nobody is marked, so that every request is served
TABLE_SIZE = 100_000


@dataclasses.dataclass(frozen=True)
class Rules:
    """The same rules for both: an edit of the JSON object, and of HAProxy's text by section."""

    corelane: Callable
    frontend: list
    backend: list = dataclasses.field(default_factory=list)

    def haproxy(self, text):
        frontend, backend = "\nfrontend bench\n", "\nbackend servers\n"
        text = text.replace(frontend, frontend + "".join(f"  {line}\n" for line in self.frontend))
        return text.replace(backend, backend + "".join(f"  {line}\n" for line in self.backend))


def path_rules():
    def corelane(config):
        config["frontends"]["bench"]["use_backend"] = [
            {"backend": "servers", "if": f"{{ path_beg {path} }}"} for path in PATHS
        ]

    return Rules(corelane, [f"use_backend servers if {{ path_beg {path} }}" for path in PATHS])


def flood_rules():
    static = [f"path_beg {' '.join(STATIC_BEGINNINGS)}", f"path_end {' '.join(STATIC_ENDINGS)}"]
    marked = "{ sc0_get_gpc0 gt 0 }"

    def corelane(config):
        config["frontends"]["bench"] |= {
            "stick_table": {"type": "ip", "size": "1m", "expire": "10s", "store": ["gpc0"]},
            "acls": {"static": static},
            "tcp_request": {
                "connection": [{"action": "track-sc0", "key": "src"}, {"action": "reject", "if": marked}],
            },
            "http_request": [{"action": "deny", "status": 403, "if": marked}],
            "use_backend": [{"backend": "servers", "if": "static"}],
        }
        config["backends"]["servers"] |= {
            "stick_table": {"type": "ip", "size": "1m", "expire": "10s", "store": ["http_req_rate(10s)"]},
            "acls": {"too_fast": f"sc1_http_req_rate gt {NEVER}", "mark": "sc0_inc_gpc0 gt 0"},
            "http_request": [
                {"action": "track-sc1", "key": "src"},
                {"action": "deny", "status": 403, "if": "too_fast mark"},
            ],
        }

    frontend = [
        "stick-table type ip size 1m expire 10s store gpc0",
        "tcp-request connection track-sc0 src",
        f"tcp-request connection reject if {marked}",
        f"http-request deny status 403 if {marked}",
        *[f"acl static {line}" for line in static],
        "use_backend servers if static",
    ]
    backend = [
        "stick-table type ip size 1m expire 10s store http_req_rate(10s)",
        "http-request track-sc1 src",
        f"acl too_fast sc1_http_req_rate gt {NEVER}",
        "acl mark sc0_inc_gpc0 gt 0",
        "http-request deny status 403 if too_fast mark",
    ]
    return Rules(corelane, frontend, backend)


def track_rules(keys):
    """One of so many keys a request; with more keys than the table holds, most are new and push the oldest out."""
    key = f"rand({keys})"

    def corelane(config):
        config["frontends"]["bench"] |= {
            "stick_table": {
                "type": "integer", "size": TABLE_SIZE, "expire": "1h", "store": ["gpc0", "http_req_rate(10s)"],
            },
            "http_request": [{"action": "track-sc0", "key": key}, {"action": "sc-inc-gpc0"}],
        }  # fmt: skip

    frontend = [
        f"stick-table type integer size {TABLE_SIZE} expire 1h store gpc0,http_req_rate(10s)",
        f"http-request track-sc0 {key}",
        "http-request sc-inc-gpc0(0)",
    ]
    return Rules(corelane, frontend)


def metrics(cpu_target, added_target_us):
    return [
        Metric("cpu_us", "CPU per request with rules", "us", cpu_target),
        Metric("added_us", "CPU that the rules add", "us", added_target_us, absolute=True),
        Metric("p99_us", "latency p99 with rules", "us", digits=0),
    ]


def run_with(bench, scenario, rules, cpu_target=None, added_target_us=None):
    with contextlib.ExitStack() as stack:
        servers = [start_nginx(bench, stack)]
        starts = {
            "candidate": lambda: start_corelane(bench, servers, mode="http", change=rules.corelane),
            "baseline": lambda: start_haproxy(bench, servers, mode="http", change=rules.haproxy),
            "bare candidate": lambda: start_corelane(bench, servers, mode="http"),
            "bare baseline": lambda: start_haproxy(bench, servers, mode="http"),
        }
        contenders = {role: stack.enter_context(start()) for role, start in starts.items()}
        for proxy in contenders.values():
            wrk(bench, proxy.address, CONNECTIONS, 1)
        samples = interleave(scenario, bench.rounds, contenders, lambda proxy: measure(bench, proxy, CONNECTIONS))
    for role in ("candidate", "baseline"):
        for sample, bare in zip(samples[role], samples.pop(f"bare {role}"), strict=True):
            sample["added_us"] = sample["cpu_us"] - bare["cpu_us"]
    return summarize(scenario, samples, metrics(cpu_target, added_target_us)), []


def run_paths(bench):
    return run_with(bench, "50 path rules", path_rules(), added_target_us=0.5)


def run_flood(bench):
    return run_with(bench, "flood rules", flood_rules(), cpu_target=0.6)


def run_track_hits(bench):
    return run_with(bench, "tracked, known keys", track_rules(TABLE_SIZE // 2))


def run_track_misses(bench):
    return run_with(bench, "tracked, new keys", track_rules(NEVER))
