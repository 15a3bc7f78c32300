# SPDX-License-Identifier: Apache-2.0
"""Listeners in a network of their own at the other end of a cable, as servers on other machines would be.

On loopback whoever sends also does the receiver's work: a check there pays for the server's half of the handshake. Here
each end of the cable has a thread of the kernel that receives for it (threaded NAPI), so that the two halves can be told
apart: what the proxy's end receives is the proxy's, what the servers' end receives is not.

Started as a program it is the servers' end: it waits for its device, listens, and tells its addresses.
"""

import array
import contextlib
import fcntl
import socket
import struct
import subprocess
import sys
from pathlib import Path

from processes import BenchError

DEVICE, THEIR_DEVICE = "check0", "check1"
ADDRESS, THEIR_ADDRESS = "10.99.0.1", "10.99.0.2"
SIOCETHTOOL, ETHTOOL_STSO, ETHTOOL_SGRO = 0x8946, 0x1F, 0x2C


def run(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"{' '.join(command)}: {done.stderr.strip()}")


def set_feature(device, feature, on):
    value = array.array("I", [feature, on])
    request = struct.pack("16sP", device.encode(), value.buffer_info()[0]).ljust(40, b"\0")
    with socket.socket() as any_socket:
        fcntl.ioctl(any_socket, SIOCETHTOOL, request)


def receive_in_a_thread(device):
    """Has a kernel thread receive for the device of this network. A veth polls (NAPI) where it merges segments and the
    other end does not send them merged."""
    set_feature(device, ETHTOOL_SGRO, 1)
    set_feature(device, ETHTOOL_STSO, 0)
    run("unshare", "--mount", "sh", "-c", f"mount -t sysfs none /sys && echo 1 > /sys/class/net/{device}/threaded")


def receiving_threads(device):
    """The kernel's threads that receive for it: napi/DEVICE-NUMBER. Their names say nothing of the network."""
    found = set()
    for comm in Path("/proc").glob("[0-9]*/comm"):
        with contextlib.suppress(OSError):
            if comm.read_text().startswith(f"napi/{device}-"):
                found.add(int(comm.parent.name))
    return found


def set_up(device, address):
    run("ip", "address", "add", f"{address}/24", "dev", device)
    run("ip", "link", "set", device, "up")
    receive_in_a_thread(device)


class Cable:
    """`listeners`: the servers' addresses. `receiver`: the id of the thread that receives for this end."""

    def __init__(self, count):
        self._servers = subprocess.Popen(
            ["unshare", "--net", sys.executable, __file__, str(count)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        self._servers.stdout.readline()  # it is in its own network
        before = receiving_threads(DEVICE)
        run("ip", "link", "add", DEVICE, "type", "veth", "peer", "name", THEIR_DEVICE, "netns", str(self._servers.pid))
        set_up(DEVICE, ADDRESS)
        self._servers.stdin.write("\n")
        self._servers.stdin.flush()
        self.listeners = self._servers.stdout.readline().split()
        if len(self.listeners) != count:
            raise BenchError("the servers' end of the cable did not come up")
        made = receiving_threads(DEVICE) - before
        if len(made) != 1:
            raise BenchError(f"{len(made)} threads receive for {DEVICE}")
        self.receiver = made.pop()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        run("ip", "link", "delete", DEVICE)
        self._servers.stdin.close()
        self._servers.wait(timeout=10)


def serve(count):
    print("ready", flush=True)
    sys.stdin.readline()
    set_up(THEIR_DEVICE, THEIR_ADDRESS)
    listeners = [socket.create_server((THEIR_ADDRESS, 0), backlog=4096) for _ in range(count)]
    print(*(f"{THEIR_ADDRESS}:{listener.getsockname()[1]}" for listener in listeners), flush=True)
    sys.stdin.read()


if __name__ == "__main__":
    serve(int(sys.argv[1]))
