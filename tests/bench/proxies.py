# SPDX-License-Identifier: Apache-2.0
"""The proxies, configured alike: no logs, the same limits and time-outs."""

import json
import os

from processes import BenchError, Process, free_port

MAX_CONNECTIONS = 6000
HOST = "127.0.0.1"


class Proxy(Process):
    """A running proxy: `name` for tables, `port` where it listens."""

    def __init__(self, name, port, command, bench, log_name, environment=None):
        self.name = name
        self.port = port
        self.address = f"{HOST}:{port}"
        self.log = open(bench.directory / log_name, "ab")
        super().__init__(command, cpus=bench.proxy_cpus, log=self.log, stdout=self.log, env=os.environ | (environment or {}))
        try:
            self.wait_listening(HOST, port)
        except BenchError:
            self.__exit__()
            raise

    def __exit__(self, *details):
        super().__exit__(*details)
        self.log.close()


def corelane_config(port, servers, lanes, pin, mode):
    return {
        "global": {"reactors": lanes, "pin": pin, "max_connections": MAX_CONNECTIONS},
        "defaults": {
            "mode": mode,
            "timeouts": {"connect": "5s", "client": "60s", "server": "60s"},
        },
        "frontends": {"bench": {"bind": [{"address": f"{HOST}:{port}"}], "default_backend": "servers"}},
        "backends": {
            "servers": {
                "balance": "roundrobin",
                "servers": [{"name": f"s{number}", "address": server} for number, server in enumerate(servers)],
            }
        },
    }


def haproxy_config(port, servers, threads, splice, mode):
    lines = [
        "global",
        f"  nbthread {threads}",
        f"  maxconn {MAX_CONNECTIONS}",
        "defaults",
        f"  mode {mode}",
        "  timeout connect 5s",
        "  timeout client 60s",
        "  timeout server 60s",
        "frontend bench",
        f"  bind {HOST}:{port}",
        "  default_backend servers",
        "backend servers",
        "  balance roundrobin",
    ]
    if splice:
        options = ["  option splice-auto", "  option splice-request", "  option splice-response"]
        lines[lines.index("frontend bench"):lines.index("frontend bench")] = options
    lines += [f"  server s{number} {server}" for number, server in enumerate(servers)]
    return "\n".join(lines) + "\n"


def start_corelane(bench, servers, lanes=1, splice=False, mode="tcp", environment=None, change=lambda config: None):
    """`splice` changes nothing: Corelane decides by itself when a flow is worth it. `change` edits the configuration."""
    del splice
    port = free_port()
    config = corelane_config(port, servers, lanes, bench.pin_lanes, mode)
    change(config)
    path = bench.directory / f"corelane-{port}.json"
    path.write_text(json.dumps(config, indent=2))
    return Proxy("corelane", port, [bench.corelane, "run", path], bench, "corelane.log", environment)


def start_haproxy(bench, servers, lanes=1, splice=False, mode="tcp", change=lambda text: text):
    port = free_port()
    path = bench.directory / f"haproxy-{port}.cfg"
    path.write_text(change(haproxy_config(port, servers, lanes, splice, mode)))
    return Proxy("haproxy", port, ["haproxy", "-db", "-q", "-f", path], bench, "haproxy.log")


def start_bare_forwarder(bench, servers, splice=False):
    port = free_port()
    command = [bench.tool("bare_forwarder"), "--listen", f"{HOST}:{port}", "--seconds", 3600]
    for server in servers:
        command += ["--to", server]
    return Proxy("bare forwarder", port, command + (["--splice"] if splice else []), bench, "bare_forwarder.log")


def start_contenders(bench, stack, servers, splice=False, mode="tcp", floor=False):
    """By role, all running; who has no turn sleeps in the kernel. `floor` adds the bare forwarder."""
    start_candidate = start_haproxy if bench.self_check else start_corelane
    starts = {
        "candidate": lambda: start_candidate(bench, servers, splice=splice, mode=mode),
        "baseline": lambda: start_haproxy(bench, servers, splice=splice, mode=mode),
    }
    if floor and bench.floor:
        starts["floor"] = lambda: start_bare_forwarder(bench, servers, splice)
    return {role: stack.enter_context(start()) for role, start in starts.items()}
