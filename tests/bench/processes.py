# SPDX-License-Identifier: Apache-2.0
"""Starting, pinning, watching and ending the processes of a benchmark, each by its own id."""

import ctypes
import os
import resource
import signal
import socket
import subprocess
import time

LIBC = ctypes.CDLL(None, use_errno=True)
READY_TIMEOUT_S = 10


class BenchError(Exception):
    """The benchmark cannot go on; the text says why."""


def free_port(addresses=("127.0.0.1",)):
    """A TCP port that is free on every one of the addresses."""
    for _ in range(50):
        with socket.socket() as probe:
            probe.bind((addresses[0], 0))
            port = probe.getsockname()[1]
        if all(port_is_free(address, port) for address in addresses):
            return port
    raise BenchError(f"no port is free on all of {', '.join(addresses)}")


def port_is_free(address, port):
    with socket.socket() as probe:
        try:
            probe.bind((address, port))
        except OSError:
            return False
    return True


def established(address, port):
    """Connections established to a local listener, as the kernel sees them."""
    packed = int.from_bytes(socket.inet_aton(address), "little")
    local = f"{packed:08X}:{port:04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table]
    return sum(1 for row in rows if row[1] == local and row[3] == "01")


class Process:
    """One child process, pinned to `cpus` when these are given; ended and reaped when the `with` block ends."""

    running = set()

    def __init__(self, command, cpus=None, log=subprocess.DEVNULL, **options):
        self.command = [str(word) for word in command]
        pin = (lambda: os.sched_setaffinity(0, cpus)) if cpus else None
        self.child = subprocess.Popen(self.command, preexec_fn=pin, stderr=log, **options)
        self.pid = self.child.pid
        self._clock = None
        Process.running.add(self)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.child.poll() is None:
            self.child.send_signal(signal.SIGTERM)
            try:
                self.child.wait(timeout=3)
            except subprocess.TimeoutExpired:
                self.child.kill()
        self.child.wait()
        Process.running.discard(self)

    def wait_listening(self, address, port):
        """Until it accepts there; a process that ended first is an error."""
        deadline = time.monotonic() + READY_TIMEOUT_S
        while time.monotonic() < deadline:
            self.check_alive()
            try:
                socket.create_connection((address, port), timeout=1).close()
                return
            except OSError:
                time.sleep(0.02)
        raise BenchError(f"{self.command[0]} does not listen on {address}:{port}")

    def check_alive(self):
        if self.child.poll() is not None:
            raise BenchError(f"{self.command[0]} ended with status {self.child.returncode}")

    def cpu_seconds(self):
        """User and system time of all its threads, ended ones too, to the nanosecond."""
        if self._clock is None:
            clock = ctypes.c_int()
            if LIBC.clock_getcpuclockid(self.pid, ctypes.byref(clock)) != 0:
                raise BenchError(f"no CPU clock for process {self.pid}")
            self._clock = clock.value
        return time.clock_gettime_ns(self._clock) / 1e9

    def user_seconds(self):
        """User time; the kernel samples it and rounds it to 10 ms, so measure over seconds."""
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        return int(fields[11]) / os.sysconf("SC_CLK_TCK")

    def memory_kb(self):
        """Resident and private dirty memory."""
        with open(f"/proc/{self.pid}/smaps_rollup", encoding="ascii") as rollup:
            rows = dict(line.split(":") for line in rollup if line.endswith("kB\n"))
        return {name: int(rows[name].split()[0]) for name in ("Rss", "Private_Dirty")}


class CpuMeter:
    """CPU time of a process between entering and leaving the block."""

    def __init__(self, process):
        self.process = process
        self.total = self.user = 0.0

    def __enter__(self):
        self.total = self.process.cpu_seconds()
        self.user = self.process.user_seconds()
        return self

    def __exit__(self, *_):
        self.process.check_alive()
        self.total = self.process.cpu_seconds() - self.total
        self.user = self.process.user_seconds() - self.user


class Bystanders:
    """The share of the machine that processes outside the benchmark took since this was made."""

    def __init__(self):
        self.start = self._snapshot()

    def _snapshot(self):
        with open("/proc/stat", encoding="ascii") as stat:
            ticks = [int(field) for field in stat.readline().split()[1:9]]
        own = sum(sum(resource.getrusage(who)[:2]) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        own += sum(process.cpu_seconds() for process in Process.running)
        idle = ticks[3] + ticks[4]
        return sum(ticks), sum(ticks) - idle, own * os.sysconf("SC_CLK_TCK")

    def share(self):
        total, busy, own = (now - then for now, then in zip(self._snapshot(), self.start))
        return max(0.0, (busy - own) / total) if total else 0.0
