# SPDX-License-Identifier: Apache-2.0
"""Short connections of MySQL's shape with the features on that people use there: leastconn, a limit with a queue,
health checks, source addresses, a log line per connection.

The server greets, two exchanges follow (login, a query), the client says goodbye and closes.
"""

import contextlib
import socket

from loads import churn, start_exchange_server
from processes import CpuMeter
from proxies import start_corelane, start_haproxy
from rounds import Metric, interleave, summarize

SERVERS = ["127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5"]
SOURCES = ["127.0.0.31", "127.0.0.32", "127.0.0.33", "127.0.0.34"]
GREETING = 96
SHAPE = ["--greeting", GREETING, "--exchanges", 2, "--goodbye"]
LIMIT = 200

METRICS = [
    Metric("cpu_us", "CPU per connection", "us", 0.85),
    Metric("user_us", "user CPU per connection", "us", pooled_over="connections"),
    Metric("rate", "connections per second", "1/s", digits=0),
    Metric("p99_us", "connect to last reply p99", "us", digits=0),
]


def corelane_features(log):
    def change(config):
        config["global"]["log"] = [{"to": f"udp://{log}"}]
        config["backends"]["servers"] |= {
            "balance": "leastconn",
            "source": {"addresses": SOURCES},
            "check": {"type": "tcp", "interval": "1s"},
            "default_server": {"max_connections": LIMIT},
        }

    return change


def haproxy_features(log):
    """Each server has a source address of its own: HAProxy has no list of them."""

    def change(text):
        text = text.replace("global\n", f"global\n  log {log} local0\n")
        text = text.replace("defaults\n", "defaults\n  log global\n  option tcplog\n")
        text = text.replace("balance roundrobin", "balance leastconn")
        lines = text.splitlines()
        servers = [number for number, line in enumerate(lines) if line.startswith("  server ")]
        for number, source in zip(servers, SOURCES):
            lines[number] += f" check inter 1s maxconn {LIMIT} source {source}"
        return "\n".join(lines) + "\n"

    return change


@contextlib.contextmanager
def log_collector():
    """An address that takes log lines; what nobody reads the kernel drops."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as collector:
        collector.bind(("127.0.0.1", 0))
        yield f"127.0.0.1:{collector.getsockname()[1]}"


def measure(bench, proxy):
    with CpuMeter(proxy) as cpu:
        sample = churn(bench, proxy.address, bench.short_connections, SHAPE)
    sample["cpu_us"] = cpu.total / sample["connections"] * 1e6
    sample["user_us"] = cpu.user / sample["connections"] * 1e6
    sample["rate"] = sample["connections"] / sample["seconds"]
    return sample


def start_contenders(bench, stack, servers, log):
    def haproxy():
        return stack.enter_context(start_haproxy(bench, servers, change=haproxy_features(log)))

    def corelane():
        return stack.enter_context(start_corelane(bench, servers, change=corelane_features(log)))

    return {"candidate": haproxy() if bench.self_check else corelane(), "baseline": haproxy()}


def run(bench):
    with contextlib.ExitStack() as stack:
        servers = start_exchange_server(bench, stack, SERVERS, GREETING)
        contenders = start_contenders(bench, stack, servers, stack.enter_context(log_collector()))
        for proxy in contenders.values():
            churn(bench, proxy.address, 2000, SHAPE)
        samples = interleave("mysql", bench.rounds, contenders, lambda proxy: measure(bench, proxy))
    return summarize("mysql", samples, METRICS), []
