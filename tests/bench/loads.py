# SPDX-License-Identifier: Apache-2.0
"""Origins and load generators. Every load is bounded in count and in time."""

import contextlib
import json
import re
import subprocess

from processes import BenchError, Process, free_port
from proxies import HOST

BULK_BYTES = 64 * 1024 * 1024
FILES = {"10k": 10_000, "1m": 1_000_000, "bulk": BULK_BYTES}
EXCHANGE_ADDRESSES = [f"127.0.0.{last}" for last in range(2, 10)]

NGINX_CONFIG = """daemon off;
master_process off;
pid {directory}/nginx.pid;
error_log {directory}/nginx.log crit;
events {{ worker_connections 4096; }}
http {{
  access_log off;
  sendfile on;
  keepalive_timeout 300s;
  keepalive_requests 1000000000;
  client_body_temp_path {directory}/body;
  proxy_temp_path {directory}/proxy;
  fastcgi_temp_path {directory}/fastcgi;
  uwsgi_temp_path {directory}/uwsgi;
  scgi_temp_path {directory}/scgi;
  server {{
    listen {host}:{port} backlog=4096;
    location = /small {{ default_type text/plain; return 200 "corelane bench\\n"; }}
    location / {{ root {directory}/files; }}
  }}
}}
"""


def start_nginx(bench, stack):
    """Address of an nginx with a small answer at /small, and FILES."""
    port = free_port()
    files = bench.directory / "files"
    files.mkdir(exist_ok=True)
    for name, size in FILES.items():
        if not (files / name).exists():
            (files / name).write_bytes(bytes(range(256)) * (size // 256) + bytes(size % 256))
    path = bench.directory / f"nginx-{port}.conf"
    path.write_text(NGINX_CONFIG.format(directory=bench.directory, host=HOST, port=port))
    # -e: the error log that is used before the configuration is read.
    command = ["nginx", "-e", bench.directory / "nginx.log", "-c", path]
    nginx = stack.enter_context(Process(command, cpus=bench.load_cpus))
    nginx.wait_listening(HOST, port)
    return f"{HOST}:{port}"


def start_exchange_server(bench, stack, hosts=EXCHANGE_ADDRESSES, greeting=0):
    """Addresses of one exchange server that listens on several, so that a proxy has source ports enough."""
    port = free_port(hosts)
    addresses = [f"{host}:{port}" for host in hosts]
    command = [bench.tool("exchange_server"), "--greeting", greeting]
    for address in addresses:
        command += ["--listen", address]
    server = stack.enter_context(Process(command + ["--seconds", 1800], cpus=bench.load_cpus))
    server.wait_listening(hosts[0], port)
    return addresses


def run(bench, command, timeout_s):
    """Standard output of a load generator on the load's CPUs."""
    words = [str(word) for word in command]
    if bench.load_cpus:
        words = ["taskset", "-c", ",".join(map(str, sorted(bench.load_cpus)))] + words
    done = subprocess.run(words, capture_output=True, text=True, timeout=timeout_s, check=False)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(words)}: status {done.returncode}: {done.stdout}{done.stderr}")
    return done.stdout


def wrk(bench, address, connections, seconds, path="small", scheme="http"):
    """Requests in all, per second, latencies in microseconds; `late`: answers that took more than 2 s."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", f"{scheme}://{address}/{path}"]
    return parse_wrk(run(bench, command, seconds + 30))


def parse_wrk(text):
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    broken = sum(map(int, errors.groups()[:3])) if errors else 0
    if "Non-2xx" in text or broken > 0:
        raise BenchError(f"wrk met errors:\n{text}")
    scale = {"us": 1.0, "ms": 1e3, "s": 1e6, "m": 60e6}
    found = {"late": int(errors.group(4)) if errors else 0}
    for percent, number, unit in re.findall(r"^\s+(\d+)%\s+([\d.]+)(us|ms|s|m) *$", text, re.MULTILINE):
        found[f"p{percent}_us"] = float(number) * scale[unit]
    found["requests"] = int(re.search(r"(\d+) requests in", text).group(1))
    if found["requests"] == 0:
        raise BenchError("no answer in a whole turn: the proxy is stuck, or the machine is far too busy to measure")
    found["rate"] = float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1))
    return found


def churn(bench, address, connections, shape=(), seconds=60):
    """Connections of one small exchange each, 32 open at a time; `shape`: further arguments."""
    command = [bench.tool("exchange_client"), "churn", "--to", address, "--connections", connections, *shape]
    return json.loads(run(bench, command + ["--concurrency", 32, "--seconds", seconds], seconds + 30))


def download(bench, address):
    """Four files at a time, one by each stream."""
    command = [bench.tool("download_client"), "--from", address, "--path", "/bulk", "--size", BULK_BYTES]
    return json.loads(run(bench, command + ["--streams", 4, "--seconds", 60], 90))


@contextlib.contextmanager
def held_connections(bench, address, count, *options):
    """`count` connections for the time of the block, idle after what `options` say."""
    with open_connections(bench, "hold", address, count, options):
        yield


@contextlib.contextmanager
def dripping_connections(bench, address, count, text):
    """`count` connections that send a byte a second for the time of the block, beginning with `text`."""
    with open_connections(bench, "drip", address, count, ["--text", text]):
        yield


@contextlib.contextmanager
def open_connections(bench, verb, address, count, options):
    command = [bench.tool("exchange_client"), verb, "--to", address, "--connections", count]
    command += ["--seconds", 300, *options]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with Process(command, cpus=bench.load_cpus, **pipes) as holder:
        line = holder.child.stdout.readline()
        if not line or json.loads(line)["held"] != count:
            raise BenchError(f"could not open {count} connections to {address}")
        yield
        holder.child.stdin.close()
        holder.child.wait(timeout=20)
        holder.child.stdout.close()
