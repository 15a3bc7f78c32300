# SPDX-License-Identifier: Apache-2.0
"""A network namespace for the benchmark: its own loopback device, and a congestion control that does not pace."""

import contextlib
import os
import subprocess
import sys

MARK = "CORELANE_BENCH_NAMESPACE"
SYSCTL = "/proc/sys/net/ipv4/tcp_congestion_control"
TIME_WAIT_REUSE = "/proc/sys/net/ipv4/tcp_tw_reuse"
CONGESTION_CONTROL = "reno"  # the one that every namespace may choose
HOST_CONTROL = "CORELANE_BENCH_HOST_CONTROL"


def congestion_control():
    with open(SYSCTL, encoding="ascii") as value:
        return value.read().strip()


def enter():
    """Starts this program once more inside a namespace of its own; comes back only where that is not possible."""
    if MARK in os.environ:
        return
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--user", "--map-root-user", "--net"]
    prepare = f"ip link set lo up && sysctl -qw net.ipv4.tcp_congestion_control={CONGESTION_CONTROL}"
    if subprocess.run([*unshare, "sh", "-c", prepare], capture_output=True, check=False).returncode != 0:
        return
    os.environ[MARK] = "1"
    os.environ[HOST_CONTROL] = congestion_control()
    os.execvp(unshare[0], [*unshare, "sh", "-c", f'{prepare} && exec "$0" "$@"', sys.executable, *sys.argv])


def own():
    """Whether this is a network that root made for the benchmark: others may be added to it."""
    return MARK in os.environ and os.geteuid() == 0


@contextlib.contextmanager
def without_time_wait_reuse():
    """Loopback lets a port in TIME_WAIT be used again after a second, which no other network does; only in a namespace of
    our own can it be told not to."""
    if MARK not in os.environ:
        yield
        return
    with open(TIME_WAIT_REUSE, encoding="ascii") as value:
        before = value.read()
    write(TIME_WAIT_REUSE, "0")
    try:
        yield
    finally:
        write(TIME_WAIT_REUSE, before)


def write(path, value):
    with open(path, "w", encoding="ascii") as file:
        file.write(value)


def described():
    """Which network was measured, for the report."""
    if MARK in os.environ:
        return f"network namespace of its own with {congestion_control()} (the host has {os.environ[HOST_CONTROL]})"
    return f"the host's network with {congestion_control()}"
