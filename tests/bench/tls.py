# SPDX-License-Identifier: Apache-2.0
"""TLS towards clients: handshakes, whole and resumed, small keep-alive requests, downloads, idle connections."""

import contextlib
import re
import socket
import ssl
import subprocess
import time

from loads import BULK_BYTES, run, start_nginx, wrk
from processes import BenchError, CpuMeter
from proxies import start_corelane, start_haproxy
from rounds import Metric, interleave, single, summarize

KEYS = {
    "P-256": ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"],
    "RSA-2048": ["-newkey", "rsa:2048"],
}
# s_time comes back to sessions of TLS 1.2 alone: it ends before a ticket of TLS 1.3 is there.
WHOLE = ["-new", "-tls1_3"]
RESUMED = ["-reuse", "-tls1_2"]
CONNECTIONS = 64
IDLE_CONNECTIONS = 1000
DOWNLOADS = 4
PER_CPU = Metric("per_cpu_s", "handshakes per CPU second", "1/s", 1.2, at_least=True, digits=0)
PER_CPU_RSA = Metric("per_cpu_s", "handshakes per CPU second", "1/s", 1.1, at_least=True, digits=0)
REQUESTS = [
    Metric("cpu_us", "CPU per request", "us", 0.6),
    Metric("p99_us", "latency p99", "us", digits=0),
]
BULK = [Metric("gb_per_cpu_s", "GB per CPU second", "GB/s", 1.0, at_least=True)]
IDLE = [Metric("Rss", "resident per idle connection", "KB", 10, absolute=True)]


def make_certificate(bench, key):
    """A file with a certificate and its key, of its own authority."""
    path = bench.directory / f"{key}.pem"
    if not path.exists():
        parts = [bench.directory / f"{key}.{end}" for end in ("key", "crt")]
        command = ["openssl", "req", "-x509", *KEYS[key], "-nodes", "-subj", "/CN=bench", "-days", "30",
                   "-keyout", parts[0], "-out", parts[1]]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def starts(bench, servers, certificate):
    """By role: the same for both."""

    def corelane(config):
        config["frontends"]["bench"]["bind"][0]["tls"] = {"certificates": [str(certificate)]}

    def haproxy(text):
        return re.sub(r"^(  bind \S+)$", rf"\1 ssl crt {certificate}", text, flags=re.MULTILINE)

    return {
        "candidate": lambda: start_corelane(bench, servers, mode="http", change=corelane),
        "baseline": lambda: start_haproxy(bench, servers, mode="http", change=haproxy),
    }


def compare(bench, scenario, key, measure, metrics, rounds):
    with contextlib.ExitStack() as stack:
        servers = [start_nginx(bench, stack)]
        ready = starts(bench, servers, make_certificate(bench, key))
        contenders = {role: stack.enter_context(start()) for role, start in ready.items()}
        for proxy in contenders.values():
            wrk(bench, proxy.address, CONNECTIONS, 1, scheme="https")
        samples = interleave(scenario, rounds, contenders, lambda proxy: measure(bench, proxy))
    return summarize(scenario, samples, metrics), []


def handshakes(options):
    def measure(bench, proxy):
        command = ["openssl", "s_time", "-connect", proxy.address, "-time", bench.seconds, *options]
        with CpuMeter(proxy) as cpu:
            said = run(bench, command, bench.seconds + 30)
        counts = re.findall(r"(\d+) connections in \d+ real seconds", said)
        if not counts or int(counts[-1]) == 0:
            raise BenchError(f"no handshake in a whole turn:\n{said}")
        return {"per_cpu_s": int(counts[-1]) / cpu.total}

    return measure


def small_requests(bench, proxy):
    with CpuMeter(proxy) as cpu:
        sample = wrk(bench, proxy.address, CONNECTIONS, bench.seconds, scheme="https")
    return sample | {"cpu_us": cpu.total / sample["requests"] * 1e6}


def downloads(bench, proxy):
    urls = []
    for _ in range(DOWNLOADS):
        urls += ["-o", "/dev/null", f"https://{proxy.address}/bulk"]
    command = ["curl", "--insecure", "--silent", "--fail", "--max-time", 60, "--parallel", *urls]
    with CpuMeter(proxy) as cpu:
        run(bench, command, 90)
    return {"gb_per_cpu_s": DOWNLOADS * BULK_BYTES / 1e9 / cpu.total}


def run_whole(key, metric):
    return lambda bench: compare(bench, f"tls 1.3 handshakes, {key}", key, handshakes(WHOLE), [metric], bench.rounds)


run_p256 = run_whole("P-256", PER_CPU)
run_rsa = run_whole("RSA-2048", PER_CPU_RSA)


def run_resumed(bench):
    return compare(bench, "tls 1.2 handshakes, resumed", "P-256", handshakes(RESUMED), [PER_CPU], bench.rounds)


def run_requests(bench):
    return compare(bench, f"https keepalive{CONNECTIONS}", "P-256", small_requests, REQUESTS, bench.rounds)


def run_bulk(bench):
    return compare(bench, "https bulk", "P-256", downloads, BULK, bench.bulk_rounds)


def idle_memory(bench, start):
    """In a fresh process, warmed by a few connections, of connections that have carried nothing but their handshake."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE

    def connect():
        return context.wrap_socket(socket.create_connection((proxy.address.partition(":")[0], proxy.port), 10))

    with start() as proxy:
        wrk(bench, proxy.address, 20, 1, scheme="https")
        time.sleep(1)
        before = proxy.memory_kb()
        held = [connect() for _ in range(IDLE_CONNECTIONS)]
        time.sleep(1)
        after = proxy.memory_kb()
        for connection in held:
            connection.close()
        proxy.check_alive()
    return {"Rss": (after["Rss"] - before["Rss"]) / IDLE_CONNECTIONS}


def run_idle(bench):
    with contextlib.ExitStack() as stack:
        servers = [start_nginx(bench, stack)]
        ready = starts(bench, servers, make_certificate(bench, "P-256"))
        samples = single(idle_memory(bench, ready["candidate"]), idle_memory(bench, ready["baseline"]))
    return summarize("idle over tls", samples, IDLE), [f"idle over tls: {IDLE_CONNECTIONS} connections, one run."]
