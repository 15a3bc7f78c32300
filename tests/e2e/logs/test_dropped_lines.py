# SPDX-License-Identifier: Apache-2.0
"""A log target that takes nothing costs lines and nothing else, and each lost line is counted."""

import os
import socket

import pytest
from support import configs
from support.frozen_thread import frozen
from support.peers import ManyConnections, TcpServer, answer, connect, read_exactly, swallow
from support.waiting import wait_until

CONNECTIONS = 4000  # their lines are more than a target's backlog of 1 MiB and a full pipe
LANE_QUEUE = 8192  # log records that a lane keeps for the control thread


class Pipe:
    """A named pipe that is open for reading, for standard output or as a file."""

    def __init__(self, folder, standard_output):
        path = folder / "pipe"
        os.mkfifo(path)
        self._descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.target = "stdout" if standard_output else f"file:{path}"
        self.wrapper = ["sh", "-c", f'exec "$0" "$@" >{path}'] if standard_output else []

    def take(self):
        try:
            return os.read(self._descriptor, 1 << 20)
        except BlockingIOError:
            return b""

    def close(self):
        os.close(self._descriptor)


class Daemon:
    """A syslog daemon on a UNIX datagram socket."""

    def __init__(self, folder):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(folder / "log"))
        self._socket.setblocking(False)
        self.target = f"unix:{folder}/log"
        self.wrapper = []

    def take(self):
        try:
            return self._socket.recv(65536) + b"\n"
        except BlockingIOError:
            return b""

    def close(self):
        self._socket.close()


@pytest.fixture(params=["stdout", "file", "unix"])
def log(request, tmp_path):
    target = Daemon(tmp_path) if request.param == "unix" else Pipe(tmp_path, request.param == "stdout")
    yield target
    target.close()


def take_all(log, text):
    """`text` and what else is there."""
    while more := log.take():
        text += more
    return text


def test_lines_written_and_dropped_are_all_lines(corelane, log):
    with TcpServer(swallow) as server:
        proxy = corelane(configs.tcp(server.address, lanes=2, log=[{"to": log.target}]), wrapper=log.wrapper)

        def counted(key):
            return proxy.stats()["process"][key]

        for _ in range(CONNECTIONS):
            connect(proxy.address()).close()
        wait_until(lambda: counted("log_lines") == CONNECTIONS, "a line was made of every connection")
        dropped = counted("log_dropped")
        assert 0 < dropped < CONNECTIONS

        text = bytearray()
        kept = CONNECTIONS - dropped
        wait_until(lambda: take_all(log, text).count(b"\n") >= kept, f"the {kept} lines that were kept")
        answer(proxy.address(), b"one more")
        wait_until(lambda: take_all(log, text).count(b"\n") > kept, "lines go on")
        lines = text.splitlines()
        assert len(lines) == kept + 1
        assert all(b'"end_reason":' in line and line.endswith(b"}") for line in lines), "a line is broken"
        assert b'"bytes_to_server":8' in lines[-1]
        assert counted("log_dropped") == dropped
        proxy.stop()


def test_records_that_the_control_thread_has_no_time_for_are_counted(corelane):
    """A lane goes on without it, and keeps what its queue holds."""
    beyond = 500
    with ManyConnections() as server:
        proxy = corelane(configs.tcp(server.address))
        with frozen(proxy.pid):
            for _ in range(LANE_QUEUE + beyond):
                connect(proxy.address()).close()
            # The last one's turn has come: the lane has ended those before, but for a few that are closing.
            with connect(proxy.address()) as last:
                last.sendall(b"still served")
                assert read_exactly(last, 12) == b"still served"
                wait_until(lambda: server.open == 1, "the others have ended")

        def counted(key):
            return proxy.stats()["process"][key]

        wait_until(
            lambda: counted("log_lines") + counted("log_dropped") == LANE_QUEUE + beyond + 1, "every record is counted"
        )
        dropped = proxy.stats()["lanes"][0]["log_dropped"]
        assert 0 < dropped <= beyond + 1
        assert counted("log_dropped") == dropped
        assert len(proxy.wait_log(LANE_QUEUE)) == counted("log_lines")
        answer(proxy.address(), b"one more")
        assert proxy.wait_log(LANE_QUEUE + 1 + beyond - dropped + 1)[-1]["bytes_to_server"] == 8
        proxy.stop()
