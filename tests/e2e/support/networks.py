# SPDX-License-Identifier: Apache-2.0
"""Networks of a test's own: namespaces, the links between them, and the rules inside."""

import ctypes
import itertools
import json
import os
import subprocess
from contextlib import contextmanager

import pytest

_numbers = itertools.count(1)
_libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000


def missing():
    """Why this machine lets nobody make networks; None: it does."""
    try:
        probe = subprocess.run(
            ["unshare", "--net", "nft", "add table inet t; add chain inet t c { type filter hook prerouting priority 0; };"
             " add rule inet t c tcp dport 1 tproxy ip to :2 meta mark set 1"],
            capture_output=True, text=True, timeout=30,
        )
    except FileNotFoundError as error:
        return f"{error.filename} is not installed"
    return None if probe.returncode == 0 else f"no network namespaces with TPROXY: {probe.stderr.strip()}"


class Namespace:
    """`with namespace:` makes sockets there: they stay when the thread has come back."""

    def __init__(self, name):
        self.name = name
        ip("netns", "add", name)
        try:
            self.ip("link", "set", "lo", "up")
            # What is not taken by a program there ends there.
            for family in ("ipv4", "ipv6"):
                self.sysctl(f"net.{family}.conf.all.forwarding", 0)
            for key in ("all", "default"):
                self.sysctl(f"net.ipv4.conf.{key}.rp_filter", 0)
                self.sysctl(f"net.ipv6.conf.{key}.accept_dad", 0)
        except BaseException:
            self.remove()
            raise

    def remove(self):
        subprocess.run(["ip", "netns", "delete", self.name], capture_output=True, timeout=30)

    @property
    def wrapper(self):
        """What a command is put behind to run there."""
        return ["ip", "netns", "exec", self.name]

    def run(self, *command, text=None):
        done = subprocess.run([*self.wrapper, *command], input=text, capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, f"{self.name}: {' '.join(command)}: {done.stderr}"
        return done.stdout

    def ip(self, *arguments):
        return ip("-n", self.name, *arguments)

    def sysctl(self, key, value):
        self.run("sysctl", "-qw", f"{key}={value}")

    def nft(self, rules):
        self.run("nft", "-f", "-", text=rules)

    def counted(self, counter):
        """Packets that a named counter of table `inet t` has seen."""
        listed = json.loads(self.run("nft", "-j", "list", "counter", "inet", "t", counter))
        return next(entry["counter"]["packets"] for entry in listed["nftables"] if "counter" in entry)

    def deliver_marked(self):
        """Packets with the mark 1 are for this machine, whatever their destination: what TPROXY asks for."""
        for family, every in (("-4", "0.0.0.0/0"), ("-6", "::/0")):
            self.ip(family, "rule", "add", "fwmark", "1", "lookup", "100")
            self.ip(family, "route", "add", "local", every, "dev", "lo", "table", "100")

    def __enter__(self):
        self._home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        there = os.open(f"/run/netns/{self.name}", os.O_RDONLY)
        try:
            enter(there)
        finally:
            os.close(there)
        return self

    def __exit__(self, *_):
        try:
            enter(self._home)
        finally:
            os.close(self._home)


def enter(descriptor):
    """This thread alone."""
    if _libc.setns(descriptor, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns")


def ip(*arguments):
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, f"ip {' '.join(arguments)}: {done.stderr}"
    return done.stdout


class Networks:
    def __init__(self):
        self._made = []

    def namespace(self, label):
        self._made.append(Namespace(f"cl-{os.getpid()}-{next(_numbers)}-{label}"))
        return self._made[-1]

    def link(self, one, one_device, one_addresses, other, other_device, other_addresses):
        """A cable between two namespaces, with addresses (and their prefixes) at both ends."""
        one.ip("link", "add", one_device, "type", "veth", "peer", "name", other_device, "netns", other.name)
        for end, device, addresses in ((one, one_device, one_addresses), (other, other_device, other_addresses)):
            for address in addresses:
                end.ip("address", "add", address, "dev", device, *(["nodad"] if ":" in address else []))
        for end, device in ((one, one_device), (other, other_device)):
            end.ip("link", "set", device, "up")

    def remove(self):
        for namespace in self._made:
            namespace.remove()


@contextmanager
def networks():
    """Networks that are gone afterwards, whatever happens; the test is skipped where none can be made."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    made = Networks()
    try:
        yield made
    finally:
        made.remove()


def at(ip, port):
    return f"[{ip}]:{port}" if ":" in ip else f"{ip}:{port}"
