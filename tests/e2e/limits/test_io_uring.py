# SPDX-License-Identifier: Apache-2.0
"""What it says where io_uring is forbidden or memory may not be locked."""

import subprocess
from pathlib import Path

from support import configs
from support.peers import TcpServer, answer, echo
from support.process import BINARY

WITHOUT_IO_URING = ["/usr/bin/python3", Path(__file__).parents[1] / "support/without_io_uring.py"]


def test_io_uring_forbidden(corelane):
    proxy = corelane(configs.tcp("127.0.0.1:9"), wrapper=WITHOUT_IO_URING, wait_for=None)
    assert proxy.wait() == 3
    assert "io_uring" in proxy.stderr and "seccomp" in proxy.stderr, proxy.stderr


def test_doctor_where_io_uring_is_forbidden():
    done = subprocess.run([*WITHOUT_IO_URING, BINARY, "doctor"], capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "seccomp" in done.stdout, done.stdout


def test_no_locked_memory(corelane):
    """Rings count as locked memory before Linux 5.12 only."""
    with TcpServer(echo) as server:
        proxy = corelane(configs.tcp(server.address, lanes=2), wrapper=["prlimit", "--memlock=0:0"])
        assert answer(proxy.address(), b"hello") == b"hello"
