# SPDX-License-Identifier: Apache-2.0
"""One line per connection, to where the configuration says."""

import json
import re
import signal
import socket

import pytest
from support import configs
from support.peers import TcpServer, answer, connect, echo
from support.waiting import wait_until

# HAProxy's tcplog: client [date] frontend backend/server Tw/Tc/Tt bytes state actconn/feconn/beconn/srv/retries queues
TCPLOG = re.compile(
    r"(?P<client>127\.0\.0\.1:\d+) \[(?P<date>\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d\.\d{3})\] "
    r"(?P<frontend>\S+) (?P<backend>\S+)/(?P<server>\S+) (?P<tw>-?\d+)/(?P<tc>-?\d+)/\+?(?P<tt>\d+) "
    r"(?P<bytes>\d+) (?P<state>\S\S) \d+/\d+/\d+/\d+/\+?\d+ \d+/\d+$"
)


@pytest.mark.sanitize
def test_tcp_format_in_a_file(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, frontend={"log_format": "tcp"})
        assert answer(proxy.address(), b"hello") == b"hello"
        line = wait_until(proxy.log_lines, "a log line")[0]
        fields = TCPLOG.search(line)
        assert fields, line
        assert fields.group("frontend", "backend", "server", "bytes", "state") == ("f", "b", "s1", "5", "--")
        assert int(fields["tw"]) >= 0 and int(fields["tc"]) >= 0


@pytest.mark.sanitize
def test_json_format(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address)
        assert answer(proxy.address(), b"hello") == b"hello"
        record = proxy.wait_log()[0]
        assert (record["frontend"], record["backend"], record["server"]) == ("f", "b", "s1")
        assert record["bytes_to_server"] == record["bytes_to_client"] == 5
        assert (record["end_reason"], record["termination_state"]) == ("completed", "--")


def test_standard_output(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, log=[{"to": "stdout"}])
        answer(proxy.address(), b"hello")
        wait_until(lambda: '"end_reason"' in proxy.stdout, "a log line on standard output")
        records = [json.loads(line) for line in proxy.stdout.splitlines()]
        assert records[-1]["end_reason"] == "completed"


@pytest.fixture(params=["udp", "unix"])
def collector(request, tmp_path):
    """(target, socket) of a syslog daemon."""
    if request.param == "udp":
        daemon = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        daemon.bind(("127.0.0.1", 0))
        target = "udp://127.0.0.1:%d" % daemon.getsockname()[1]
    else:
        daemon = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        daemon.bind(str(tmp_path / "log"))
        target = f"unix:{tmp_path}/log"
    daemon.settimeout(30)
    with daemon:
        yield target, daemon


@pytest.mark.parametrize("log_format", ["tcp", "json"])
def test_syslog(balancer, collector, log_format):
    target, daemon = collector
    with TcpServer(echo) as server:
        proxy = balancer(
            server.address, log=[{"to": target, "facility": "local2"}], frontend={"log_format": log_format}
        )
        answer(proxy.address(), b"hello")
        message = daemon.recv(65536).decode()
    priority, _, rest = message.partition(">")
    assert priority == f"<{18 * 8 + 6}", "local2.info"
    if log_format == "json":
        assert json.loads(rest[rest.index("{") :])["end_reason"] == "completed"
    else:
        assert TCPLOG.search(rest.rstrip("\n")), message


def test_two_targets(balancer, tmp_path):
    with TcpServer(echo) as server:
        paths = [tmp_path / "one.log", tmp_path / "two.log"]
        proxy = balancer(server.address, log=[{"to": f"file:{path}"} for path in paths])
        answer(proxy.address(), b"hello")
        for path in paths:
            wait_until(lambda: path.exists() and path.read_text().endswith("\n"), f"a line in {path.name}")


def test_usr1_reopens_files(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address)
        answer(proxy.address(), b"1")
        proxy.wait_log()
        rotated = proxy.log_path.with_suffix(".old")
        proxy.log_path.rename(rotated)
        answer(proxy.address(), b"2")
        wait_until(lambda: len(rotated.read_text().splitlines()) == 2, "the open file is still written to")
        proxy.signal(signal.SIGUSR1)
        wait_until(proxy.log_path.exists, "a new file")
        answer(proxy.address(), b"3")
        proxy.wait_log()
        assert len(rotated.read_text().splitlines()) == 2


def test_connections_that_carried_nothing(balancer):
    with TcpServer(echo) as server:
        proxy = balancer(server.address, frontend={"dont_log_null": True})
        for _ in range(3):
            connect(proxy.address()).close()
        answer(proxy.address(), b"hello")
        wait_until(lambda: proxy.frontend("f")["connections_total"] == 4, "four connections came")
        proxy.stop()
        assert [record["bytes_to_server"] for record in proxy.records()] == [5]


@pytest.mark.sanitize
@pytest.mark.lanes
def test_every_connection_has_its_line(balancer):
    """Lines of several lanes, all written by the time the process has ended."""
    with TcpServer(echo) as server:
        proxy = balancer(server.address, lanes=2)
        for number in range(300):
            assert answer(proxy.address(), b"%d" % number) == b"%d" % number
        proxy.stop()
        records = proxy.records()
        assert len(records) == 300
        assert sum(record["bytes_to_server"] for record in records) == sum(len(str(n)) for n in range(300))


def test_a_log_that_cannot_be_opened(corelane):
    config = configs.tcp("127.0.0.1:9", log=[{"to": "file:/no/such/folder/corelane.log"}])
    proxy = corelane(config, wait_for=None)
    assert proxy.wait() == 3
    assert "/no/such/folder/corelane.log" in proxy.stderr
